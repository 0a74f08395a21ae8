import { type StoredEvent } from '../../../src/event-store/event-store.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import {
  type Subscription,
  SubscriptionOperator,
  type Subscriptions,
  type SubscriptionsObserver,
  type SubscriptionsOptions,
} from '../../../src/event-store/subscriptions/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore, until as untilWithin } from './open-store.js';
import { appendOne, caughtUp, held, Ledger, openSubscriptions } from './subscriptions.support.js';

/*
 * Events that a handler cannot handle.
 */

let database: TestDatabase;
let store: PostgresEventStore;
let ledger: Ledger;
let running: Subscriptions[];
/** Sooner than a parked stream is tried again by itself, which is after 30 s. */
const until = <T>(look: () => Promise<T> | T, isSo: (value: T) => boolean): Promise<T> =>
  untilWithin(look, isSo, 20_000);

/** Positions that fail, until they are taken out. */
let poison: Set<number>;

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
  ledger = new Ledger(database);
  await ledger.create();
  running = [];
  poison = new Set();
});
afterEach(async () => {
  await Promise.all(running.map((subscriptions) => subscriptions.stop()));
  await store.close();
  await database.drop();
});

class CardDeclined extends Error {
  override readonly name = 'CardDeclined';
}

/** Writes first and fails then, so that a page which is not rolled back shows. */
const fragile = (name: string, options: Partial<Subscription> = {}): Subscription =>
  ledger.subscription(name, {
    attempts: 3,
    handle: async (events, transaction) => {
      await ledger.enter(name, events, transaction);
      if (events.some((event) => poison.has(event.position)))
        throw new CardDeclined('of Ada Lovelace, 4111 1111 1111 1111');
    },
    ...options,
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

const unparked = (subscriptions: Subscriptions) =>
  until(
    () => subscriptions.parked(),
    (all) => all.length === 0,
  );

describe('an event that fails', () => {
  it('parks its stream, and nothing else waits for it', async () => {
    const [bad, good] = [uuidv7(), uuidv7()];
    for (const streamId of [good, bad, bad, good, bad, good]) await appendOne(store, streamId, 'Paid');
    poison.add(3);
    const subscriptions = await start([fragile('bills')]);
    await caughtUp(subscriptions, store, 'bills');
    expect(await ledger.positions('bills')).toEqual([1, 2, 4, 6]);
    expect(await subscriptions.parked()).toEqual([
      {
        subscription: 'bills',
        streamId: bad,
        position: 3,
        type: 'Paid',
        attempts: 3,
        error: 'CardDeclined',
        parkedAt: expect.any(Date) as Date,
        nextAttemptAt: expect.any(Date) as Date,
        waiting: 2,
      },
    ]);
    // Nothing that the handler said is kept.
    const { rows } = await database.pool.query<{ text: string }>(
      'select p::text as text from parked_stream p',
    );
    expect(rows[0]!.text).not.toMatch(/Ada|4111/);
  });

  it('is tried as often as declared, alone; its neighbours are committed in the meantime and not done again', async () => {
    for (let i = 0; i < 64; i += 1) await appendOne(store, uuidv7());
    poison.add(20).add(50);
    const calls: number[][] = [];
    const inner = fragile('counted');
    const subscriptions = await start([
      {
        ...inner,
        handle: (events, transaction) => {
          calls.push(events.map((event) => event.position));
          return inner.handle(events, transaction);
        },
      },
    ]);
    await caughtUp(subscriptions, store, 'counted');
    expect(calls.filter((page) => page.length === 1 && page[0] === 20)).toHaveLength(3);
    expect(calls.filter((page) => page.length === 1 && page[0] === 50)).toHaveLength(3);
    // Each halving costs a call or two, not a call per event.
    expect(calls.length).toBeLessThan(40);
    const entries = await ledger.positions('counted');
    expect(entries).toEqual(Array.from({ length: 64 }, (_, i) => i + 1).filter((n) => n !== 20 && n !== 50));
  });

  it('that succeeds on a later attempt parks nothing', async () => {
    let failures = 2;
    const subscriptions = await start([
      ledger.subscription('moody', {
        attempts: 3,
        handle: async (events, transaction) => {
          if (failures-- > 0) throw new Error('not now');
          await ledger.enter('moody', events, transaction);
        },
      }),
    ]);
    await appendOne(store, uuidv7());
    await caughtUp(subscriptions, store, 'moody');
    expect(await ledger.positions('moody')).toEqual([1]);
    expect(await subscriptions.parked()).toEqual([]);
  });

  it('is told to the observer', async () => {
    const told: unknown[] = [];
    const observer: SubscriptionsObserver = {
      handlerFailed: ({ attempt, events }) => told.push(`failed ${attempt} of ${events}`),
      streamParked: ({ position, errorClass }) => told.push(`parked ${position} ${errorClass}`),
      streamReleased: ({ streamId }) => told.push(`released ${streamId}`),
    };
    const streamId = uuidv7();
    await appendOne(store, streamId);
    poison.add(1);
    const subscriptions = await start([fragile('told')], { observer });
    await caughtUp(subscriptions, store, 'told');
    poison.clear();
    await subscriptions.redrive();
    await unparked(subscriptions);
    await until(
      () => told.length,
      (length) => length === 5,
    );
    expect(told).toEqual([
      'failed 1 of 1',
      'failed 2 of 1',
      'failed 3 of 1',
      'parked 1 CardDeclined',
      `released ${streamId}`,
    ]);
  });

  it.each([
    [new CardDeclined('4111'), 'CardDeclined'],
    ['4111 as a text', 'string'],
    [Object.assign(new Error('x'), { name: 'of Ada Lovelace' }), 'Error'],
  ])('with %p is listed as %s', async (thrown, expected) => {
    await appendOne(store, uuidv7());
    const subscriptions = await start([
      ledger.subscription('classes', {
        attempts: 1,
        handle: async () => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- handlers of others do
          throw thrown;
        },
      }),
    ]);
    await caughtUp(subscriptions, store, 'classes');
    expect((await subscriptions.parked())[0]!.error).toBe(expected);
  });
});

describe('a parked stream', () => {
  it('is tried again by itself, with growing pauses', async () => {
    await appendOne(store, uuidv7());
    poison.add(1);
    const subscriptions = await start([fragile('again')], { parkedRetry: { firstMs: 10, lastMs: 20 } });
    await until(
      () => subscriptions.parked(),
      ([parked]) => (parked?.attempts ?? 0) >= 6,
    );
    poison.clear();
    await unparked(subscriptions);
    expect(await ledger.positions('again')).toEqual([1]);
  });

  it('redriven, is handled in order: what failed, then what came behind it, then what comes now', async () => {
    const [bad, good] = [uuidv7(), uuidv7()];
    await appendOne(store, bad);
    poison.add(1);
    const subscriptions = await start([fragile('ordered', { pageSize: 3 })]);
    await caughtUp(subscriptions, store, 'ordered');

    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 60 || writing; i += 1) await appendOne(store, i % 2 ? good : bad);
    })();
    await until(
      () => subscriptions.parked(),
      ([parked]) => parked!.waiting > 10,
    );
    poison.clear();
    expect(await subscriptions.redrive({ streamId: bad, subscription: 'ordered' })).toBe(1);
    await unparked(subscriptions);
    writing = false;
    await writer;
    await caughtUp(subscriptions, store, 'ordered');

    const entries = await ledger.entries('ordered');
    for (const streamId of [bad, good]) {
      const versions = entries.filter((entry) => entry.streamId === streamId).map((entry) => entry.version);
      expect(versions).toEqual(versions.map((_, i) => i + 1));
    }
    expect(entries).toHaveLength((await store.head()).position);
  });

  it('comes as far as it can: what is handled is not done again when a later event fails', async () => {
    const bad = uuidv7();
    for (let i = 0; i < 9; i += 1) await appendOne(store, bad);
    poison.add(2);
    const subscriptions = await start([fragile('second')]);
    await caughtUp(subscriptions, store, 'second');
    poison = new Set([7]);
    await subscriptions.redrive();
    const parked = await until(
      () => subscriptions.parked(),
      ([first]) => first?.position === 7 && first.attempts === 1,
    );
    expect(parked).toMatchObject([{ streamId: bad, waiting: 3 }]);
    poison.clear();
    await subscriptions.redrive();
    await unparked(subscriptions);
    expect(await ledger.positions('second')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('redriven while an attempt is failing, is tried once more at once', async () => {
    await appendOne(store, uuidv7());
    poison.add(1);
    const subscriptions = await start([
      fragile('wish', {
        attempts: 1,
        handle: async (events, transaction) => {
          const { rows } = await database.pool.query<{ redrives: number }>(
            'select redrives from parked_stream',
          );
          if (rows[0]?.redrives === 1) {
            await subscriptionsOf().redrive();
            throw new CardDeclined();
          }
          if (rows.length === 0) throw new CardDeclined();
          await ledger.enter('wish', events, transaction);
        },
      }),
    ]);
    const subscriptionsOf = () => subscriptions;
    await caughtUp(subscriptions, store, 'wish');
    await subscriptions.redrive();
    await unparked(subscriptions);
    expect(await ledger.positions('wish')).toEqual([1]);
  });

  it('stays parked when another worker takes over, which goes on with it', async () => {
    const bad = uuidv7();
    await appendOne(store, bad);
    poison.add(1);
    const first = await start([fragile('moved', { shards: 2 })]);
    await caughtUp(first, store, 'moved');
    await first.stop();
    await appendOne(store, bad);
    const second = await start([fragile('moved', { shards: 2 })]);
    await held(database, 'moved', second);
    await caughtUp(second, store, 'moved');
    expect(await ledger.positions('moved')).toEqual([]);
    poison.clear();
    await new SubscriptionOperator(database.pool, database.schema).redrive({ subscription: 'moved' });
    await unparked(second);
    expect(await ledger.positions('moved')).toEqual([1, 2]);
  });

  it('of one subscription is none of another', async () => {
    const seen: StoredEvent[] = [];
    await appendOne(store, uuidv7());
    poison.add(1);
    const other: Subscription = { name: 'other', handle: async (events) => void seen.push(...events) };
    const subscriptions = await start([fragile('one'), other]);
    await caughtUp(subscriptions, store, 'one');
    await caughtUp(subscriptions, store, 'other');
    expect(seen).toHaveLength(1);
    expect(await subscriptions.redrive({ subscription: 'other' })).toBe(0);
  });

  it('waits behind only the events that its subscription wants', async () => {
    const bad = uuidv7();
    for (const type of ['A', 'B', 'A', 'B', 'A']) await appendOne(store, bad, type);
    poison.add(1);
    const subscriptions = await start([fragile('filtered', { types: ['A'] })]);
    await caughtUp(subscriptions, store, 'filtered');
    expect(await subscriptions.parked()).toMatchObject([{ waiting: 3 }]);
    poison.clear();
    await subscriptions.redrive();
    await unparked(subscriptions);
    expect(await ledger.positions('filtered')).toEqual([1, 3, 5]);
  });
});
