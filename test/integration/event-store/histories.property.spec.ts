import fc from 'fast-check';
import { StreamConflictError } from '../../../src/event-store/event-store.errors.js';
import {
  type AppendRequest,
  type EventStore,
  type ExpectedVersion,
  type StoredEvent,
} from '../../../src/event-store/event-store.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { InMemoryEventStore } from '../../../src/event-store/in-memory-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidFrom, uuidv7 } from '../../../src/shared/ids.js';
import { openStore } from './open-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/** One request of a history; those of a step are sent at once and travel in one batch. */
interface Wish {
  readonly stream: number;
  readonly expected: ExpectedVersion;
  readonly events: number;
  /** Sends this earlier request again instead, if there is one. */
  readonly repeat: number | null;
  readonly owner: string;
}

const wish: fc.Arbitrary<Wish> = fc.record({
  stream: fc.nat(3),
  expected: fc.oneof(fc.constantFrom<ExpectedVersion>('none', 'any', 'exists'), fc.nat(6)),
  events: fc.integer({ min: 1, max: 3 }),
  repeat: fc.option(fc.nat(30), { freq: 4 }),
  owner: fc.constantFrom('a', 'b'),
});

/** All requests of a history; each run has streams of its own, so that runs can share a log. */
const requestsOf = (history: readonly Wish[][], run: string): AppendRequest[][] => {
  const made: AppendRequest[] = [];
  return history.map((step) => {
    const requests = step.map(({ stream, expected, events, repeat, owner }) => {
      const earlier = repeat === null ? undefined : made[repeat];
      if (earlier !== undefined) return earlier;
      const request = someAppend({
        streamId: streamOf(run, stream),
        expected,
        events: Array.from({ length: events }, (_, i) =>
          someEvent({ id: uuidFrom('event', run, String(made.length), String(i)), data: { n: i } }),
        ),
        owner: `${owner} ${run}`,
      });
      made.push(request);
      return request;
    });
    // In one step a stream occurs once: then the order within the batch is the order of the requests.
    return [...new Map(requests.map((request) => [request.streamId, request])).values()];
  });
};

const streamOf = (run: string, n: number): string => uuidFrom('stream', run, String(n));

/** What a store answers and holds: without times, positions counted from where the history began. */
const play = async (store: EventStore, steps: readonly AppendRequest[][], run: string): Promise<unknown> => {
  const start = (await store.head()).position;
  const relative = (events: readonly StoredEvent[]) =>
    events.map((event) => ({ ...event, recordedAt: null, position: event.position - start }));
  const answers: unknown[] = [];
  for (const step of steps) {
    const settled = await Promise.allSettled(step.map((request) => store.append(request)));
    answers.push(
      settled.map((outcome) => {
        if (outcome.status === 'fulfilled') {
          const { version, firstPosition, lastPosition, duplicate } = outcome.value;
          return { version, first: firstPosition - start, last: lastPosition - start, duplicate };
        }
        if (outcome.reason instanceof StreamConflictError) return `conflict at ${outcome.reason.actual}`;
        throw outcome.reason;
      }),
    );
  }
  const log = await store.readLog({ after: start, limit: 1_000 });
  const streams = await Promise.all([0, 1, 2, 3].map((n) => store.readStream(streamOf(run, n))));
  const feed = await store.readLog({ after: start + 1, limit: 5, owner: `a ${run}` });
  return {
    answers,
    log: relative(log.events),
    next: log.next - start,
    streams: streams.map(relative),
    feed: relative(feed.events),
    // Without a full page the feed goes on behind the head.
    feedNext: feed.next - start,
  };
};

let database: TestDatabase;
let postgres: PostgresEventStore;

beforeAll(async () => {
  database = await createTestDatabase();
  postgres = openStore(database);
});
afterAll(async () => {
  await postgres.close();
  await database.drop();
});

it('any history of appends has the same answers and the same log in memory and in PostgreSQL', async () => {
  const history = fc.array(fc.array(wish, { minLength: 1, maxLength: 6 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(history, async (wishes) => {
      const run = uuidv7();
      const steps = requestsOf(wishes, run);
      expect(await play(postgres, steps, run)).toEqual(await play(new InMemoryEventStore(), steps, run));
    }),
    { numRuns: 200 },
  );
});
