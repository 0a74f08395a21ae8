import { once } from 'node:events';
import { type Socket } from 'node:net';
import { Injectable, Inject, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import pg from 'pg';
import { DataSource } from 'typeorm';
import {
  clientConfig,
  DATA_SOURCE,
  DatabaseModule,
  migrate,
  PG_POOL,
  type DatabaseModuleOptions,
} from '../../../src/database/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let application: INestApplicationContext | undefined;

beforeEach(async () => {
  database = await createTestDatabase();
  application = undefined;
});

afterEach(async () => {
  await application?.close();
  await database.drop();
});

const start = async (options: Partial<DatabaseModuleOptions> = {}): Promise<INestApplicationContext> => {
  const module = DatabaseModule.forRoot({ url: database.url, schema: database.schema, ...options });
  application = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  return application;
};

const pool = (): pg.Pool => application!.get<pg.Pool>(PG_POOL);
const dataSource = (): DataSource => application!.get<DataSource>(getDataSourceToken(DATA_SOURCE));

describe('connections', () => {
  it('of both kinds mean our schema, name us, and end what hangs', async () => {
    await start({ applicationName: 'genledger worker', statementTimeoutMs: 1234 });
    const sql =
      "select current_schema() as schema, current_setting('application_name') as name, current_setting('statement_timeout') as timeout, 9007199254740991::bigint as big";
    const expected = { schema: 'genledger', name: 'genledger worker', timeout: '1234ms', big: 2 ** 53 - 1 };
    expect((await pool().query(sql)).rows).toEqual([expected]);
    expect(await dataSource().query(sql)).toEqual([expected]);
  });

  it('keep options that the connection string brings', async () => {
    const url = new URL(database.url);
    url.searchParams.set('options', '-c work_mem=7MB');
    await start({ url: url.href });
    const sql = "select current_schema() as schema, current_setting('work_mem') as memory";
    expect((await pool().query(sql)).rows).toEqual([{ schema: 'genledger', memory: '7MB' }]);
    expect(await dataSource().query(sql)).toEqual([{ schema: 'genledger', memory: '7MB' }]);
  });

  it('read lists of bigint as numbers, and refuse what would be rounded', async () => {
    await start();
    expect((await pool().query('select array[1, null, -2]::bigint[] as list')).rows).toEqual([
      { list: [1, null, -2] },
    ]);
    await expect(pool().query('select 9007199254740993::bigint')).rejects.toThrow('without rounding');
  });

  it('leave the types of other users of pg alone', async () => {
    await start();
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    expect((await other.query('select 1::bigint as one')).rows).toEqual([{ one: '1' }]);
    await other.end();
  });

  it('that are lost, idle or held, cost their own query and nothing else', async () => {
    await start();
    const held = await pool().connect();
    await dataSource().query('select 1');
    const lost = new Promise((resolve) => held.once('end', resolve));
    await database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'genledger'",
    );
    await lost;
    await expect(held.query('select 1')).rejects.toThrow();
    held.release(true);
    expect((await pool().query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(await dataSource().query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('that fall silent fail what is under way, a little later than the database would, and are replaced', async () => {
    await start({ statementTimeoutMs: 300, poolSize: 1 });
    const runner = dataSource().createQueryRunner();
    const held = await pool().connect();
    await runner.startTransaction();
    const pidOf = 'select pg_backend_pid() as pid';
    const [inTransaction] = (await runner.query(pidOf)) as { pid: number }[];
    const inPool = (await held.query<{ pid: number }>(pidOf)).rows[0];
    const frozen = [inTransaction!.pid, inPool!.pid];
    frozen.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    try {
      const silence = 'The database did not answer within 2300 ms.';
      const asked = [held.query('select 1'), held.query('select 2'), runner.query('select 1')];
      for (const answer of asked) await expect(answer).rejects.toThrow(silence);
      held.release();
      await runner.release();
      expect((await pool().query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      expect(await dataSource().query('select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      frozen.forEach((pid) => process.kill(pid, 'SIGCONT'));
    }
  });

  it('that are being closed are not told as lost when the server goes at that very moment', async () => {
    await start();
    const client = await pool().connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    client.release();
    const told: Error[] = [];
    pool().on('error', (error) => told.push(error));
    const ended = once(client, 'end');
    process.kill(rows[0]!.pid, 'SIGSTOP');
    try {
      await pool().end();
      await database.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
    } finally {
      process.kill(rows[0]!.pid, 'SIGCONT');
    }
    await ended;
    expect(told).toEqual([]);
  });

  it('with nothing to answer may be quiet for longer', async () => {
    await start({ statementTimeoutMs: 1 });
    const held = await pool().connect();
    await held.query('select 1');
    await new Promise((resolve) => (held.connection.stream as Socket).once('timeout', resolve));
    expect((await held.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    held.release();
  });
});

describe('the schema at start', () => {
  it('is made when there is none', async () => {
    await start({ schema: 'fresh' });
    expect((await pool().query("select to_regclass('event') is not null as there")).rows).toEqual([
      { there: true },
    ]);
  });

  it('is only checked when so told', async () => {
    await expect(start({ schema: 'fresh', migrate: false })).rejects.toMatchObject({
      code: 'schema_outdated',
    });
    await migrate({ url: database.url, schema: 'fresh' });
    await start({ schema: 'fresh', migrate: false });
  });

  it('of a newer program stops the start', async () => {
    await database.pool.query(
      "insert into migration (timestamp, name) values (9999, 'FromTheFuture0000000009999')",
    );
    await expect(start()).rejects.toMatchObject({ code: 'schema_too_new' });
  });
});

describe('shutdown', () => {
  it('comes after everybody else has finished', async () => {
    const order: string[] = [];
    @Injectable()
    class LateWriter {
      constructor(@Inject(PG_POOL) private readonly pool: pg.Pool) {}

      async beforeApplicationShutdown(): Promise<void> {
        await this.pool.query('select 1');
        order.push('written');
      }
    }
    application = await NestFactory.createApplicationContext(
      {
        module: class Application {},
        imports: [DatabaseModule.forRoot({ url: database.url, schema: database.schema })],
        providers: [LateWriter],
      },
      { logger: false },
    );
    const [ourPool, ourSource] = [pool(), dataSource()];
    await application.close();
    expect(order).toEqual(['written']);
    expect(ourPool.ended).toBe(true);
    expect(ourSource.isInitialized).toBe(false);
  });

  it('may be asked for twice', async () => {
    await start();
    await application!.close();
    await expect(application!.close()).resolves.toBeUndefined();
  });
});

describe('forRootAsync', () => {
  it('takes options from elsewhere', async () => {
    application = await NestFactory.createApplicationContext(
      DatabaseModule.forRootAsync({ useFactory: () => ({ url: database.url, schema: database.schema }) }),
      { logger: false },
    );
    expect((await pool().query('select current_schema() as schema')).rows).toEqual([{ schema: 'genledger' }]);
  });
});

it('the same settings serve a connection of one’s own', async () => {
  const client = new pg.Client(clientConfig({ url: database.url, schema: database.schema }));
  await client.connect();
  expect((await client.query('select current_schema() as schema')).rows).toEqual([{ schema: 'genledger' }]);
  await client.end();
});
