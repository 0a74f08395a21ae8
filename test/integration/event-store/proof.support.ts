import { randomBytes } from 'node:crypto';
import { StoredLog, verifyLog, verifyRange } from '../../../src/event-store/index.js';
import {
  type AppendRequest,
  type AppendResult,
  type EventStore,
  type StoredEvent,
} from '../../../src/event-store/event-store.js';
import {
  EventStoreUnavailableError,
  StreamConflictError,
} from '../../../src/event-store/event-store.errors.js';
import { type TestDatabase } from '../../support/postgres.js';
import { type Entry } from './subscriptions.support.js';

/*
 * What must be true of a log, whatever happened to those who wrote it. The answer is a list of sentences about what is not:
 * empty is what is wanted, and the specs with broken functions want something else.
 */

/** What a writer knows about a request of its own, in the end. */
export type Outcome =
  | { readonly is: 'stored'; readonly result: AppendResult }
  /** Certainly not written by this request. */
  | { readonly is: 'not stored' }
  /** Written or not: nobody told. */
  | { readonly is: 'unknown' };

export interface Testimony {
  readonly request: AppendRequest;
  readonly outcome: Outcome;
}

/** Writes down what becomes of an append. Rejects only with what no caller should ever meet. */
export const testify = async (
  request: AppendRequest,
  appending: Promise<AppendResult>,
): Promise<Testimony> => {
  try {
    return { request, outcome: { is: 'stored', result: await appending } };
  } catch (error) {
    if (error instanceof StreamConflictError) return { request, outcome: { is: 'not stored' } };
    if (!(error instanceof EventStoreUnavailableError)) throw error;
    return { request, outcome: { is: error.outcomeKnown ? 'not stored' : 'unknown' } };
  }
};

/** The log behind a position. */
export const logBehind = async (store: EventStore, start: number): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (let after = start; ;) {
    const page = await store.readLog({ after, limit: 1_000 });
    if (page.next === after) return events;
    events.push(...page.events);
    after = page.next;
  }
};

export interface Case {
  readonly database: Pick<TestDatabase, 'pool' | 'schema'>;
  readonly store: EventStore;
  /** What lies before it is not looked at. Default 0. */
  readonly start?: number;
  readonly testimonies: readonly Testimony[];
}

export const contradictions = async ({
  database,
  store,
  start = 0,
  testimonies,
}: Case): Promise<string[]> => {
  const log = await logBehind(store, start);
  return [
    ...gaps(log, start, (await store.head()).position),
    ...repetitions(log),
    ...brokenPromises(log, testimonies),
    ...strangers(log, testimonies),
    ...(await otherViews(store, log, start)),
    ...(await brokenChain(database, start)),
  ];
};

/** Positions without a hole up to the head, and in that order the versions of each stream without one. */
const gaps = (log: readonly StoredEvent[], start: number, head: number): string[] => {
  const found: string[] = [];
  log.forEach(({ position }, n) => {
    if (position !== start + n + 1) found.push(`position ${position} stands where ${start + n + 1} should`);
  });
  if (start + log.length !== head) found.push(`${log.length} events lie between ${start} and ${head}`);
  for (const [streamId, events] of streamsOf(log)) {
    events.forEach(({ version }, n) => {
      if (version !== events[0]!.version + n)
        found.push(`${streamId} has version ${version} where ${events[0]!.version + n} should be`);
    });
  }
  return found;
};

const repetitions = (log: readonly StoredEvent[]): string[] => {
  const seen = new Set<string>();
  return log.flatMap(({ id }) => {
    if (seen.has(id)) return [`event ${id} is stored twice`];
    seen.add(id);
    return [];
  });
};

