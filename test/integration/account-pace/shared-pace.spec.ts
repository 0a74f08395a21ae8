import { createPool, closePool } from '../../../src/database/index.js';
import { PostgresSharedPace } from '../../../src/account-pace/index.js';
import { ApidotProvider } from '../../../src/provider/apidot/index.js';
import { httpServer } from '../../../src/provider/apidot/testing/loopback.js';
import { sample } from '../../../src/provider/apidot/testing/samples.js';
import { systemClock } from '../../../src/shared/clock.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * What several processes of one account agree on, each with a pool of its own.
 */

const ID = 'task-unified-1757165031-uyujaw3d';
const REPLICAS = [0, 1, 2];

let database: TestDatabase;
let pools: ReturnType<typeof createPool>[];
let replicas: PostgresSharedPace[];

beforeAll(async () => {
  database = await createTestDatabase();
  pools = REPLICAS.map(() => createPool({ url: database.url, schema: database.schema }));
  replicas = pools.map((pool) => new PostgresSharedPace(pool));
});
afterAll(async () => {
  await Promise.all((pools ?? []).map(closePool));
  await database?.drop();
});

const on = (index: number): PostgresSharedPace => replicas[index % REPLICAS.length]!;

/** Makes the database believe that an account's row is older than it is. */
const age = (account: string, ms: number): Promise<unknown> =>
  database.pool.query(
    `update account_pace set counted_at = counted_at - $2 * interval '1 millisecond',
                             paused_from = paused_from - $2 * interval '1 millisecond',
                             paused_until = paused_until - $2 * interval '1 millisecond' where account = $1`,
    [account, ms],
  );

it('together they lease the burst, and no token more, however they crowd', async () => {
  const leases = await Promise.all(Array.from({ length: 120 }, (_, n) => on(n).lease('crowd', 600, 1)));
  const granted = leases.reduce((sum, lease) => sum + lease.granted, 0);
  // A tenth of the budget, and what came in while they asked.
  expect(granted).toBeGreaterThanOrEqual(60);
  expect(granted).toBeLessThanOrEqual(60 + 10);
  expect(Math.max(...leases.map((lease) => lease.retryInMs))).toBeLessThanOrEqual(60_000 / 541 + 1);
});

it('in a minute they lease at most the budget, and nearly all of it', async () => {
  let granted = 0;
  // The burst, then a minute in steps of a hundred milliseconds.
  for (let step = 0; step <= 600; step++) {
    for (let n = 0; n < 3; n++) granted += (await on(step + n).lease('minute', 60, 5)).granted;
    if (step < 600) await age('minute', 100);
  }
  expect(granted).toBeGreaterThanOrEqual(54);
  // What really passed during the test comes on top: seconds.
  expect(granted).toBeLessThanOrEqual(60 + 10);
});

it('a pause of one holds for all, a shorter one does not shorten it, and it ends', async () => {
  await on(0).pause('paused', 60_000);
  await on(1).pause('paused', 5_000);
  for (const replica of replicas) {
    expect(await replica.pauseLeft('paused')).toBeGreaterThan(50_000);
    expect(await replica.lease('paused', 600, 1)).toMatchObject({ granted: 0 });
  }
  expect(await on(0).pauseLeft('another')).toBe(0);
  await age('paused', 60_000);
  expect(await on(2).pauseLeft('paused')).toBe(0);
  expect(await on(2).lease('paused', 600, 1)).toEqual({ granted: 1, retryInMs: 0, pausedForMs: 0 });
});

it('a clock that jumps back ends the pause, and gives no tokens', async () => {
  await on(0).pause('jump', 60_000);
  await on(0).lease('jump', 10, 1);
  await age('jump', -172_800_000);
  expect(await on(1).pauseLeft('jump')).toBe(0);
  expect(await on(1).lease('jump', 10, 1)).toMatchObject({ granted: 1 });
  expect(await on(1).lease('jump', 10, 1)).toMatchObject({ granted: 0 });
  await age('jump', 6_000);
  expect(await on(1).lease('jump', 10, 1)).toMatchObject({ granted: 1 });
});

describe('provider clients with one key', () => {
  const clients = (baseUrl: string, requestsPerMinute: number | null): ApidotProvider[] =>
    replicas.map(
      (sharedPace) =>
        new ApidotProvider({
          baseUrl,
          apiKey: `sk-${requestsPerMinute}-${new URL(baseUrl).port}`,
          submitTimeoutMs: 2_000,
          statusTimeoutMs: 2_000,
          requestsPerMinute,
          sharedPace,
          submitRetryInitialMs: 1_000,
          submitRetryMaxMs: 60_000,
          breaker: { failures: 10, openMs: 10_000 },
          clock: systemClock,
          random: () => 0,
        }),
    );

  it('a Retry-After told to one stops the calls of all within a second', async () => {
    let limits = 0;
    await using server = await httpServer(() =>
      limits > 0 && limits-- > 0
        ? { status: 429, headers: { 'retry-after': '60' }, body: sample('submit-429') }
        : { body: sample('status-running') },
    );
    const providers = clients(server.url, null);
    for (const provider of providers) expect(await provider.status(ID)).toMatchObject({ kind: 'read' });
    limits = 1;
    expect(await providers[0]!.status(ID)).toMatchObject({ class: 'rate_limited' });
    const saidAt = performance.now();
    for (const provider of providers) {
      while ((await provider.status(ID)).kind === 'read')
        expect(performance.now() - saidAt).toBeLessThan(1_000);
      const answer = await provider.admit('submit');
      expect(answer).toMatchObject({ granted: false, reason: 'slowed_down' });
      expect(provider.condition().pausedForMs).toBeGreaterThan(55_000);
    }
    await Promise.all(providers.map((provider) => provider.close()));
  });

  it('share one budget', async () => {
    await using server = await httpServer(() => ({ body: sample('status-running') }));
    const providers = clients(server.url, 60);
    const asked = Array.from({ length: 30 }, (_, n) => providers[n % 3]!.status(ID));
    const readings = await Promise.all(asked);
    expect(server.requests.length).toBeGreaterThanOrEqual(6);
    expect(server.requests.length).toBeLessThanOrEqual(8);
    expect(readings.filter(({ kind }) => kind === 'unread')).toHaveLength(30 - server.requests.length);
    await Promise.all(providers.map((provider) => provider.close()));
  });
});
