import { closePool, createPool } from '../../../src/database/index.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import {
  type Subscription,
  type Subscriptions,
  type SubscriptionsObserver,
  type SubscriptionsOptions,
} from '../../../src/event-store/subscriptions/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { runScript, type Script } from '../../support/processes.js';
import { LossyProxy } from './lossy-proxy.js';
import { openStore, until } from './open-store.js';
import { type ProcessOptions } from './subscriptions.process.js';
import {
  appendOne,
  caughtUp,
  Gate,
  held,
  holders,
  Ledger,
  openSubscriptions,
} from './subscriptions.support.js';

/*
 * Who works on a shard, and what becomes of a worker that lost it.
 */

let database: TestDatabase;
let store: PostgresEventStore;
let ledger: Ledger;
let running: Subscriptions[];
let scripts: Script[];

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
  ledger = new Ledger(database);
  await ledger.create();
  running = [];
  scripts = [];
});
afterEach(async () => {
  await Promise.all(running.map((subscriptions) => subscriptions.stop()));
  scripts.forEach(({ child }) => child.kill('SIGKILL'));
  await Promise.all(scripts.map((script) => script.ended));
  await store.close();
  await database.drop();
});

const start = async (
  declared: readonly Subscription[],
  options: Partial<SubscriptionsOptions> = {},
): Promise<Subscriptions> => {
  const subscriptions = openSubscriptions(database, store, declared, options);
  running.push(subscriptions);
  await subscriptions.start();
  return subscriptions;
};

/** As if its process had given no sign of life for the length of a lease. */
const expireLeases = async (name: string): Promise<void> => {
  for (const what of ['subscription_shard set lease_until', 'subscription_worker set alive_until']) {
    await database.pool.query(
      `update ${what} = clock_timestamp() - interval '1 second' where subscription = $1`,
      [name],
    );
  }
};

/** A worker that is in the middle of a page and will not notice by itself that its lease is over. */
const zombie = async (name: string, observer: SubscriptionsObserver = {}) => {
  const [working, gate] = [new Gate(), new Gate()];
  const subscription = ledger.subscription(name, {
    handle: async (events, transaction) => {
      await ledger.enter(name, events, transaction);
      working.open();
      await gate.opened;
    },
  });
  const subscriptions = await start([subscription], { leaseMs: 600_000, observer });
  await appendOne(store, uuidv7());
  await working.opened;
  return { subscriptions, wakeUp: gate.open };
};

/** Lets a second worker take the zombie's shard and handle the page, then the zombie finish. */
const outliveLease = async (name: string): Promise<string[]> => {
  const told: string[] = [];
  const { subscriptions, wakeUp } = await zombie(name, {
    shardLost: () => told.push('lost'),
    pageHandled: () => told.push('handled'),
  });
  await expireLeases(name);
  const second = await start([ledger.subscription(name)]);
  await held(database, name, second);
  await caughtUp(second, store, name);
  wakeUp();
  await until(() => told.length, Boolean);
  await subscriptions.stop();
  return told;
};

describe('a worker that was frozen until another one had taken its shard', () => {
  it('is fenced: its page is rolled back', async () => {
    expect(await outliveLease('fenced')).toEqual(['lost']);
    expect(await ledger.positions('fenced')).toEqual([1]);
  });

  it('would handle the page a second time without the fence', async () => {
    await database.pool.query(
      `create or replace function move_checkpoint(
         p_subscription text, p_shard int, p_epoch bigint, p_from bigint, p_to bigint, p_chain bytea, p_page text
       ) returns void language sql as $$
         update subscription_shard set position = p_to, chain = p_chain
           where subscription = p_subscription and shard = p_shard
       $$`,
    );
    expect(await outliveLease('unfenced')).toEqual(['handled']);
    expect(await ledger.positions('unfenced')).toEqual([1, 1]);
  });

  it('goes on when it lost nothing but time', async () => {
    const { subscriptions, wakeUp } = await zombie('late');
    await expireLeases('late');
    wakeUp();
    await caughtUp(subscriptions, store, 'late');
    expect(await ledger.positions('late')).toEqual([1]);
  });
});

