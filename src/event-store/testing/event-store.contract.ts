import assert from 'node:assert/strict';
import { uuidv7 } from '../../shared/ids.js';
import { HistoryForkedError, InvalidAppendError, StreamConflictError } from '../event-store.errors.js';
import {
  type AppendRequest,
  type Commit,
  type EventStore,
  type NewEvent,
  type StoredEvent,
} from '../event-store.js';

/** A rule that every event store keeps. The check gets a store of its own, empty, and rejects when the rule is broken. */
export interface EventStoreRule {
  readonly rule: string;
  readonly check: (store: EventStore) => Promise<void>;
}

/** Where a suite is written into: Jest, Vitest and node:test all have these two. */
export interface SuiteFramework {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
}

/** A store to be checked, and how to end it. */
export interface StoreUnderTest {
  readonly store: EventStore;
  readonly close: () => Promise<void>;
}

/**
 * Declares one test per rule. Each gets a new, empty store.
 *
 * @example
 * eventStoreContract('in memory', async () => {
 *   const store = new InMemoryEventStore();
 *   return { store, close: () => store.close() };
 * });
 */
export const eventStoreContract = (
  name: string,
  makeStore: () => Promise<StoreUnderTest>,
  // The build knows no test globals, the specs do: only there the assertion looks unnecessary.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-assertion
  framework: SuiteFramework = globalThis as unknown as SuiteFramework,
): void => {
  framework.describe(`${name} keeps the contract of an event store`, () => {
    for (const { rule, check } of eventStoreRules) {
      framework.it(rule, async () => {
        const { store, close } = await makeStore();
        try {
          await check(store);
        } finally {
          await close();
        }
      });
    }
  });
};

/** An event with a new id. */
export const someEvent = (overrides: Partial<NewEvent> = {}): NewEvent => ({
  id: uuidv7(),
  type: 'SomethingHappened',
  schemaVersion: 1,
  data: {},
  ...overrides,
});

/** A request for one event in a new stream. */
export const someAppend = (overrides: Partial<AppendRequest> = {}): AppendRequest => ({
  streamId: uuidv7(),
  expected: 'none',
  events: [someEvent()],
  owner: 'acme',
  actor: 'key:1',
  correlationId: null,
  causationId: null,
  ...overrides,
});

const appendTo = (store: EventStore, streamId: string, ...overrides: Partial<AppendRequest>[]) =>
  store.append(Object.assign(someAppend({ streamId, expected: 'any' }), ...overrides) as AppendRequest);

const wholeLog = async (store: EventStore, limit = 100): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (let after = 0; ;) {
    const page = await store.readLog({ after, limit });
    if (page.next === after) return events;
    events.push(...page.events);
    after = page.next;
  }
};

