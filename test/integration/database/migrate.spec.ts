import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  connect,
  migrate,
  MIGRATIONS_FOLDER,
  readMigrationFiles,
  refuseUnlessCurrent,
  schemaState,
} from '../../../src/database/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { runScript } from '../../support/processes.js';

const ONE = '0001-first-step.sql';
const TWO = '0002-second-step.sql';

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false, schema: 'own' });
  folder = await mkdtemp(join(process.env.GENLEDGER_TEST_FOLDER!, 'migrations-'));
  await write(
    ONE,
    'create table thing (id int); create function things() returns bigint language sql as $$ select count(*) from thing $$;',
  );
});

afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const write = (file: string, sql: string) => writeFile(join(folder, file), sql);
const options = () => ({ url: database.url, schema: database.schema, folder });
const state = async () => schemaState(database.pool, database.schema, await readMigrationFiles(folder));
const tables = async (schema: string): Promise<string[]> => {
  const { rows } = await database.pool.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1 order by 1',
    [schema],
  );
  return rows.map(({ name }) => name);
};

const somebodyWaits = async (): Promise<void> => {
  for (;;) {
    const { rows } = await database.pool.query<{ waits: boolean }>(
      "select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())) as waits",
    );
    if (rows[0]?.waits === true) return;
  }
};

describe('migrating', () => {
  it('makes the schema and everything in it, and leaves public alone', async () => {
    expect(await migrate(options())).toEqual([ONE]);
    expect(await tables('own')).toEqual(['migration', 'migration_checksum', 'thing']);
    expect(await tables('public')).toEqual([]);
  });

  it('applies what is new, in order, once', async () => {
    await migrate(options());
    await write(TWO, 'alter table thing add column name text');
    expect(await migrate(options())).toEqual([TWO]);
    expect(await migrate(options())).toEqual([]);
  });

  it('keeps what worked and nothing of the file that failed', async () => {
    await write(TWO, 'create table half (); select 1 / 0;');
    await expect(migrate(options())).rejects.toThrow('division by zero');
    expect(await tables('own')).toEqual(['migration', 'migration_checksum', 'thing']);
    expect(await state()).toEqual({ pending: [TWO], unknown: [], changed: [] });
  });

  it('applies the real files to a schema of any name', async () => {
    const applied = await migrate({ url: database.url, schema: 'another_name' });
    expect(applied).toEqual((await readMigrationFiles()).map(({ file }) => file));
    expect(await tables('another_name')).toContain('event');
    expect(await tables('public')).toEqual([]);
  });

  it('works in a schema that was given to a role which may not create one', async () => {
    const { pool, url } = database;
    await pool.query("create role limited login password 'limited'; create schema own authorization limited");
    try {
      const limited = new URL(url);
      limited.username = 'limited';
      limited.password = 'limited';
      expect(await migrate({ ...options(), url: limited.href })).toEqual([ONE]);
    } finally {
      await pool.query('drop owned by limited; drop role limited');
    }
  });
});

describe('two processes at once', () => {
  it('both succeed, and each file is applied by one of them', async () => {
    await write(TWO, 'create table slow as select 1 as one from pg_sleep(0.3)');
    const script = new URL('./migrate.process.ts', import.meta.url);
    const processes = [0, 1].map(() => runScript(script, [JSON.stringify(options())]));
    await Promise.all(processes.map((process) => process.next()));
    processes.forEach((process) => process.say('go'));
    const said = await Promise.all(processes.map((process) => process.next<{ applied: string[] }>()));
    expect(said.map(({ applied }) => applied.length).sort()).toEqual([0, 2]);
    await Promise.all(processes.map(({ ended }) => ended));
  });

  it('wait for each other, however long it takes', async () => {
    const holder = await connect(options());
    await holder.query('begin');
    await holder.query('select pg_advisory_xact_lock($1, hashtext($2))', [0x6e1ed6e, 'own']);
    const waiting = migrate(options());
    await somebodyWaits();
    expect(await tables('own')).toEqual([]);
    await holder.end();
    expect(await waiting).toEqual([ONE]);
  });
});

