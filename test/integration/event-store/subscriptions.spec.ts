import { createHash } from 'node:crypto';
import { type StoredEvent } from '../../../src/event-store/event-store.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import {
  InvalidSubscriptionError,
  streamShard,
  type Subscription,
  SubscriptionBehindError,
  type Subscriptions,
  type SubscriptionsOptions,
} from '../../../src/event-store/subscriptions/index.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidFrom, uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore, until, wholeLog } from './open-store.js';
import { appendOne, caughtUp, Gate, Ledger, openSubscriptions } from './subscriptions.support.js';

let database: TestDatabase;
let store: PostgresEventStore;
let ledger: Ledger;
let running: Subscriptions[];

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
  ledger = new Ledger(database);
  await ledger.create();
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((subscriptions) => subscriptions.stop()));
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

describe('a subscription', () => {
  it('is given every event exactly once and in order, while 16 writers append and two processes share its shards', async () => {
    const others = [openStore(database), openStore(database)];
    const shards = 4;
    const subscription = ledger.subscription('all', { shards, pageSize: 7 });
    const [first] = await Promise.all([start([subscription]), start([subscription])]);
    const streams = Array.from({ length: 12 }, (_, i) => uuidFrom('stream', String(i)));
    const write = async (writer: number): Promise<void> => {
      const own = [store, ...others][writer % 3]!;
      for (let i = 0; i < 15; i += 1) {
        await own.append(
          someAppend({
            streamId: streams[(writer * 5 + i) % streams.length]!,
            expected: 'any',
            events: Array.from({ length: 1 + (i % 3) }, () => someEvent()),
          }),
        );
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
    await caughtUp(first, store, 'all');

    const entries = await ledger.entries('all');
    const log = await wholeLog(store);
    const positionsOf = (events: readonly { position: number; streamId: string }[], shard: number) =>
      events.filter((event) => streamShard(event.streamId, shards) === shard).map((event) => event.position);
    expect(entries).toHaveLength(log.length);
    for (let shard = 0; shard < shards; shard += 1) {
      expect(positionsOf(entries, shard).length).toBeGreaterThan(0);
      expect(positionsOf(entries, shard)).toEqual(positionsOf(log, shard));
    }
    await Promise.all(others.map((other) => other.close()));
  });

  it('is given events as the log has them', async () => {
    const seen: StoredEvent[] = [];
    const subscriptions = await start([
      { name: 'seen', handle: async (events) => void seen.push(...events) },
    ]);
    const sealed = Buffer.from([1, 0, 255]);
    await store.append(someAppend({ events: [someEvent({ data: { text: 'Zoë 🎬' }, sealed })] }));
    await caughtUp(subscriptions, store, 'seen');
    expect(seen).toEqual(await wholeLog(store));
  });

  it('sees only types and owners it asked for, and comes to the head nevertheless', async () => {
    const subscriptions = await start([
      ledger.subscription('filtered', { types: ['A', 'B'], owners: ['acme', 'zeta'] }),
    ]);
    const wanted: number[] = [];
    for (const [type, owner] of [
      ['A', 'acme'],
      ['C', 'acme'],
      ['B', 'other'],
      ['B', 'zeta'],
      ['C', 'zeta'],
    ] as const) {
      const position = await appendOne(store, uuidv7(), type, owner);
      if (type !== 'C' && owner !== 'other') wanted.push(position);
    }
    await caughtUp(subscriptions, store, 'filtered');
    expect(await ledger.positions('filtered')).toEqual(wanted);
  });

  it('begins at the beginning, now, or behind a position; only the first start counts', async () => {
    for (let i = 0; i < 5; i += 1) await appendOne(store, uuidv7());
    const declared = [
      ledger.subscription('from-start'),
      ledger.subscription('from-now', { startAt: 'now' }),
      ledger.subscription('from-3', { startAt: { after: 3 } }),
    ];
    const first = await start(declared);
    await caughtUp(first, store, 'from-start');
    await first.stop();
    await appendOne(store, uuidv7());
    const second = await start([
      ...declared.slice(0, 1),
      { ...declared[1]!, startAt: 'beginning' },
      { ...declared[2]!, startAt: 'now' },
    ]);
    for (const { name } of declared) await caughtUp(second, store, name);
    expect(await ledger.positions('from-start')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await ledger.positions('from-now')).toEqual([6]);
    expect(await ledger.positions('from-3')).toEqual([4, 5, 6]);
  });

  it('catches up in pages, one at a time: what is read ahead does not grow with the log', async () => {
    for (let i = 0; i < 20; i += 1) {
      await store.append(
        someAppend({
          events: Array.from({ length: 50 }, () => someEvent({ data: { fill: 'x'.repeat(200) } })),
        }),
      );
    }
    const sizes: number[] = [];
    let inHand = 0;
    const subscriptions = await start([
      {
        name: 'pages',
        pageSize: 64,
        handle: async (events) => {
          inHand += 1;
          expect(inHand).toBe(1);
          sizes.push(events.length);
          await new Promise((resolve) => setImmediate(resolve));
          inHand -= 1;
        },
      },
    ]);
    await caughtUp(subscriptions, store, 'pages');
    expect(sizes).toEqual([...Array.from({ length: 15 }, () => 64), 40]);
  });

  it('hears of events by polling when no notification comes', async () => {
    // Never rings, as when the connection for notifications is cut off without anybody noticing.
    store.onCommit = () => () => undefined;
    const subscriptions = await start([ledger.subscription('deaf')]);
    const position = await appendOne(store, uuidv7());
    await subscriptions.waitFor('deaf', position, 5_000);
    expect(await ledger.positions('deaf')).toEqual([position]);
  });

  it('is woken by a commit, long before it would look for itself', async () => {
    const elsewhere = openStore(database);
    const subscriptions = await start([ledger.subscription('woken')], { pollMs: 60_000 });
    await appendOne(store, uuidv7());
    await caughtUp(subscriptions, store, 'woken');
    for (const writer of [store, elsewhere, store, elsewhere]) {
      await subscriptions.waitFor('woken', await appendOne(writer, uuidv7()), 5_000);
    }
    await elsewhere.close();
  });

  it('rolls its page back with the checkpoint when its transaction cannot commit', async () => {
    await database.pool.query(
      `create table target (position bigint unique deferrable initially deferred, once boolean)`,
    );
    await database.pool.query('insert into target values (2)');
    const subscriptions = await start([
      {
        name: 'deferred',
        handle: async (events, transaction) => {
          for (const { position } of events)
            await transaction.query('insert into target values ($1)', [position]);
        },
      },
    ]);
    const streamId = uuidv7();
    await appendOne(store, uuidv7());
    await appendOne(store, streamId);
    await appendOne(store, uuidv7());
    await caughtUp(subscriptions, store, 'deferred');
    expect(await subscriptions.parked()).toMatchObject([
      { streamId, position: 2, error: 'SQLSTATE.23505', attempts: 5 },
    ]);
    const { rows } = await database.pool.query('select position from target order by position');
    expect(rows.map((row: { position: number }) => row.position)).toEqual([1, 2, 3]);
  });

  it('cannot end the transaction of its page unnoticed', async () => {
    const subscriptions = await start([
      {
        name: 'ender',
        attempts: 1,
        handle: async (_events, transaction) => {
          await transaction.query('commit; begin');
        },
      },
    ]);
    await appendOne(store, uuidv7());
    await caughtUp(subscriptions, store, 'ender');
    expect(await subscriptions.parked()).toMatchObject([{ error: 'SQLSTATE.GL003' }]);
  });
});

describe('a declaration', () => {
  it.each([
    [{ name: 'Upper' }, 'its name must be'],
    [{ name: '' }, 'its name must be'],
    [{ name: 'a', shards: 0 }, 'shards is 0'],
    [{ name: 'a', shards: 1.5 }, 'shards is 1.5'],
    [{ name: 'a', pageSize: 0 }, 'pageSize is 0'],
    [{ name: 'a', attempts: 0 }, 'attempts is 0'],
    [{ name: 'a', types: [] }, 'it wants no types'],
    [{ name: 'a', owners: [] }, 'it wants no owners'],
    [{ name: 'a', startAt: { after: -1 } }, 'it starts after -1'],
  ])('%j is refused: %s', (wrong, what) => {
    const declared = { handle: async () => undefined, ...wrong };
    expect(() => openSubscriptions(database, store, [declared])).toThrow(InvalidSubscriptionError);
    expect(() => openSubscriptions(database, store, [declared])).toThrow(what);
  });

  it('is refused when the name is taken', () => {
    const twice = [ledger.subscription('a'), ledger.subscription('a')];
    expect(() => openSubscriptions(database, store, twice)).toThrow('another one has the same name');
  });

  it('is refused with another number of shards than it was started with', async () => {
    await start([ledger.subscription('a', { shards: 2 })]);
    await expect(start([ledger.subscription('a', { shards: 3 })])).rejects.toThrow('it has 2 shards');
  });

  it('is refused behind the head', async () => {
    await expect(start([ledger.subscription('a', { startAt: { after: 7 } })])).rejects.toThrow(
      'where the log has not come yet',
    );
  });
});

describe('the shard of a stream', () => {
  it('is the same in SQL and here, and follows from SHA-256', async () => {
    for (const shards of [1, 2, 3, 16, 256]) {
      const streamId = uuidv7();
      const { rows } = await database.pool.query<{ shard: number }>('select stream_shard($1, $2) as shard', [
        streamId,
        shards,
      ]);
      expect(streamShard(streamId, shards)).toBe(rows[0]!.shard);
    }
    const hash = createHash('sha256').update(Buffer.from('00000000000070008000000000000001', 'hex')).digest();
    expect(streamShard('00000000-0000-7000-8000-000000000001', 256)).toBe(hash[3]);
  });
});

describe('waitFor', () => {
  it('resolves when all shards have passed the position, and not before', async () => {
    const gate = new Gate();
    const slow = uuidv7();
    const subscriptions = await start([
      {
        name: 'waited',
        shards: 4,
        handle: async (events) => {
          if (events.some((event) => event.streamId === slow)) await gate.opened;
        },
      },
    ]);
    const position = await appendOne(store, slow);
    await until(
      () => subscriptions.list(),
      ([status]) => status!.shards.filter((shard) => shard.position >= position).length === 3,
    );
    let isThere = false;
    const waiting = subscriptions.waitFor('waited', position, 10_000).then(() => (isThere = true));
    await expect(subscriptions.waitFor('waited', position, 100)).rejects.toThrow(SubscriptionBehindError);
    expect(isThere).toBe(false);
    gate.open();
    await waiting;
  });

  it('hears of progress in another process', async () => {
    const api = openSubscriptions(database, store, [], { pollMs: 60_000 });
    running.push(api);
    await start([ledger.subscription('elsewhere')]);
    const stopWaiting = performance.now() + 200;
    while (performance.now() < stopWaiting) {
      const startedAt = performance.now();
      await api.waitFor('elsewhere', await appendOne(store, uuidv7()), 5_000);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    }
  });

  it('looks for itself when it cannot listen', async () => {
    const deaf = openSubscriptions(database, store, [], {
      connection: { connectionString: 'postgres://nobody@127.0.0.1:1/none' },
    });
    running.push(deaf);
    await start([ledger.subscription('polled')]);
    await deaf.waitFor('polled', await appendOne(store, uuidv7()), 5_000);
  });

  it('says how far it is when time is up, and when there is no such subscription', async () => {
    const subscriptions = await start([ledger.subscription('short')]);
    await subscriptions.waitFor('short', await appendOne(store, uuidv7()), 5_000);
    await expect(subscriptions.waitFor('short', 9, 20)).rejects.toMatchObject({
      code: 'subscription_behind',
      wanted: 9,
      position: 1,
    });
    await expect(subscriptions.waitFor('nobody', 1, 20)).rejects.toMatchObject({ position: null });
  });

  it('ends when the process stops', async () => {
    const subscriptions = await start([ledger.subscription('ended')]);
    const waiting = subscriptions.waitFor('ended', 5, 60_000);
    waiting.catch(() => undefined);
    await until(
      () => database.pool.query("select from pg_stat_activity where application_name = 'genledger progress'"),
      ({ rowCount }) => rowCount === 1,
    );
    await subscriptions.stop();
    await expect(waiting).rejects.toThrow('shutting down');
  });
});

describe('the observer', () => {
  it('is told how far a shard is behind', async () => {
    const reports: { position: number; lagEvents: number; lagMs: number; events: number }[] = [];
    for (let i = 0; i < 5; i += 1) await appendOne(store, uuidv7());
    const subscriptions = await start([ledger.subscription('measured', { pageSize: 2 })], {
      observer: { pageHandled: (report) => reports.push(report) },
    });
    await caughtUp(subscriptions, store, 'measured');
    expect(reports.map(({ position, lagEvents, events }) => [position, lagEvents, events])).toEqual([
      [2, 3, 2],
      [4, 1, 2],
      [5, 0, 1],
    ]);
    expect(reports[0]!.lagMs).toBeGreaterThan(0);
    expect(reports[2]!.lagMs).toBe(0);
  });
});
