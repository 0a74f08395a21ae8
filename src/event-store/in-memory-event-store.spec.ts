import { type Clock } from '../shared/clock.js';
import { type EventStoreObserver } from './event-store.observer.js';
import { InMemoryEventStore, type ProjectedAppend } from './in-memory-event-store.js';
import { someAppend, someEvent } from './testing/index.js';

// That it keeps the contract is shown beside the contract.
describe('InMemoryEventStore', () => {
  it('shows the projection what is written with a document, not repetitions', async () => {
    const seen: ProjectedAppend[] = [];
    const store = new InMemoryEventStore({ project: (append) => seen.push(append) });
    const request = someAppend({
      events: [someEvent(), someEvent()],
      document: JSON.stringify({ status: 'queued' }),
    });
    const { recordedAt } = await store.append(request);
    await store.append(request);
    await store.append(someAppend());
    expect(seen).toEqual([
      {
        streamId: request.streamId,
        version: 2,
        firstPosition: 1,
        recordedAt,
        document: JSON.stringify({ status: 'queued' }),
      },
    ]);
  });

  it('writes nothing when the projection throws', async () => {
    const store = new InMemoryEventStore({
      project: () => {
        throw new Error('taken');
      },
    });
    await expect(store.append(someAppend({ document: 'x' }))).rejects.toMatchObject({
      name: 'AppendRefusedError',
      sqlState: null,
    });
    expect(await store.head()).toEqual({ position: 0, recordedAt: null });
  });

  it('never lets the time go back, even if the clock does', async () => {
    const times = [2_000, 1_000, 3_000];
    const clock: Clock = { now: () => new Date(times.shift()!), monotonic: () => 0 };
    const store = new InMemoryEventStore({ clock });
    const recorded = [];
    for (let i = 0; i < 3; i += 1) recorded.push((await store.append(someAppend())).recordedAt.getTime());
    expect(recorded).toEqual([2_000, 2_000, 3_000]);
  });

  it('tells the observer of a listener that threw', async () => {
    const failures: unknown[] = [];
    const observer: EventStoreObserver = { listenerFailed: (error) => failures.push(error) };
    const store = new InMemoryEventStore({ observer });
    const failure = new Error('a broken listener');
    store.onCommit(() => {
      throw failure;
    });
    await store.append(someAppend());
    expect(failures).toEqual([failure]);
  });
});