describe('a process that freezes while it migrates', () => {
  it('is undone, the next one goes on, and when it wakes it changes nothing', async () => {
    await write(TWO, 'select pg_advisory_xact_lock(4711); create table late (id int)');
    const gate = await connect(options());
    await gate.query('select pg_advisory_lock(4711)');
    const script = runScript(new URL('./migrate.process.ts', import.meta.url), [
      JSON.stringify({ ...options(), silentMs: 500 }),
    ]);
    try {
      await script.next();
      script.say('go');
      await somebodyWaits();
      script.child.kill('SIGSTOP');
      const waiting = migrate(options());
      await gate.end();
      expect(await waiting).toEqual([TWO]);
      expect(await tables('own')).toContain('late');
    } finally {
      script.child.kill('SIGCONT');
    }
    expect(await script.next<{ error?: string }>()).toHaveProperty('error');
    await script.ended;
    expect((await state()).pending).toEqual([]);
  });
});

describe('what is refused', () => {
  it('a schema that a newer program has migrated', async () => {
    await write(TWO, 'create table later ()');
    await migrate(options());
    await rm(join(folder, TWO));
    await expect(migrate(options())).rejects.toMatchObject({
      code: 'schema_too_new',
      message: expect.stringMatching(/SecondStep0000000000002.*Start the version that made them/) as string,
    });
    expect(() => refuseUnlessCurrent('own', { pending: [], unknown: ['X'], changed: [] })).toThrow(
      'does not know',
    );
  });

  it('a file that was edited after it was applied', async () => {
    await migrate(options());
    await write(ONE, 'create table thing (id bigint)');
    await expect(migrate(options())).rejects.toMatchObject({
      code: 'migration_changed',
      details: { changed: [ONE] },
    });
  });

  it('but not one that only got other line ends', async () => {
    await write(TWO, 'create table a ();\ncreate table b ();\n');
    await migrate(options());
    await write(TWO, 'create table a ();\r\ncreate table b ();\r\n');
    expect(await migrate(options())).toEqual([]);
  });

  it('by a process that must not migrate: a schema that is behind', async () => {
    expect(() => refuseUnlessCurrent('own', { pending: [ONE], unknown: [], changed: [] })).toThrow(
      'Run `genledger migrate`',
    );
    await migrate(options());
    const current = await state();
    expect(() => refuseUnlessCurrent('own', current)).not.toThrow();
  });

  it.each(['Own', 'own-schema', '1own', 'pg_own', 'own"; drop schema public', ''])(
    'the schema name %p',
    async (schema) => {
      await expect(migrate({ ...options(), schema })).rejects.toMatchObject({ code: 'schema_name_invalid' });
    },
  );

  it('a server that is not there, without showing the password', async () => {
    const failure = migrate({ ...options(), url: 'postgresql://me:secret@127.0.0.1:1/db' });
    await expect(failure).rejects.toMatchObject({ code: 'database_unreachable' });
    await expect(failure).rejects.not.toThrow('secret');
    await expect(failure).rejects.toThrow('127.0.0.1:1/db');
  });
});

describe('the folder', () => {
  it('of this package is found', async () => {
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    expect((await readMigrationFiles())[0]).toMatchObject({
      file: '0001-event-store.sql',
      name: 'EventStore0000000000001',
    });
  });

  it.each([
    ['a number twice', '0001-other.sql', 'stands where number 2 belongs'],
    ['a number left out', '0003-other.sql', 'stands where number 2 belongs'],
    ['a name of another form', '0002_other.sql', 'is not named like'],
  ])('may not have %s', async (_, file, message) => {
    await write(file, 'select 1');
    await expect(readMigrationFiles(folder)).rejects.toThrow(message);
  });
});
