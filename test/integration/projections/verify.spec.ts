import {
  type Difference,
  type ProjectionVerification,
  rebuild,
  verifyProjection,
} from '../../../src/event-store/index.js';
import { someAppend } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { accepted, started, submitted, succeeded, polled } from '../../../src/tasks/domain/testing/index.js';
import { taskProjection } from '../../../src/tasks/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore } from '../event-store/open-store.js';
import { randomLives, RecordedTasks, refused } from './recorded-tasks.js';

/*
 * Somebody changes rows of the read model by hand. What does a comparison with the log say?
 */

let database: TestDatabase;
let tasks: RecordedTasks;
let id: string;

beforeEach(async () => {
  database = await createTestDatabase();
  tasks = new RecordedTasks(database);
  await tasks.live(randomLives(15, 20));
  id = uuidv7();
  await tasks.append(id, [
    submitted({ idempotency_key: 'order-17', metadata_digests: ['d1'], priority: 'high' }),
  ]);
  await tasks.append(id, [started(1), accepted(1, 'p-1')]);
  await tasks.append(id, [
    polled(1, 'p-1', 'finished', { file_count: 1, confirming: true }),
    succeeded(1, 'p-1'),
  ]);
});
afterEach(async () => {
  await tasks.close();
  await database.drop();
});

const verify = (): Promise<ProjectionVerification> =>
  verifyProjection(taskProjection, {
    connection: { url: database.url, schema: database.schema },
    pageSize: 4,
  });

const found = async (): Promise<readonly Difference[]> => (await verify()).differences;

const change = (statement: string): Promise<unknown> =>
  database.pool.query(statement.replaceAll(':id', `'${id}'`));

it('finds nothing where nobody changed anything', async () => {
  const { rows } = await database.pool.query<{ tasks: number; events: number; rows: number }>(
    `select (select count(*) from task) as tasks, (select count(*) from event) as events,
            (select count(*) from task) + (select count(*) from task_provider_id) as rows`,
  );
  expect(await verify()).toEqual({
    streams: rows[0]!.tasks,
    events: rows[0]!.events,
    rows: rows[0]!.rows,
    archived: 0,
    differences: [],
    differing: 0,
    isComplete: true,
  });
});

it.each<[string, string, Partial<Difference>]>([
  ['a status', `status = 'failed'`, { field: 'status', stored: 'failed', replayed: 'succeeded' }],
  ['a version', 'version = 9', { field: 'version', stored: 9, replayed: 5 }],
  ['an owner', `owner = 'other'`, { field: 'owner', stored: 'other', replayed: 'acme' }],
  [
    'a time, by a microsecond',
    `completed_at = completed_at + interval '1 microsecond'`,
    { field: 'completed_at' },
  ],
  ['a time that is missing', 'completed_at = null', { field: 'completed_at', stored: null }],
  [
    'one of the facts',
    `facts = jsonb_set(facts::jsonb, '{credits}', '9')::json`,
    { field: 'facts.credits', stored: 9, replayed: 4.5 },
  ],
  [
    'a fact too many',
    `facts = (facts::jsonb || '{"late_fee":1}')::json`,
    { field: 'facts.late_fee', stored: 1 },
  ],
  ['whose outcome it is', 'outcome_event = intent_event', { field: 'outcome_event' }],
])('names the field that was changed: %s', async (_, set, difference) => {
  await change(`update task set ${set} where id = :id`);
  expect(await found()).toEqual([
    expect.objectContaining({ table: 'task', stream: id, kind: 'differs', ...difference }),
  ]);
});

it.each([
  ['intent', `intent = 'somebody''s own words'`],
  ['outcome', `outcome = 'somebody''s own words'`],
  ['idempotency_key', `idempotency_key = 'somebody''s own words'`],
  ['metadata_digests', `metadata_digests = '{"somebody''s own words"}'`],
])('names the private part that was changed and shows nothing of it: %s', async (field, set) => {
  await change(`update task set ${set} where id = :id`);
  expect(await found()).toEqual([{ table: 'task', stream: id, kind: 'differs', field }]);
});

it('does not mind another spelling of the same facts', async () => {
  await change('update task set facts = facts::jsonb::json where id = :id');
  expect(await found()).toEqual([]);
});

it('does not look at what is operational', async () => {
  await change(`update task_timer set last_checked_at = now(), checks = 7, epoch = epoch + 1`);
  await change('delete from task_key');
  expect(await found()).toEqual([]);
});

it('finds a row that is missing', async () => {
  await change('delete from task where id = :id');
  expect(await found()).toEqual([{ table: 'task', stream: id, kind: 'missing', field: null }]);
});

it('finds a whole table that is missing', async () => {
  const { streams } = await verify();
  await change('delete from task');
  expect(await verify()).toMatchObject({ differing: streams });
});

it('finds a row without a stream', async () => {
  const stranger = 'ffffffff-0000-7000-8000-000000000001';
  await change(`create temp table copy as select * from task where id = :id;
    update copy set id = '${stranger}'; insert into task select * from copy`);
  expect(await found()).toEqual([{ table: 'task', stream: stranger, kind: 'surplus', field: null }]);
});

it('finds a row for a stream of another kind, and asks none of it', async () => {
  const store = openStore(database);
  const other = someAppend();
  await store.append(other);
  await store.close();
  expect(await found()).toEqual([]);
  await change(`create temp table copy as select * from task where id = :id;
    update copy set id = '${other.streamId}'; insert into task select * from copy`);
  expect(await found()).toEqual([{ table: 'task', stream: other.streamId, kind: 'surplus', field: null }]);
});

describe('of the provider ids', () => {
  it('finds one that is missing', async () => {
    await change('delete from task_provider_id where task_id = :id');
    expect(await found()).toEqual([{ table: 'task_provider_id', stream: id, kind: 'missing', field: null }]);
  });

  it('finds one too many', async () => {
    await change(`insert into task_provider_id values ('account-1', 'p-invented', :id, 1)`);
    expect(await found()).toEqual([{ table: 'task_provider_id', stream: id, kind: 'surplus', field: null }]);
  });

  it('finds one with another attempt', async () => {
    await change('update task_provider_id set attempt = 2 where task_id = :id');
    expect(await found()).toEqual([
      { table: 'task_provider_id', stream: id, kind: 'differs', field: 'attempt', stored: 2, replayed: 1 },
    ]);
  });

  it('finds one that was given to another task', async () => {
    const other = uuidv7();
    await tasks.append(other, [submitted()]);
    await change(`update task_provider_id set task_id = '${other}' where task_id = :id`);
    expect(await found()).toEqual([
      expect.objectContaining({ stream: id, kind: 'differs', field: 'task_id', stored: other, replayed: id }),
      expect.objectContaining({ stream: other, kind: 'surplus' }),
    ]);
  });
});

it('finds nothing while tasks are written and the tables are exchanged', async () => {
  let isOver = false;
  const write = async (): Promise<void> => {
    for (let seed = 3_000; !isOver; seed++) {
      const newcomer = uuidv7();
      for (const events of randomLives(1, seed)[0]!) {
        if (isOver || (await tasks.append(newcomer, events).catch(refused)) === null) break;
      }
    }
  };
  const exchange = async (): Promise<void> => {
    const connection = { url: database.url, schema: database.schema };
    while (!isOver) await rebuild(taskProjection, { connection, programVersion: 'spec' });
  };
  const work = Promise.all([write(), write(), exchange()]);
  try {
    for (let n = 0; n < 5; n++) expect(await verify()).toMatchObject({ differing: 0, isComplete: true });
  } finally {
    isOver = true;
    await work;
  }
});