describe('a page whose lease went to another worker', () => {
  it('is given up as soon as the worker hears of it, even when its handler never ends', async () => {
    const lost = new Gate();
    const working = new Gate();
    await start(
      [
        {
          name: 'hung',
          handle: () => {
            working.open();
            return new Promise(() => undefined);
          },
        },
      ],
      { leaseMs: 500, observer: { shardLost: () => lost.open() } },
    );
    await appendOne(store, uuidv7());
    await working.opened;
    await database.pool.query("update subscription_shard set epoch = epoch + 1, worker = 'another'");
    await lost.opened;
  });
});

describe('a page whose handler takes longer than a lease', () => {
  it('is not cut off while its process lives', async () => {
    let calls = 0;
    const subscriptions = await start(
      [
        ledger.subscription('slow', {
          handle: async (events, transaction) => {
            calls += 1;
            await ledger.enter('slow', events, transaction);
            const startedAt = performance.now();
            await until(
              () => performance.now() - startedAt,
              (ms) => ms > 1_000,
            );
          },
        }),
      ],
      { leaseMs: 300 },
    );
    await appendOne(store, uuidv7());
    await caughtUp(subscriptions, store, 'slow');
    expect(await ledger.positions('slow')).toEqual([1]);
    expect([calls, (await subscriptions.list())[0]!.shards[0]!.epoch]).toEqual([1, 1]);
  });
});

describe('a process that ends', () => {
  const LEASE_MS = 1_500;
  const begin = async (name: string): Promise<Script> => {
    const { url, schema } = database;
    const options: ProcessOptions = { url, schema, name, leaseMs: LEASE_MS };
    const script = runScript(new URL('./subscriptions.process.ts', import.meta.url), [
      JSON.stringify(options),
    ]);
    scripts.push(script);
    await script.next<{ working: string }>();
    return script;
  };

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'by %s leaves its shard, and the rows it had locked, to another one within about a lease',
    async (signal) => {
      // The two would wait for each other: the second page writes the same unique row as the first.
      await database.pool.query('create unique index once on ledger (subscription, position)');
      await appendOne(store, uuidv7());
      const script = await begin('taken');
      const second = await start([ledger.subscription('taken')], { leaseMs: LEASE_MS });
      expect((await second.list())[0]!.shards[0]!.worker).not.toBe(second.worker);
      const endedAt = performance.now();
      script.child.kill(signal);
      await caughtUp(second, store, 'taken');
      expect(performance.now() - endedAt).toBeLessThan(3 * LEASE_MS);
      expect(await ledger.positions('taken')).toEqual([1]);
    },
  );

  it('in order gives its shards back at once', async () => {
    const declared = ledger.subscription('given-back', { shards: 3 });
    const first = await start([declared], { leaseMs: 600_000 });
    await held(database, 'given-back', first);
    await first.stop();
    expect(await holders(database, 'given-back')).toEqual([null, null, null]);
    const second = await start([declared], { leaseMs: 600_000 });
    await held(database, 'given-back', second);
  });

  it('rolls back what does not end in time', async () => {
    const working = new Gate();
    const subscriptions = await start(
      [
        ledger.subscription('stuck', {
          handle: async (events, transaction) => {
            await ledger.enter('stuck', events, transaction);
            working.open();
            await new Promise(() => undefined);
          },
        }),
      ],
      { stopWithinMs: 50 },
    );
    await appendOne(store, uuidv7());
    await working.opened;
    await subscriptions.stop();
    expect(await ledger.positions('stuck')).toEqual([]);
    expect(await holders(database, 'stuck')).toEqual([null]);
  });
});

