import { TimerStore } from '../../../src/tasks/index.js';
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
beforeEach(() => database.pool.query('truncate task_timer'));
afterAll(() => database?.drop());

/** Tasks of an owner that are due, `agoMs` and less ago. */
const enqueue = (owner: string, count: number, { agoMs = 60_000, lane = 'submit' } = {}): Promise<unknown> =>
  database.pool.query(
    `insert into task_timer (task_id, owner, model, version, lane, due_at, checks, misses, epoch)
     select gen_random_uuid(), $1, 'gpt-image-2', 1, $4,
            clock_timestamp() - $3 * interval '1 millisecond' * n / $2, 0, 0, 1 from generate_series(1, $2) n`,
    [owner, count, agoMs, lane],
  );

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
