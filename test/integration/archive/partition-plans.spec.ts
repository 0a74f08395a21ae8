import type pg from 'pg';
import { AppendCall } from '../../../src/event-store/append-call.js';
import { LogReader } from '../../../src/event-store/log-reader.js';
import { prepareAppend } from '../../../src/event-store/prepared-append.js';
import { someAppend } from '../../../src/event-store/testing/index.js';
import { partitionBy, partitions } from '../../support/partitions.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { Life } from '../../../bench/support/seed-log.js';
import { writeEndedTasks } from './ended-tasks.js';

/*
 * The hot statements touch the partitions in which their rows lie, and no others, with the generic plan that a statement ends
 * up with. Counted by the database's own counters of the transaction; how many rows they read: proof-plans.spec.ts.
 */

let database: TestDatabase;
/** Of the oldest partition, and of the newest. */
let [oldest, newest]: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await partitionBy(database, 60);
  // Ten tasks with six events each fill a partition.
  for (let n = 0; n < 6; n += 1) {
    const ids = await writeEndedTasks(database, 10);
    oldest ??= ids[0];
    newest = ids[0];
  }
});
afterAll(() => database.drop());

const touched = async (work: (client: pg.PoolClient) => Promise<unknown>): Promise<string[]> => {
  const client = await database.pool.connect();
  try {
    await client.query('begin; set local plan_cache_mode = force_generic_plan');
    // What the connection did before may not be reported yet, and counts here.
    const before = await scans(client);
    await work(client);
    const after = await scans(client);
    const names = [...after.keys()].filter((name) => after.get(name)! > (before.get(name) ?? 0));
    return [...new Set(names.map((name) => /^event_from_\d+/.exec(name)![0]))].sort();
  } finally {
    await client.query('rollback');
    client.release();
  }
};

const scans = async (client: pg.PoolClient): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await client.query<{ name: string; scans: number }>(
    `select relname as name, pg_stat_get_xact_numscans(oid)::int as scans from pg_class
      where relname like 'event\\_from\\_%' and relkind in ('r', 'i')`,
  );
  return new Map(rows.map((row) => [row.name, row.scans]));
};

const reader = (client: pg.PoolClient): LogReader =>
  new LogReader(client as unknown as pg.Pool, database.schema);

it('a stream is looked for where it lies', async () => {
  expect(await partitions(database)).toHaveLength(7);
  expect(await touched((client) => reader(client).readStream(oldest!))).toEqual(['event_from_1']);
  expect(await touched((client) => reader(client).readStream(oldest!, { fromVersion: 3 }))).toEqual([
    'event_from_1',
  ]);
  expect(await touched((client) => reader(client).readStream(newest!))).toEqual(['event_from_301']);
});

it('a page of the log begins in its partition and goes no further than it must', async () => {
  expect(await touched((client) => reader(client).readLog({ after: 130, limit: 20 }))).toEqual([
    'event_from_121',
  ]);
});

it('an append and its read model look up nothing before what they write', async () => {
  const call = new AppendCall(database.schema, ['project_tasks']);
  const names = await touched(async (client) => {
    const life = new Life();
    await client.query(call.text, call.values('plans', false, [life.next()]));
  });
  expect(names).toEqual(['event_from_361']);
});

it('a repetition is looked for where its stream lies', async () => {
  const call = new AppendCall(database.schema, []);
  const again = prepareAppend(someAppend({ streamId: oldest!, expected: 'none' }));
  const names = await touched((client) => client.query(call.text, call.values('plans', false, [again])));
  expect(names).toEqual(['event_from_1']);
});
