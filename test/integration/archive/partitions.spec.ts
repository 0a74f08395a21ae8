import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, MIGRATIONS_FOLDER } from '../../../src/database/index.js';
import { type PostgresEventStore } from '../../../src/event-store/index.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { partitionBy, partitions } from '../../support/partitions.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { verify, writeLog } from '../audit/audited-log.js';
import { expectGapless, openStore, wholeLog } from '../event-store/open-store.js';

const THE_LOG_ONLY_GROWS = '23001';

describe('a log in small partitions', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;

  beforeEach(async () => {
    database = await createTestDatabase();
    await partitionBy(database, 10);
    store = openStore(database);
  });
  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  it('has no gap at the borders, whoever appends at once', async () => {
    const others = [openStore(database), openStore(database)];
    const streams = Array.from({ length: 20 }, () => uuidv7());
    await Promise.all(
      streams.flatMap((streamId, n) =>
        Array.from({ length: 5 }, () =>
          [store, ...others][n % 3]!.append(
            someAppend({
              streamId,
              expected: 'any',
              events: Array.from({ length: 1 + (n % 4) }, () => someEvent({ data: { n } })),
            }),
          ),
        ),
      ),
    );
    await Promise.all(others.map((other) => other.close()));
    const log = await wholeLog(store);
    expect(log).toHaveLength(250);
    expectGapless(log);
    expect(await verify(database)).toMatchObject({ checkedTo: 250, findings: [] });
    expect(await partitions(database)).toEqual(
      Array.from({ length: 26 }, (_, n) => `event_from_${n * 10 + 1}`),
    );
    for (const streamId of streams) {
      const stream = await store.readStream(streamId);
      expect(stream).toEqual(log.filter((event) => event.streamId === streamId));
    }
  });

  it('closes a batch at each border, so that no batch lies in two partitions', async () => {
    await store.append(someAppend({ events: Array.from({ length: 7 }, () => someEvent()) }));
    const request = someAppend({ events: Array.from({ length: 37 }, () => someEvent()) });
    const written = await store.append(request);
    expect(written).toMatchObject({ version: 37, firstPosition: 8, lastPosition: 44 });
    const { rows } = await database.pool.query<{ last: number }>(
      'select last_position::int as last from log_commit order by 1',
    );
    expect(rows.map(({ last }) => last)).toEqual([7, 10, 20, 30, 40, 44]);
    expect((await verify(database)).findings).toEqual([]);
    // Sent again it is found, over all borders.
    expect(await store.append(request)).toEqual({ ...written, duplicate: true });
  });

  it('refuses changes of every partition by its own name', async () => {
    await writeLog(store);
    const tables = await partitions(database);
    expect(tables).toEqual(['event_from_1', 'event_from_11']);
    for (const table of [...tables, 'event']) {
      for (const sql of [
        `update ${table} set recorded_at = recorded_at`,
        `delete from ${table} where false`,
        `truncate ${table}`,
        `set session_replication_role = replica; delete from ${table}`,
      ]) {
        await expect(database.pool.query(sql)).rejects.toMatchObject({ code: THE_LOG_ONLY_GROWS });
      }
    }
    expect((await verify(database)).findings).toEqual([]);
  });

  it('appends while somebody works on the table, as long as there is room, and makes room afterwards', async () => {
    const client = await database.pool.connect();
    try {
      await client.query('begin; lock table event in share update exclusive mode');
      for (let n = 0; n < 10; n += 1) await store.append(someAppend());
      expect(await partitions(database)).toEqual(['event_from_1']);
      await client.query('commit');
    } finally {
      client.release();
    }
    await store.append(someAppend());
    expect(await partitions(database)).toEqual(['event_from_1', 'event_from_11']);
  });

  it('takes another size for the partitions that come', async () => {
    await database.pool.query('update log_partitioning set size = 100');
    await store.append(someAppend({ events: Array.from({ length: 10 }, () => someEvent()) }));
    const { rows } = await database.pool.query(
      'select first_position::int, last_position::int from log_partition',
    );
    expect(rows).toEqual([
      { first_position: 1, last_position: 10 },
      { first_position: 11, last_position: 110 },
    ]);
  });
});

describe('the migration of a log that was written before', () => {
  let database: TestDatabase;
  let folder: string;

  beforeEach(async () => {
    database = await createTestDatabase({ migrated: false });
    folder = await mkdtemp(join(tmpdir(), 'migrations-'));
    for (const file of (await readdir(MIGRATIONS_FOLDER)).filter((name) => /^00(0\d|1[0-4])-/.test(name)))
      await copyFile(join(MIGRATIONS_FOLDER, file), join(folder, file));
    await migrate({ ...database, folder });
  });
  afterEach(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('keeps every event and right, and goes on behind them', async () => {
    const store = openStore(database);
    await writeLog(store);
    const role = `reader_${uuidv7().slice(-8)}`;
    await database.pool.query(
      `create role ${role}; grant select on event to ${role}; grant select (type) on event to public`,
    );
    const { rows: old } = await database.pool.query('select * from event order by position');
    await migrate(database);
    expect((await database.pool.query('select * from event order by position')).rows).toEqual(old);
    await writeLog(store);
    expectGapless(await wholeLog(store));
    expect(await verify(database)).toMatchObject({ checkedTo: 24, findings: [] });
    const { rows: rights } = await database.pool.query(
      `select has_table_privilege($1, 'event', 'select') as new, has_table_privilege($1, 'event_from_1', 'select') as old`,
      [role],
    );
    expect(rights).toEqual([{ new: true, old: false }]);
    await database.pool.query(`drop owned by ${role}; drop role ${role}`);
    await store.close();
  });

  it('does not leave behind a view that would show the first partition only', async () => {
    await database.pool.query('create view recent as select * from event');
    await expect(migrate(database)).rejects.toThrow('recent would not follow');
    await database.pool.query('drop view recent');
    await migrate(database);
    expect(await partitions(database)).toEqual(['event_from_1']);
  });
});
