import { type Clock, systemClock } from '../shared/clock.js';
import { type JsonObject } from '../shared/json.js';
import { CommitListeners } from './commit-listeners.js';
import { batchDigest, chainLink, GENESIS_CHAIN } from './event-hash.js';
import {
  AppendRefusedError,
  EventStoreUnavailableError,
  HistoryForkedError,
  StreamConflictError,
} from './event-store.errors.js';
import { type EventStoreObserver } from './event-store.observer.js';
import {
  type AppendRequest,
  type AppendResult,
  type Bookmark,
  type Commit,
  EventStore,
  type LogHead,
  type LogPage,
  type ReadLogOptions,
  type ReadStreamOptions,
  type StoredEvent,
  type StreamFact,
} from './event-store.js';
import { ANY, EXISTS, type PreparedAppend, prepareAppend } from './prepared-append.js';

/** A request that is about to be written and carries a document. */
export interface ProjectedAppend {
  readonly streamId: string;
  /** Of the stream after the append. */
  readonly version: number;
  readonly firstPosition: number;
  readonly recordedAt: Date;
  readonly document: string;
}

export interface InMemoryEventStoreOptions {
  readonly clock?: Clock;
  /** The counterpart of an inline projection: what it throws refuses the append, and nothing is written. */
  readonly project?: (append: ProjectedAppend) => void;
  readonly observer?: EventStoreObserver;
}

/** An event with its data as text, so that neither writer nor reader can change what is stored. */
type Row = Omit<StoredEvent, 'data' | 'recordedAt'> & { readonly data: string; readonly recordedAt: number };

/** The log in memory: for tests and trials. Answers like the one in PostgreSQL, and forgets all when it goes. */
export class InMemoryEventStore extends EventStore {
  private readonly log: Row[] = [];
  private readonly streams = new Map<string, Row[]>();
  /** One per append, as PostgreSQL has one per batch. */
  private readonly commits: { readonly lastPosition: number; readonly chain: Buffer }[] = [];
  private readonly listeners: CommitListeners;
  private readonly clock: Clock;
  private closed = false;

  constructor(private readonly options: InMemoryEventStoreOptions = {}) {
    super();
    this.clock = options.clock ?? systemClock;
    this.listeners = new CommitListeners(options.observer ?? {});
  }

  override async append(request: AppendRequest): Promise<AppendResult> {
    const prepared = prepareAppend(request);
    if (this.closed) throw new EventStoreUnavailableError('The event store is shutting down.', true);
    const { streamId, expected } = request;
    const stored = this.streams.get(streamId) ?? [];
    const repeated = findRepetition(prepared, stored);
    if (repeated !== null) return resultOf(repeated, true);
    if (!holds(prepared.expected, stored.length))
      throw new StreamConflictError(streamId, expected, stored.length);

    const rows = this.place(prepared, stored.length);
    this.project(prepared, rows);
    this.log.push(...rows);
    this.extendChain(rows);
    this.streams.set(streamId, [...stored, ...rows]);
    this.listeners.ring({ position: this.log.length, streamIds: [streamId] });
    return resultOf(rows, false);
  }

  override async readStream(streamId: string, options: ReadStreamOptions = {}): Promise<StoredEvent[]> {
    const { fromVersion = 1, toVersion = Infinity, until, limit = Infinity } = options;
    return (this.streams.get(streamId) ?? [])
      .filter((row) => row.version >= fromVersion && row.version <= toVersion)
      .filter((row) => until === undefined || row.recordedAt <= until.getTime())
      .slice(0, limit)
      .map(toStoredEvent);
  }

  override async readFacts(streamId: string): Promise<StreamFact[]> {
    const events = await this.readStream(streamId);
    return events.map(
      ({ actor: _actor, causationId: _causationId, sealed: _sealed, hash: _hash, ...fact }) => fact,
    );
  }