describe('a connection that breaks', () => {
  it.each(['before it has written', 'after it has written'])(
    'in a page, %s, costs nothing but time',
    async (when) => {
      const backends: number[] = [];
      const subscriptions = await start([
        ledger.subscription('broken', {
          handle: async (events, transaction) => {
            if (when.startsWith('after')) await ledger.enter('broken', events, transaction);
            if (backends.length === 0) {
              const { rows } = await transaction.query<{ pid: number }>('select pg_backend_pid() as pid');
              backends.push(rows[0]!.pid);
              await database.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
            }
            if (when.startsWith('before')) await ledger.enter('broken', events, transaction);
          },
        }),
      ]);
      await appendOne(store, uuidv7());
      await appendOne(store, uuidv7());
      await caughtUp(subscriptions, store, 'broken');
      expect(backends).toHaveLength(1);
      expect(await ledger.positions('broken')).toEqual([1, 2]);
      expect(await subscriptions.parked()).toEqual([]);
    },
  );

  it('while the answer to the commit is on its way, does not make the page count twice', async () => {
    const proxy = new LossyProxy(new URL(database.url));
    await proxy.open();
    const pool = createPool({ url: proxy.url, schema: database.schema });
    let lost: Promise<void> | null = null;
    const seen: number[] = [];
    const delays = new Gate();
    const subscriptions = await start(
      [
        ledger.subscription('ambiguous', {
          handle: async (events, transaction) => {
            await ledger.enter('ambiguous', events, transaction);
            seen.push(...events.map((event) => event.position));
            // The next answer is that to the commit.
            lost ??= proxy.loseNextAnswer();
          },
        }),
      ],
      { pool, leaseMs: 60_000, pollMs: 60_000, observer: { delayed: () => delays.open() } },
    );
    await appendOne(store, uuidv7());
    await delays.opened;
    await appendOne(store, uuidv7());
    await caughtUp(subscriptions, store, 'ambiguous');
    expect(await ledger.positions('ambiguous')).toEqual([1, 2]);
    // It asked how far it had come, instead of trying the page again and meeting the fence.
    expect(seen).toEqual([1, 2]);
    await subscriptions.stop();
    await closePool(pool);
    await proxy.close();
  });

  it('whatever the handler makes of it, is not blamed on the event', async () => {
    let calls = 0;
    const subscriptions = await start([
      ledger.subscription('wrapped', {
        attempts: 1,
        handle: async (events, transaction) => {
          calls += 1;
          if (calls > 1) return ledger.enter('wrapped', events, transaction);
          await transaction.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
          throw new Error('it did not work');
        },
      }),
    ]);
    await appendOne(store, uuidv7());
    await caughtUp(subscriptions, store, 'wrapped');
    expect(await ledger.positions('wrapped')).toEqual([1]);
  });
});

describe('several processes', () => {
  const counts = async (name: string): Promise<number[]> => {
    const workers = await holders(database, name);
    const byWorker = new Map<string, number>();
    for (const worker of workers) if (worker) byWorker.set(worker, (byWorker.get(worker) ?? 0) + 1);
    return [...byWorker.values()].sort();
  };
  const become = (name: string, wanted: number[]) =>
    until(
      () => counts(name),
      (found) => JSON.stringify(found) === JSON.stringify(wanted),
    );

  it('share the shards evenly, as they come and go', async () => {
    const declared = ledger.subscription('shared', { shards: 8 });
    const quick = { leaseMs: 500 };
    const first = await start([declared], quick);
    await become('shared', [8]);
    await start([declared], quick);
    await become('shared', [4, 4]);
    await start([declared], quick);
    await become('shared', [2, 3, 3]);
    await first.stop();
    await become('shared', [4, 4]);
  });

  it('do not all leave subscriptions of one shard to the same one', async () => {
    const declared = Array.from({ length: 16 }, (_, i) => ledger.subscription(`single-${i}`));
    const quick = { leaseMs: 500 };
    await start(declared, quick);
    await start(declared, quick);
    await until(
      async () => {
        const { rows } = await database.pool.query<{ n: number }>(
          'select count(*)::int as n from subscription_shard where worker is not null group by worker',
        );
        return rows.map((row) => row.n);
      },
      (found) => found.length === 2 && found[0]! + found[1]! === 16,
    );
  });
});
