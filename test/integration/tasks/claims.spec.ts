import { TimerStore, USUAL_PRIORITY } from '../../../src/tasks/index.js';
import { CLAIM_SUBMITS, LOCK_SUBMIT_CLAIMS } from '../../../src/tasks/saga/submit-claims.js';
import { rankOf } from '../../../src/tasks/domain/priority.js';
import { CLAIM_CALLS, type Claim } from '../../../src/tasks/saga/timer-store.js';
import { NO_QUOTAS } from '../../../src/tasks/quotas/quotas.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * Who gets a turn, measured in claims; and what a claim that was lost may still do.
 */

const LIMIT = 16;
const LEASE_MS = 60_000;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.pool.query('truncate task_timer, task'));
afterAll(() => database?.drop());

/** Tasks of an owner that are due, `agoMs` and less ago; with a negative `agoMs` they are not yet. */
const enqueue = (
  owner: string,
  count: number,
  { agoMs = 60_000, lane = 'submit', priority = USUAL_PRIORITY } = {},
): Promise<unknown> =>
  database.pool.query(
    `insert into task_timer (task_id, owner, model, version, lane, due_at, checks, misses, epoch, rank)
     select gen_random_uuid(), $1, $5, 1, $4,
            clock_timestamp() - $3 * interval '1 millisecond' * n / $2, 0, 0, 1, $6 from generate_series(1, $2) n`,
    [owner, count, agoMs, lane, priority, rankOf(priority)],
  );

/** What a claim brought, as owner and priority, in the order in which it is sent. */
const sent = (claims: readonly Claim[]): string[] => claims.map(({ owner, model }) => `${owner} ${model}`);

/** How many claims it takes until one brings work of this owner. */
const claimsUntil = async (owner: string, timers: TimerStore): Promise<number> => {
  for (let claims = 1; ; claims++) {
    const claimed = await timers.claim('submit', LIMIT, LEASE_MS);
    if (claimed.some((claim) => claim.owner === owner)) return claims;
    if (claimed.length === 0) throw new Error('nothing is left');
  }
};

describe('owners take turns', () => {
  it('10,000 queued tasks of one owner do not delay the first of another: it is in the very next claim', async () => {
    const timers = new TimerStore(database.pool);
    await enqueue('noisy', 10_000);
    for (let n = 0; n < 3; n++) await timers.claim('submit', LIMIT, LEASE_MS);
    await enqueue('newcomer', 1, { agoMs: 0 });
    expect(await claimsUntil('newcomer', timers)).toBe(1);
  });

  it.each([
    ['before', 'aaa'],
    ['among', 'noisy-150'],
    ['behind', 'zzz'],
  ])('among 300 noisy owners the newcomer %s them waits for one round at most', async (_, name) => {
    const timers = new TimerStore(database.pool);
    for (let n = 100; n < 400; n++) await enqueue(`noisy-${n}x`, 100);
    for (let n = 0; n < 5; n++) await timers.claim('submit', LIMIT, LEASE_MS);
    await enqueue(name, 1, { agoMs: 0 });
    expect(await claimsUntil(name, timers)).toBeLessThanOrEqual(Math.ceil(301 / LIMIT) + 1);
  });

  it('each of several owners gets its share of every claim', async () => {
    const timers = new TimerStore(database.pool);
    await enqueue('noisy', 10_000);
    for (const owner of ['a', 'b', 'z']) await enqueue(owner, 50, { agoMs: 10 });
    const shares = new Map<string, number>();
    for (let n = 0; n < 20; n++)
      for (const { owner } of await timers.claim('submit', LIMIT, LEASE_MS))
        shares.set(owner, (shares.get(owner) ?? 0) + 1);
    for (const owner of ['a', 'b', 'z']) expect(shares.get(owner)).toBeGreaterThanOrEqual(10);
  });

  it('replicas that claim at the same time never get the same work', async () => {
    await enqueue('noisy', 500);
    await enqueue('other', 100);
    const stores = [1, 2, 3].map(() => new TimerStore(database.pool));
    const claimed: string[] = [];
    const drain = async (timers: TimerStore): Promise<void> => {
      for (;;) {
        const claims = await timers.claim('submit', LIMIT, LEASE_MS);
        if (claims.length === 0) return;
        claimed.push(...claims.map(({ taskId }) => taskId));
      }
    };
    await Promise.all(stores.map(drain));
    expect(claimed).toHaveLength(new Set(claimed).size);
    // A drain ends early when the others hold what is left at that moment.
    for (let left = stores[0]!; (await left.claim('submit', 64, LEASE_MS)).length > 0;);
    const { rows } = await database.pool.query<{ epoch: string }>('select distinct epoch from task_timer');
    expect(rows.map(({ epoch }) => Number(epoch))).toEqual([2]);
  });
});