  override async readLog({ after, limit, owner, types }: ReadLogOptions): Promise<LogPage> {
    const events = this.log
      .slice(after)
      .filter((row) => owner === undefined || row.owner === owner)
      .filter((row) => types === undefined || types.includes(row.type))
      .slice(0, limit)
      .map(toStoredEvent);
    const next = events.length === limit ? (events.at(-1)?.position ?? after) : this.log.length;
    return { events, next: Math.max(next, after) };
  }

  override async head(): Promise<LogHead> {
    const last = this.log.at(-1);
    return { position: this.log.length, recordedAt: last === undefined ? null : new Date(last.recordedAt) };
  }

  override async bookmark(position: number): Promise<Bookmark> {
    const chain = this.chainAt(position);
    if (chain === null) throw new HistoryForkedError({ position, chain: '' }, this.log.length);
    return { position, chain };
  }

  override async assertSameHistory(bookmark: Bookmark): Promise<void> {
    if (this.chainAt(bookmark.position) !== bookmark.chain)
      throw new HistoryForkedError(bookmark, this.log.length);
  }

  override onCommit(listener: (commit: Commit) => void): () => void {
    return this.listeners.add(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private extendChain(rows: readonly Row[]): void {
    const { lastPosition, recordedAt } = resultOf(rows, false);
    const previous = this.commits.at(-1)?.chain ?? GENESIS_CHAIN;
    this.commits.push({
      lastPosition,
      chain: chainLink(previous, lastPosition, recordedAt, batchDigest(rows)),
    });
  }

  private chainAt(position: number): string | null {
    if (position === 0) return GENESIS_CHAIN.toString('hex');
    const commit = this.commits.find(({ lastPosition }) => lastPosition >= position);
    return commit?.chain.toString('hex') ?? null;
  }

  private place({ request, data, sealed, hashes }: PreparedAppend, version: number): Row[] {
    const recordedAt = Math.max(this.clock.now().getTime(), this.log.at(-1)?.recordedAt ?? 0);
    return request.events.map((event, i) => ({
      position: this.log.length + i + 1,
      streamId: request.streamId,
      version: version + i + 1,
      id: event.id,
      type: event.type,
      schemaVersion: event.schemaVersion,
      owner: request.owner,
      actor: request.actor,
      correlationId: request.correlationId,
      causationId: request.causationId,
      recordedAt,
      data: data[i]!,
      sealed: sealed[i] ?? null,
      hash: hashes[i]!.toString('hex'),
    }));
  }

  private project({ request, document }: PreparedAppend, rows: readonly Row[]): void {
    if (document === null) return;
    const { version, firstPosition, recordedAt } = resultOf(rows, false);
    try {
      this.options.project?.({
        streamId: request.streamId,
        version,
        firstPosition,
        recordedAt,
        document,
      });
    } catch (cause) {
      throw new AppendRefusedError(request.streamId, null, null, cause);
    }
  }
}

const holds = (expected: number, version: number): boolean =>
  expected === ANY || (expected === EXISTS ? version > 0 : expected === version);

/** The same event ids where the request would have put them; without an exact version: anywhere in the stream. */
const findRepetition = ({ request, expected }: PreparedAppend, stored: readonly Row[]): Row[] | null => {
  const { events } = request;
  const start = expected >= 0 ? expected : stored.findIndex((row) => row.id === events[0]!.id);
  if (start < 0) return null;
  const rows = stored.slice(start, start + events.length);
  return rows.length === events.length && rows.every((row, i) => row.id === events[i]!.id) ? rows : null;
};

const resultOf = (rows: readonly Row[], duplicate: boolean): AppendResult => {
  const last = rows.at(-1)!;
  return {
    version: last.version,
    firstPosition: rows[0]!.position,
    lastPosition: last.position,
    recordedAt: new Date(last.recordedAt),
    duplicate,
  };
};

const toStoredEvent = (row: Row): StoredEvent => ({
  ...row,
  recordedAt: new Date(row.recordedAt),
  data: JSON.parse(row.data) as JsonObject,
  sealed: row.sealed === null ? null : Buffer.from(row.sealed),
});
