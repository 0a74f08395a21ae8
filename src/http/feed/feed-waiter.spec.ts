import { jest } from '@jest/globals';
import { InMemoryEventStore } from '../../event-store/index.js';
import { uuidv7 } from '../../shared/ids.js';
import { Sealer, TaskHistory, TooManyWaitingError } from '../../tasks/index.js';
import { type HttpOptions } from '../http.options.js';
import { type FeedQuery, FeedWaiter } from './feed-waiter.js';

/** Nothing here is sealed. */
const SEALER = { open: async () => [] } as unknown as Sealer;

const setup = (maxWaiting = 10) => {
  const store = new InMemoryEventStore();
  const feed = new FeedWaiter(store, new TaskHistory(store, SEALER), {
    maxWaiting,
  } as HttpOptions);
  const append = (owner: string, type = 'TaskSubmitted') =>
    store.append({
      streamId: uuidv7(),
      expected: 'none',
      events: [{ id: uuidv7(), type, schemaVersion: 1, data: {} }],
      owner,
      actor: 'spec',
      correlationId: null,
      causationId: null,
    });
  return { feed, append };
};

const from = (after: number): FeedQuery => ({ owner: 'acme', after, limit: 10, types: ['TaskSubmitted'] });

/** Lets everything run that needs no time. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('Waiting for the feed', () => {
  // Timers stand still, so that only a commit can wake anybody.
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] }));
  afterEach(() => jest.useRealTimers());

  it('ends with the commit that brings an event', async () => {
    const { feed, append } = setup();
    const page = feed.next(from(0), 60_000);
    await settle();
    await append('acme');
    expect((await page).events).toMatchObject([{ position: 1 }]);
  });

  it("goes on over other owners' events and other types, and forgets none behind them", async () => {
    const { feed, append } = setup();
    const page = feed.next(from(0), 60_000);
    await settle();
    await append('other');
    await append('acme', 'TaskCancelled');
    await settle();
    await append('acme');
    expect((await page).events).toMatchObject([{ position: 3 }]);
  });

  it('finds what nobody announced when it looks again', async () => {
    const { feed, append } = setup();
    const page = feed.next(from(0), 60_000);
    await settle();
    feed['stopListening']?.();
    await append('acme');
    await jest.advanceTimersByTimeAsync(1_000);
    expect((await page).events).toHaveLength(1);
  });

  it('ends empty when the time is over', async () => {
    const { feed } = setup();
    const page = feed.next(from(0), 2_500);
    await jest.advanceTimersByTimeAsync(2_600);
    expect((await page).events).toEqual([]);
  });

  it('ends when nobody listens any more, and at shutdown', async () => {
    const { feed } = setup();
    const gone = new AbortController();
    const pages = [feed.next(from(0), 60_000, gone.signal), feed.next(from(0), 60_000)];
    await settle();
    gone.abort();
    expect((await pages[0]!).events).toEqual([]);
    feed.onModuleDestroy();
    expect((await pages[1]!).events).toEqual([]);
  });

  it('is bounded, and gives its place back', async () => {
    const { feed, append } = setup(1);
    const first = feed.next(from(0), 60_000);
    await settle();
    await expect(feed.next(from(0), 60_000)).rejects.toThrow(TooManyWaitingError);
    await append('acme');
    await first;
    const next = feed.next(from(1), 60_000);
    await settle();
    await append('acme');
    expect((await next).events).toHaveLength(1);
  });
});
