import type pg from 'pg';
import { systemClock } from '../../../src/shared/clock.js';
import { TaskCensus } from '../../../src/tasks/queries/task-census.js';
import { OwnerQuotas } from '../../../src/tasks/quotas/owner-quotas.js';
import { QuotaExceededError } from '../../../src/tasks/quotas/quota-exceeded.error.js';
import { NO_QUOTAS } from '../../../src/tasks/quotas/quotas.js';
import { TimerStore } from '../../../src/tasks/saga/timer-store.js';
import { type TasksOptions } from '../../../src/tasks/tasks.options.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { readsOf } from '../../support/reads-of.js';

/*
 * What is open is told by one index, however many tasks have ended and whoever's they are.
 */

const ENDED = 20_000;
const OPEN_INDEX = 'task_open_by_owner';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await insert('busy', ENDED, 'succeeded');
  await insert('busy', 40, 'queued');
  await insert('busy', 3, 'running');
  await insert('other', 500, 'submitted');
  await database.pool.query(
    `insert into task_timer (task_id, owner, model, version, lane, due_at, checks, misses, epoch)
     select id, owner, model, 1, 'submit', now() - interval '1 minute', 0, 0, 1 from task where status = 'queued'`,
  );
  await database.pool.query('vacuum analyze task');
});
afterAll(() => database?.drop());

let position = 0;
/** None of them from today. */
const insert = async (owner: string, count: number, status: string): Promise<void> => {
  await database.pool.query(
    `insert into task (id, owner, domain, model, status, version, position, created_at, updated_at, facts,
                       intent_event, intent)
     select gen_random_uuid(), $1, 'image', 'm', $3, 1, $4 + n, '2020-01-01', '2020-01-01', '{}', gen_random_uuid(), ''
       from generate_series(1, $2) n`,
    [owner, count, status, position],
  );
  position += count;
};

const asPool = (client: pg.PoolClient): pg.Pool => client as unknown as pg.Pool;

it('by status, for metrics', async () => {
  const reads = await readsOf(database.pool, 'task', async (client) => {
    const open = await new TaskCensus(asPool(client)).open();
    expect(Object.fromEntries(open)).toMatchObject({ queued: 40, running: 3, submitted: 500, held: 0 });
  });
  expect(reads).toMatchObject({ wholeReads: 0, indexes: { [OPEN_INDEX]: 543 } });
});

it('of one owner, for the quota', async () => {
  const quotas = { ...NO_QUOTAS, openTasks: 43 };
  const reads = await readsOf(database.pool, 'task', async (client) => {
    const owners = new OwnerQuotas(asPool(client), systemClock, { quotas } as TasksOptions);
    await expect(owners.within('busy', () => Promise.resolve())).rejects.toThrow(QuotaExceededError);
  });
  expect(reads.wholeReads).toBe(0);
  expect(reads.indexes[OPEN_INDEX]).toBe(43);
  // The newest tells where today begins.
  expect(reads.rows).toBeLessThanOrEqual(43 + 2);
});

it('of one owner at the provider, for the claim of a submission', async () => {
  const quotas = { ...NO_QUOTAS, tasksAtProvider: 5 };
  const reads = await readsOf(database.pool, 'task', async (client) => {
    const inTurn = { connect: () => Promise.resolve({ query: ofWork(client), release: () => undefined }) };
    const timers = new TimerStore(inTurn as unknown as pg.Pool, { quotas });
    const claims = await timers.claim('submit', 16, 60_000);
    expect(claims).toHaveLength(2);
  });
  expect(reads).toMatchObject({ wholeReads: 0, indexes: { [OPEN_INDEX]: 3 } });
});

/** The claim brings a transaction of its own; here it runs in that of the count. */
const ofWork =
  (client: pg.PoolClient) =>
  (query: string | pg.QueryConfig): Promise<unknown> =>
    typeof query === 'string' && /^(begin|commit)/.test(query)
      ? Promise.resolve()
      : client.query(query as pg.QueryConfig);