const brokenPromises = (log: readonly StoredEvent[], testimonies: readonly Testimony[]): string[] => {
  const byId = new Map(log.map((event) => [event.id, event]));
  // A repetition of a request that is stored is not stored itself, and yet its events are.
  const stored = new Set<AppendRequest>();
  const open = new Set<AppendRequest>();
  for (const { request, outcome } of testimonies) {
    if (outcome.is === 'stored') stored.add(request);
    if (outcome.is === 'unknown') open.add(request);
  }
  return testimonies.flatMap(({ request, outcome }) => {
    const found = request.events.map(({ id }) => byId.get(id));
    const name = `request ${request.events[0]!.id}`;
    const count = found.filter((event) => event !== undefined).length;
    if (count !== 0 && count !== found.length) return [`${name} is stored in part`];
    if (outcome.is === 'not stored')
      return count > 0 && !stored.has(request) && !open.has(request)
        ? [`${name} was refused and is stored`]
        : [];
    if (outcome.is === 'unknown') return [];
    if (count === 0) return [`${name} was acknowledged and is lost`];
    const { firstPosition, lastPosition, version } = outcome.result;
    const [first, last] = [found[0]!, found.at(-1)!];
    if (first.position !== firstPosition || last.position !== lastPosition || last.version !== version)
      return [`${name} lies elsewhere than was answered`];
    const wanted = request.expected === 'none' ? 0 : request.expected;
    if (typeof wanted === 'number' && first.version !== wanted + 1)
      return [`${name} expected version ${wanted} and follows ${first.version - 1}`];
    return [];
  });
};

const strangers = (log: readonly StoredEvent[], testimonies: readonly Testimony[]): string[] => {
  const known = new Set(testimonies.flatMap(({ request }) => request.events.map(({ id }) => id)));
  return log.flatMap(({ id }) => (known.has(id) ? [] : [`event ${id} was sent by nobody`]));
};

/** A stream and an owner's feed are the log without the others. */
const otherViews = async (
  store: EventStore,
  log: readonly StoredEvent[],
  start: number,
): Promise<string[]> => {
  const found: string[] = [];
  for (const [streamId, events] of streamsOf(log)) {
    const read = await store.readStream(streamId, { fromVersion: events[0]!.version });
    if (!sameIds(read, events)) found.push(`stream ${streamId} is not what the log has of it`);
  }
  for (const owner of new Set(log.map((event) => event.owner))) {
    const feed = await store.readLog({ after: start, limit: log.length, owner });
    const events = log.filter((event) => event.owner === owner);
    if (!sameIds(feed.events, events)) found.push(`the feed of ${owner} is not what the log has of it`);
  }
  return found;
};

const brokenChain = async (
  { pool, schema }: Pick<TestDatabase, 'pool' | 'schema'>,
  start: number,
): Promise<string[]> => {
  const log = new StoredLog(pool, schema);
  const { findings } = await verifyLog(pool, [(range) => verifyRange(log, range)], {
    schema,
    from: start + 1,
  });
  return findings.map(({ position, fault, message }) => `${fault} at ${position}: ${message}`);
};

/** What a subscriber was given against what it should have been: each once, in order. */
export const unlike = (
  subscriber: string,
  handled: readonly Entry[],
  log: readonly Pick<StoredEvent, 'position'>[],
): string[] => {
  const [given, wanted] = [handled, log].map((events) => events.map(({ position }) => position).join());
  return given === wanted ? [] : [`${subscriber} was given ${given} and not ${wanted}`];
};

const streamsOf = (log: readonly StoredEvent[]): Map<string, StoredEvent[]> => {
  const streams = new Map<string, StoredEvent[]>();
  for (const event of log) {
    const stream = streams.get(event.streamId);
    if (stream) stream.push(event);
    else streams.set(event.streamId, [event]);
  }
  return streams;
};

const sameIds = (some: readonly StoredEvent[], others: readonly StoredEvent[]): boolean =>
  some.length === others.length && some.every(({ id }, n) => id === others[n]!.id);

/** A function of the schema with a part of its text replaced. @throws when the text does not have the part once */
export const breakFunction = async (
  { pool, schema }: Pick<TestDatabase, 'pool' | 'schema'>,
  name: string,
  part: string,
  by: string,
): Promise<void> => {
  const { rows } = await pool.query<{ text: string }>(
    'select pg_get_functiondef(oid) as text from pg_proc where proname = $1 and pronamespace = $2::regnamespace',
    [name, schema],
  );
  const pieces = rows[0]!.text.split(part);
  if (pieces.length !== 2) throw new Error(`"${part}" stands ${pieces.length - 1} times in ${name}`);
  await pool.query(pieces.join(by));
};

/** Text that does not shrink when it is stored. */
export const incompressible = (length: number): string => randomBytes(length / 2).toString('hex');
