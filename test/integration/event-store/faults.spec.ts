import { EventStoreUnavailableError } from '../../../src/event-store/event-store.errors.js';
import {
  type PostgresEventStore,
  type PostgresEventStoreOptions,
} from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { LossyProxy } from './lossy-proxy.js';
import { expectGapless, holdLogLock, openStore, until, waitingAppends, wholeLog } from './open-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
const stores: PostgresEventStore[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await database.drop();
});

const open = (options: Partial<PostgresEventStoreOptions> = {}): PostgresEventStore => {
  const store = openStore(database, options);
  stores.push(store);
  return store;
};

const inFlight = (count = 1) =>
  until(
    () => waitingAppends(database),
    (pids) => pids.length === count,
  );
const unavailable = (outcomeKnown: boolean): unknown =>
  expect.objectContaining({ name: 'EventStoreUnavailableError', outcomeKnown });

describe('a broken connection', () => {
  it('killed while the batch waits for its turn: it is sent again and written once', async () => {
    let ambiguous = 0;
    const store = open({ observer: { commitAmbiguous: (commands) => (ambiguous += commands) } });
    await store.append(someAppend());
    const lock = await holdLogLock(database);
    const first = store.append(someAppend());
    const [pid] = await inFlight();
    const others = Array.from({ length: 5 }, () => store.append(someAppend()));
    await database.pool.query('select pg_terminate_backend($1)', [pid]);
    await until(
      () => waitingAppends(database),
      (pids) => pids.length === 1 && pids[0] !== pid,
    );
    await lock.release();

    expect(await first).toMatchObject({ version: 1, duplicate: false });
    await Promise.all(others);
    expect(ambiguous).toBe(1);
    const log = await wholeLog(store);
    expect(log).toHaveLength(7);
    expectGapless(log);
  });

  it('killed while idle: the next append connects again', async () => {
    const lost: unknown[] = [];
    const store = open({ observer: { connectionLost: (_, error) => lost.push(error) } });
    await store.append(someAppend());
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'genledger append' and query like '%' || $1 || '%'`,
      [database.schema],
    );
    await until(
      () => lost.length,
      (count) => count > 0,
    );
    expect((await store.append(someAppend())).firstPosition).toBe(2);
  });

  it('the answer of a commit gets lost: it is found stored, once, and called a duplicate', async () => {
    const proxy = new LossyProxy(new URL(database.url));
    await proxy.open();
    const store = open({ connection: { connectionString: proxy.url } });
    await store.append(someAppend());
    const request = someAppend({ events: [someEvent(), someEvent()] });
    const lost = proxy.loseNextAnswer();
    const appending = store.append(request);
    await lost;
    expect(await appending).toMatchObject({ version: 2, firstPosition: 2, lastPosition: 3, duplicate: true });
    expect(await wholeLog(store)).toHaveLength(3);
    await store.close();
    await proxy.close();
  });

  it('not back in time: the outcome is called unknown, and sending the same ids again tells it', async () => {
    const proxy = new LossyProxy(new URL(database.url));
    await proxy.open();
    const store = open({ connection: { connectionString: proxy.url }, retryForMs: 100 });
    await store.append(someAppend());
    const request = someAppend();
    const lost = proxy.loseNextAnswer();
    const appending = store.append(request);
    await Promise.all([
      lost.then(() => proxy.close()),
      expect(appending).rejects.toEqual(unavailable(false)),
    ]);
    // Without a connection nothing is sent, so this one is certainly not stored.
    await expect(store.append(someAppend())).rejects.toEqual(unavailable(true));

    await proxy.open();
    expect(await store.append(request)).toMatchObject({ firstPosition: 2, duplicate: true });
    expect(await wholeLog(store)).toHaveLength(2);
    await store.close();
    await proxy.close();
  });

  it('not there at first: an append waits for it', async () => {
    const proxy = new LossyProxy(new URL(database.url));
    await proxy.open();
    await proxy.close();
    const refused = new Promise<void>((resolve) => {
      open({ connection: { connectionString: proxy.url }, observer: { connectionLost: () => resolve() } });
    });
    const store = stores.at(-1)!;
    const appending = store.append(someAppend());
    await refused;
    await proxy.open();
    expect(await appending).toMatchObject({ firstPosition: 1, duplicate: false });
    await store.close();
    await proxy.close();
  });

  it('no database at all: appends and reads fail as unavailable, the outcome known', async () => {
    const store = open({
      connection: { connectionString: 'postgres://nobody@127.0.0.1:1/none' },
      retryForMs: 50,
    });
    const outcomes = await Promise.allSettled(Array.from({ length: 700 }, () => store.append(someAppend())));
    expect(
      outcomes.every(
        (outcome) =>
          outcome.status === 'rejected' &&
          outcome.reason instanceof EventStoreUnavailableError &&
          outcome.reason.outcomeKnown,
      ),
    ).toBe(true);
  });
});

describe('a log that is held by somebody', () => {
  it('times out by the lock timeout, and nothing is stored', async () => {
    const store = open({ lockTimeoutMs: 100 });
    const lock = await holdLogLock(database);
    await expect(store.append(someAppend())).rejects.toEqual(unavailable(true));
    await lock.release();
    expect((await store.append(someAppend())).firstPosition).toBe(1);
  });

  it('times out by the statement timeout, and nothing is stored', async () => {
    const store = open({ statementTimeoutMs: 100 });
    const lock = await holdLogLock(database);
    await expect(store.append(someAppend())).rejects.toEqual(unavailable(true));
    await lock.release();
    expect((await store.append(someAppend())).firstPosition).toBe(1);
  });

  it('fills the queue, and the next append is refused at once', async () => {
    let rejected = 0;
    const store = open({ maxQueued: 3, observer: { requestRejected: () => (rejected += 1) } });
    const lock = await holdLogLock(database);
    const first = store.append(someAppend());
    await inFlight();
    const queued = Array.from({ length: 3 }, () => store.append(someAppend()));
    await expect(store.append(someAppend())).rejects.toEqual(unavailable(true));
    expect(rejected).toBe(1);
    await lock.release();
    await Promise.all([first, ...queued]);
    expect((await store.head()).position).toBe(4);
  });
});

describe('a batch', () => {
  it('holds no more commands than allowed', async () => {
    const sizes: number[] = [];
    const store = open({
      maxBatchCommands: 4,
      observer: { batchAnswered: ({ commands }) => sizes.push(commands) },
    });
    await Promise.all(Array.from({ length: 10 }, () => store.append(someAppend())));
    expect(sizes).toEqual([4, 4, 2]);
  });

  it('holds no more bytes than allowed, but for a request that is larger alone', async () => {
    const sizes: number[] = [];
    const store = open({
      maxBatchBytes: 10_000,
      observer: { batchAnswered: ({ commands }) => sizes.push(commands) },
    });
    const text = (length: number) =>
      someAppend({ events: [someEvent({ data: { text: 'x'.repeat(length) } })] });
    await Promise.all(
      [text(4_000), text(4_000), text(4_000), text(50_000), text(10)].map((request) => store.append(request)),
    );
    expect(sizes).toEqual([2, 1, 1, 1]);
  });
});

describe('closing', () => {
  it('writes what is queued and takes nothing more', async () => {
    const store = open();
    const appends = Array.from({ length: 50 }, () => store.append(someAppend()));
    const closing = store.close();
    await expect(store.append(someAppend())).rejects.toEqual(unavailable(true));
    await closing;
    await Promise.all(appends);
    expect((await store.head()).position).toBe(50);
  });

  it('ends in time when the database does not come back', async () => {
    const store = open({
      connection: { connectionString: 'postgres://nobody@127.0.0.1:1/none' },
      closeWithinMs: 50,
    });
    const appending = expect(store.append(someAppend())).rejects.toEqual(unavailable(true));
    await store.close();
    await appending;
  });
});