describe('priorities', () => {
  it('of one owner: high goes first, then normal, then low, each in order of age', async () => {
    const timers = new TimerStore(database.pool);
    await enqueue('acme', 3, { priority: 'low', agoMs: 90_000 });
    await enqueue('acme', 2, { agoMs: 60_000 });
    await enqueue('acme', 2, { priority: 'high', agoMs: 0 });
    expect(sent(await timers.claim('submit', 5, LEASE_MS))).toEqual([
      'acme high',
      'acme high',
      'acme normal',
      'acme normal',
      'acme low',
    ]);
  });

  it('a task of high priority that waits for its next attempt holds nobody up', async () => {
    const timers = new TimerStore(database.pool);
    await enqueue('acme', 200, { priority: 'high', agoMs: -600_000 });
    await enqueue('acme', 1, { priority: 'low' });
    expect(sent(await timers.claim('submit', 4, LEASE_MS))).toEqual(['acme low']);
  });

  it('of one owner takes nothing from the others: turns are the same', async () => {
    const timers = new TimerStore(database.pool);
    await enqueue('loud', 1_000, { priority: 'high' });
    await enqueue('quiet', 100, { priority: 'low', agoMs: 10 });
    await enqueue('usual', 100, { agoMs: 10 });
    const shares = new Map<string, number>();
    for (let n = 0; n < 9; n++)
      for (const { owner } of await timers.claim('submit', LIMIT, LEASE_MS))
        shares.set(owner, (shares.get(owner) ?? 0) + 1);
    expect([...shares.values()].sort()).toEqual([48, 48, 48]);
  });

  it('what owners with little leave over goes to the others, in the same claim', async () => {
    const timers = new TimerStore(database.pool);
    for (const owner of ['a', 'b', 'c']) await enqueue(owner, 1);
    await enqueue('d', 1_000);
    expect(await timers.claim('submit', LIMIT, LEASE_MS)).toHaveLength(LIMIT);
  });

  it('an owner out of reach of the walk is found by its age', async () => {
    const timers = new TimerStore(database.pool);
    await database.pool.query(
      `insert into task_timer (task_id, owner, model, version, lane, due_at, checks, misses, epoch)
       select gen_random_uuid(), 'later-' || n, 'm', 1, 'submit', clock_timestamp() + interval '1 hour', 0, 0, 1
         from generate_series(1, 3000) n`,
    );
    await enqueue('zzz', 1);
    expect(sent(await timers.claim('submit', LIMIT, LEASE_MS))).toEqual(['zzz normal']);
  });
});