const conflicts = async (appending: Promise<unknown>, streamId: string, actual: number): Promise<void> => {
  const error: unknown = await appending.then(
    () => assert.fail('the append must be refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StreamConflictError, `a StreamConflictError is wanted, not ${String(error)}`);
  assert.equal(error.streamId, streamId);
  assert.equal(error.actual, actual);
};

export const eventStoreRules: readonly EventStoreRule[] = [
  {
    rule: 'an empty log has head 0, an empty page and no streams',
    check: async (store) => {
      assert.deepEqual(await store.head(), { position: 0, recordedAt: null });
      assert.deepEqual(await store.readLog({ after: 0, limit: 10 }), { events: [], next: 0 });
      assert.deepEqual(await store.readLog({ after: 0, limit: 10, types: ['A'] }), { events: [], next: 0 });
      assert.deepEqual(await store.readStream(uuidv7()), []);
    },
  },
  {
    rule: 'what is read is what was written',
    check: async (store) => {
      const data = {
        text: 'quote " backslash \\ brace } Zoë 🎬 \u0000 \ud800',
        nested: [{ a: null, b: [1.5, true] }],
        NULL: 'NULL',
      };
      const request = someAppend({
        events: [
          someEvent({ type: 'Null"\\,{}', schemaVersion: 3, data, sealed: Buffer.from([0, 34, 92, 255]) }),
          someEvent(),
        ],
        owner: 'NULL',
        actor: 'policy:"a\\b", {c}',
        correlationId: 'cor,1',
        causationId: 'cau 1',
      });
      const result = await store.append(request);
      const [first, second] = await store.readStream(request.streamId);
      assert.ok(first && second);
      assert.match(first.hash, /^[0-9a-f]{64}$/);
      assert.deepEqual(first, {
        position: result.firstPosition,
        streamId: request.streamId,
        version: 1,
        id: request.events[0]!.id,
        type: 'Null"\\,{}',
        schemaVersion: 3,
        owner: 'NULL',
        actor: 'policy:"a\\b", {c}',
        correlationId: 'cor,1',
        causationId: 'cau 1',
        recordedAt: result.recordedAt,
        data,
        sealed: Buffer.from([0, 34, 92, 255]),
        hash: first.hash,
      });
      assert.equal(second.sealed, null);
      assert.deepEqual((await wholeLog(store))[0], first);
    },
  },
  {
    rule: 'the facts of a stream are its events without cause, sealed part and hash',
    check: async (store) => {
      const streamId = uuidv7();
      await appendTo(store, streamId, {
        events: [
          someEvent({ sealed: Buffer.of(1) }),
          someEvent({ schemaVersion: 3, data: { text: 'Zoë 🎬' } }),
        ],
        correlationId: 'cor,1',
        causationId: 'cau 1',
      });
      const events = await store.readStream(streamId);
      assert.equal(events.length, 2);
      const facts = events.map((event) => {
        const { actor: _actor, causationId: _causationId, sealed: _sealed, hash: _hash, ...fact } = event;
        return fact;
      });
      assert.deepEqual(await store.readFacts(streamId), facts);
      assert.deepEqual(await store.readFacts(uuidv7()), []);
    },
  },
  {
    rule: 'a stored event cannot be changed through the objects that were handed over or given out',
    check: async (store) => {
      const data: { list: number[] } = { list: [1] };
      const sealed = Buffer.from('a');
      const request = someAppend({ events: [someEvent({ data, sealed })] });
      await store.append(request);
      data.list.push(2);
      sealed[0] = 0;
      const [given] = await store.readStream(request.streamId);
      (given!.data.list as number[]).push(3);
      given!.sealed![0] = 0;
      const [again] = await store.readStream(request.streamId);
      assert.deepEqual(again!.data, { list: [1] });
      assert.deepEqual(again!.sealed, Buffer.from('a'));
    },
  },
  {
    rule: 'versions count within the stream, positions over the log, without gaps',
    check: async (store) => {
      const [a, b] = [uuidv7(), uuidv7()];
      const results = [
        await appendTo(store, a, { expected: 'none', events: [someEvent(), someEvent()] }),
        await appendTo(store, b, { expected: 'none' }),
        await appendTo(store, a, { expected: 2, events: [someEvent(), someEvent(), someEvent()] }),
      ];
      assert.deepEqual(
        results.map((result) => [
          result.version,
          result.firstPosition,
          result.lastPosition,
          result.duplicate,
        ]),
        [
          [2, 1, 2, false],
          [1, 3, 3, false],
          [5, 4, 6, false],
        ],
      );
      const log = await wholeLog(store, 4);
      assert.deepEqual(
        log.map((event) => event.position),
        [1, 2, 3, 4, 5, 6],
      );
      assert.deepEqual(
        log.map((event) => event.version),
        [1, 2, 1, 3, 4, 5],
      );
      assert.equal((await store.head()).position, 6);
    },
  },
  {
    rule: "'none' and 0 refuse a stream that exists",
    check: async (store) => {
      const streamId = uuidv7();
      await appendTo(store, streamId, { expected: 'none' });
      await conflicts(appendTo(store, streamId, { expected: 'none' }), streamId, 1);
      await conflicts(appendTo(store, streamId, { expected: 0 }), streamId, 1);
    },
  },
  {
    rule: "'exists' refuses a stream that does not exist, and takes one that does",
    check: async (store) => {
      const streamId = uuidv7();
      await conflicts(appendTo(store, streamId, { expected: 'exists' }), streamId, 0);
      await appendTo(store, streamId, { expected: 'none' });
      assert.equal((await appendTo(store, streamId, { expected: 'exists' })).version, 2);
    },
  },
  {
    rule: 'a number refuses every other version, lower and higher',
    check: async (store) => {
      const streamId = uuidv7();
      await appendTo(store, streamId, { events: [someEvent(), someEvent()] });
      await conflicts(appendTo(store, streamId, { expected: 1 }), streamId, 2);
      await conflicts(appendTo(store, streamId, { expected: 3 }), streamId, 2);
      assert.equal((await appendTo(store, streamId, { expected: 2 })).version, 3);
    },
  },
  {
    rule: "'any' starts a stream and prolongs it",
    check: async (store) => {
      const streamId = uuidv7();
      assert.equal((await appendTo(store, streamId)).version, 1);
      assert.equal((await appendTo(store, streamId)).version, 2);
    },
  },
  {
    rule: 'a refused append leaves nothing behind',
    check: async (store) => {
      const streamId = uuidv7();
      await appendTo(store, streamId);
      await conflicts(
        appendTo(store, streamId, { expected: 7, events: [someEvent(), someEvent()] }),
        streamId,
        1,
      );
      assert.equal((await appendTo(store, streamId)).firstPosition, 2);
      assert.equal((await wholeLog(store)).length, 2);
    },
  },
  {
    rule: 'of writers that expect the same version exactly one succeeds',
    check: async (store) => {
      const streamId = uuidv7();
      await appendTo(store, streamId);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, () => appendTo(store, streamId, { expected: 1 })),
      );
      assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
      assert.equal((await store.readStream(streamId)).length, 2);
    },
  },
  {
    rule: 'appends to one stream are written in the order in which they were asked for',
    check: async (store) => {
      const streamId = uuidv7();
      const ids = Array.from({ length: 20 }, () => uuidv7());
      await Promise.all(ids.map((id) => appendTo(store, streamId, { events: [someEvent({ id })] })));
      assert.deepEqual(
        (await store.readStream(streamId)).map((event) => event.id),
        ids,
      );
    },
  },
  {
    rule: 'the same request again answers the stored result and writes nothing',
    check: async (store) => {
      const streamId = uuidv7();
      for (const expected of ['none', 2, 'any', 'exists'] as const) {
        const request = someAppend({ streamId, expected, events: [someEvent(), someEvent()] });
        const result = await store.append(request);
        await appendTo(store, uuidv7());
        assert.deepEqual(await store.append(request), { ...result, duplicate: true }, `expected ${expected}`);
      }
      assert.equal((await store.head()).position, 12);
    },
  },
  {
    rule: 'a repetition is recognised after the stream has grown, with its own version',
    check: async (store) => {
      const requests = (['none', 'any'] as const).map((expected) => someAppend({ expected }));
      for (const request of requests) {
        const result = await store.append(request);
        await appendTo(store, request.streamId, { events: [someEvent(), someEvent()] });
        assert.deepEqual(await store.append(request), { ...result, duplicate: true });
      }
    },
  },
  {
    rule: 'a request that shares only some of the stored ids is no repetition',
    check: async (store) => {
      const [first, second] = [someEvent(), someEvent()];
      const request = someAppend({ events: [first, second] });
      await store.append(request);
      await conflicts(store.append({ ...request, events: [first, someEvent()] }), request.streamId, 2);
      await conflicts(store.append({ ...request, events: [second] }), request.streamId, 2);
    },
  },
  {
    rule: 'the same ids in another stream are no repetition',
    check: async (store) => {
      const request = someAppend();
      await store.append(request);
      assert.equal((await store.append({ ...request, streamId: uuidv7() })).duplicate, false);
    },
  },
  {
    rule: 'the time of an event never decreases with its position and is whole milliseconds',
    check: async (store) => {
      for (let i = 0; i < 5; i += 1) await appendTo(store, uuidv7());
      const times = (await wholeLog(store)).map((event) => event.recordedAt.getTime());
      assert.deepEqual(
        times,
        [...times].sort((a, b) => a - b),
      );
      assert.ok(times.every(Number.isInteger));
      assert.equal((await store.head()).recordedAt?.getTime(), times.at(-1));
    },
  },
  {
    rule: 'a stream is read by range of versions, limit and instant',
    check: async (store) => {
      const streamId = uuidv7();
      const events = Array.from({ length: 5 }, () => someEvent());
      const { recordedAt } = await appendTo(store, streamId, { events });
      const versions = async (options: Parameters<EventStore['readStream']>[1]) =>
        (await store.readStream(streamId, options)).map((event) => event.version);
      assert.deepEqual(await versions({ fromVersion: 2, toVersion: 4 }), [2, 3, 4]);
      assert.deepEqual(await versions({ fromVersion: 4 }), [4, 5]);
      assert.deepEqual(await versions({ toVersion: 0 }), []);
      assert.deepEqual(await versions({ fromVersion: 2, limit: 2 }), [2, 3]);
      assert.deepEqual(await versions({ until: recordedAt }), [1, 2, 3, 4, 5]);
      assert.deepEqual(await versions({ until: new Date(recordedAt.getTime() - 1) }), []);
    },
  },
  {
    rule: 'a page of the log holds at most `limit` events and says where to go on',
    check: async (store) => {
      for (let i = 0; i < 5; i += 1) await appendTo(store, uuidv7());
      const first = await store.readLog({ after: 0, limit: 3 });
      assert.deepEqual([first.events.map((event) => event.position), first.next], [[1, 2, 3], 3]);
      const second = await store.readLog({ after: 3, limit: 3 });
      assert.deepEqual([second.events.map((event) => event.position), second.next], [[4, 5], 5]);
      assert.deepEqual(await store.readLog({ after: 5, limit: 3 }), { events: [], next: 5 });
    },
  },
  {
    rule: 'a filtered page goes on behind what the filter left out',
    check: async (store) => {
      const add = (owner: string, type: string) =>
        appendTo(store, uuidv7(), { owner, events: [someEvent({ type })] });
      await add('a', 'X');
      await add('b', 'Y');
      await add('a', 'Y');
      await add('b', 'Z');
      const page = async (options: { owner?: string; types?: string[]; after?: number; limit?: number }) => {
        const { events, next } = await store.readLog({ after: 0, limit: 10, ...options });
        return [events.map((event) => event.position), next];
      };
      assert.deepEqual(await page({ owner: 'a' }), [[1, 3], 4]);
      assert.deepEqual(await page({ types: ['X', 'Z'] }), [[1, 4], 4]);
      assert.deepEqual(await page({ owner: 'b', types: ['Y'] }), [[2], 4]);
      assert.deepEqual(await page({ types: ['nothing'] }), [[], 4]);
      assert.deepEqual(await page({ types: ['Y'], limit: 1 }), [[2], 2]);
      assert.deepEqual(await page({ types: ['X'], after: 1 }), [[], 4]);
    },
  },
  {
    rule: 'a bookmark of any position holds while the log grows',
    check: async (store) => {
      await store.append(someAppend({ events: [someEvent(), someEvent(), someEvent()] }));
      const bookmarks = await Promise.all([0, 1, 2, 3].map((position) => store.bookmark(position)));
      await store.append(someAppend());
      for (const bookmark of bookmarks) await store.assertSameHistory(bookmark);
      const chains = [...bookmarks, await store.bookmark(4)].map(({ chain }) => chain);
      assert.deepEqual(
        chains.map((chain) => chain.length),
        [64, 64, 64, 64, 64],
      );
      assert.notEqual(chains[0], chains[3]);
      assert.notEqual(chains[3], chains[4]);
    },
  },
  {
    rule: 'a bookmark beyond the head, or of another history, is refused',
    check: async (store) => {
      await store.append(someAppend());
      const bookmark = await store.bookmark(1);
      for (const other of [
        { ...bookmark, position: 2 },
        { ...bookmark, position: 0 },
        { ...bookmark, chain: '11'.repeat(32) },
      ]) {
        await assert.rejects(store.assertSameHistory(other), HistoryForkedError);
      }
      await assert.rejects(store.bookmark(2), HistoryForkedError);
    },
  },
  {
    rule: 'an invalid request is refused',
    check: async (store) => {
      const invalid: Record<string, AppendRequest> = {
        'no events': someAppend({ events: [] }),
        'a stream id that is no UUID': someAppend({ streamId: 'task-1' }),
        'an upper-case stream id': someAppend({ streamId: uuidv7().toUpperCase() }),
        'an event id that is no UUID': someAppend({ events: [someEvent({ id: '1' })] }),
        'an id twice': someAppend({
          events: Array.from({ length: 2 }, () => someEvent({ id: '01890000-0000-7000-8000-000000000000' })),
        }),
        'an empty type': someAppend({ events: [someEvent({ type: '' })] }),
        'an empty owner': someAppend({ owner: '' }),
        'NUL in a text': someAppend({ actor: 'a\0b' }),
        'half a surrogate pair': someAppend({ correlationId: '\ud800' }),
        'a schema version of 0': someAppend({ events: [someEvent({ schemaVersion: 0 })] }),
        'a schema version beyond 32767': someAppend({ events: [someEvent({ schemaVersion: 32768 })] }),
        'a negative expected version': someAppend({ expected: -1 }),
        'half an expected version': someAppend({ expected: 0.5 }),
        'data that is no object': someAppend({ events: [someEvent({ data: [] as never })] }),
        'data that is no JSON': someAppend({ events: [someEvent({ data: { n: 1n } as never })] }),
        'a document without an exact version': someAppend({ expected: 'any', document: 'x' }),
      };
      for (const [name, request] of Object.entries(invalid)) {
        await assert.rejects(store.append(request), InvalidAppendError, name);
      }
      assert.equal((await store.head()).position, 0);
    },
  },
  {
    rule: 'a commit rings before the append is answered, with the stream, until the listener is removed',
    check: async (store) => {
      const heard: Commit[] = [];
      const remove = store.onCommit((commit) => heard.push(commit));
      const request = someAppend();
      const { lastPosition } = await store.append(request);
      assert.ok(
        heard.some(
          (commit) => commit.position === lastPosition && commit.streamIds?.includes(request.streamId),
        ),
      );
      remove();
      heard.length = 0;
      await store.append(someAppend());
      assert.deepEqual(heard, []);
    },
  },
  {
    rule: 'a listener that throws disturbs neither the append nor the other listeners',
    check: async (store) => {
      let heard = 0;
      store.onCommit(() => {
        throw new Error('a broken listener');
      });
      const remove = store.onCommit(() => (heard += 1));
      await store.append(someAppend());
      assert.ok(heard > 0);
      remove();
    },
  },
];