describe('a bound on the tasks of an owner at the provider', () => {
  const bounded = (tasksAtProvider: number): TimerStore =>
    new TimerStore(database.pool, { quotas: { ...NO_QUOTAS, tasksAtProvider } });

  /** Rows of tasks in this state. */
  const there = (owner: string, status: string, count: number): Promise<unknown> =>
    database.pool.query(
      `insert into task (id, owner, domain, model, status, version, position, created_at, updated_at, facts,
                         intent_event, intent)
       select gen_random_uuid(), $1, 'image', 'm', $2, 1, n, now(), now(), '{}', gen_random_uuid(), ''
         from generate_series(1, $3) n`,
      [owner, status, count],
    );

  it('leaves queued what is beyond it, of that owner alone', async () => {
    const timers = bounded(3);
    await enqueue('acme', 100);
    await enqueue('other', 2, { agoMs: 0 });
    expect(sent(await timers.claim('submit', LIMIT, LEASE_MS)).sort()).toEqual([
      ...Array<string>(3).fill('acme normal'),
      ...Array<string>(2).fill('other normal'),
    ]);
    expect(await timers.claim('submit', LIMIT, LEASE_MS)).toEqual([]);
  });

  it.each([
    ['submitting', 1],
    ['submitted', 1],
    ['running', 1],
    ['unconfirmed', 3],
    ['held', 3],
    ['cancelled', 3],
    ['succeeded', 3],
  ])('%s: of three places two such tasks leave %d', async (status, left) => {
    await there('acme', status, 2);
    await enqueue('acme', 10);
    expect(await bounded(3).claim('submit', LIMIT, LEASE_MS)).toHaveLength(left);
  });

  it('holds over all replicas that claim at the same time', async () => {
    await there('acme', 'running', 4);
    await enqueue('acme', 200);
    const stores = Array.from({ length: 6 }, () => bounded(10));
    const claimed = await Promise.all(
      stores.flatMap((store) => [1, 2, 3].map(() => store.claim('submit', 4, LEASE_MS))),
    );
    expect(claimed.flat()).toHaveLength(6);
  });

  it('a claim waits for the one of another replica and counts what that took', async () => {
    await enqueue('acme', 5);
    const other = await database.pool.connect();
    await other.query(`begin; ${LOCK_SUBMIT_CLAIMS}`);
    await other.query(
      `update task_timer set claimed = true, due_at = now() + interval '1 minute'
        where task_id = (select task_id from task_timer order by due_at desc limit 1)`,
    );
    const claim = bounded(1).claim('submit', LIMIT, LEASE_MS);
    for (let waiting = 0; waiting === 0;) {
      const { rows } = await database.pool.query<{ n: number }>(
        `select count(*)::int as n from pg_locks
          where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())`,
      );
      waiting = rows[0]!.n;
    }
    await other.query('commit');
    other.release();
    expect(await claim).toEqual([]);
  });

  it('a replica that freezes in the middle of a claim keeps the others from claiming for seconds only', async () => {
    await enqueue('acme', 5);
    const frozen = await database.pool.connect();
    await new Promise<void>((hasBegun) => {
      const query = (what: unknown): Promise<unknown> =>
        typeof what === 'string' && what.startsWith('begin')
          ? frozen.query(what).finally(hasBegun)
          : new Promise(() => undefined);
      const pool = { connect: () => ({ query, release: () => undefined }) };
      const quotas = { ...NO_QUOTAS, tasksAtProvider: 2 };
      void new TimerStore(pool as never, { quotas }).claim('submit', LIMIT, LEASE_MS);
    });
    expect(await bounded(2).claim('submit', LIMIT, LEASE_MS)).toHaveLength(2);
    frozen.release(true);
  });

  it('a claim that was put back, or whose lease ran out, takes no place', async () => {
    const timers = bounded(2);
    await enqueue('acme', 5);
    const [first] = await timers.claim('submit', 1, LEASE_MS);
    await timers.claim('submit', 1, 0);
    await timers.touch([{ ...first!, inMs: 600_000, checked: false }]);
    expect(await timers.claim('submit', LIMIT, LEASE_MS)).toHaveLength(2);
  });

  it('an owner with room is found behind many without', async () => {
    const timers = bounded(1);
    const full = Array.from({ length: 300 }, (_, n) => `full-${n}`);
    await Promise.all(full.flatMap((owner) => [there(owner, 'running', 1), enqueue(owner, 3)]));
    await enqueue('with-room', 1, { agoMs: 0 });
    expect(sent(await timers.claim('submit', LIMIT, LEASE_MS))).toEqual(['with-room normal']);
  });
});

describe('a claim that was lost', () => {
  it('moves no timer, and takes none away', async () => {
    const timers = new TimerStore(database.pool);
    await enqueue('acme', 1, { lane: 'poll' });
    const [lost] = await timers.claim('poll', 1, 0);
    const [held] = await timers.claim('poll', 1, LEASE_MS);
    expect(held).toMatchObject({ taskId: lost!.taskId, epoch: lost!.epoch + 1 });
    const timer = async (): Promise<unknown> =>
      (await database.pool.query('select * from task_timer where task_id = $1', [lost!.taskId])).rows[0];
    const before = await timer();
    await timers.touch([{ ...lost!, inMs: 0, checks: 7, misses: 3, checked: true }]);
    await timers.rest(lost!);
    await timers.drop(lost!);
    expect(await timer()).toEqual(before);
    await timers.touch([{ ...held!, inMs: 0, checks: 7, misses: 3, checked: true }]);
    expect(await timer()).toMatchObject({ checks: 7, misses: 3 });
  });

  it('of a task that is gone is dropped in silence', async () => {
    const timers = new TimerStore(database.pool);
    await expect(timers.drop({ taskId: uuidv7(), epoch: 1 })).resolves.toBeUndefined();
  });
});

describe('a backlog that appeared since the statistics were made', () => {
  const most = (node: PlanNode): number =>
    Math.max(node['Actual Rows'] * node['Actual Loops'], ...(node.Plans ?? []).map(most));

  it.each([
    ['confirm', CLAIM_CALLS, `'confirm', 16, 60000, '', 128`],
    ['submit', CLAIM_SUBMITS, `16, 60000, '', 128, null`],
  ])('is not read whole by a claim in the lane %s', async (lane, claim, values) => {
    const client = await database.pool.connect();
    try {
      await enqueue('noisy', 20_000, { lane: 'poll', agoMs: -60_000 });
      await client.query('vacuum analyze task_timer');
      await enqueue('noisy', 20_000, { lane });
      await client.query('begin');
      await client.query(`set local plan_cache_mode = force_generic_plan`);
      await client.query(`prepare claim as ${claim}`);
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (analyze, format json) execute claim (${values})`,
      );
      expect(most(rows[0]!['QUERY PLAN'][0].Plan)).toBeLessThan(200);
    } finally {
      await client.query('rollback');
      client.release(true);
    }
  });
});

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}
