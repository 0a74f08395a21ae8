import { type JsonObject } from '../shared/json.js';

/**
 * What the writer believes about the stream:
 * `none` it does not exist yet, `exists` it has at least one event, `any` no belief, a number: exactly that version.
 */
export type ExpectedVersion = 'none' | 'exists' | 'any' | number;

/** An event as the writer hands it over. */
export interface NewEvent {
  /** UUIDv7. Sending the same ids again is how a retry is recognised. */
  readonly id: string;
  /** Stored for ever: an explicit word, never a class name. */
  readonly type: string;
  readonly schemaVersion: number;
  /** The public part: stays readable after an erasure. */
  readonly data: JsonObject;
  /** The personal part, already sealed by the writer; the store never looks inside. */
  readonly sealed?: Buffer | null;
}

/** One writer's wish: all of its events, next to each other in one stream, or none. */
export interface AppendRequest {
  readonly streamId: string;
  readonly expected: ExpectedVersion;
  /** At least one. */
  readonly events: readonly NewEvent[];
  readonly owner: string;
  /** Who caused it: `key:<id>`, `worker`, `provider`, `policy:<name>`, `cli`. */
  readonly actor: string;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  /**
   * What the inline projections write in the same transaction, or null for nothing. Opaque to the store: any text, only
   * not empty and without U+001E. Allowed only
   * with an exact expected version (or `none`), because it was computed from that version.
   */
  readonly document?: string | null;
}

export interface AppendResult {
  /** Version of the stream after the append. */
  readonly version: number;
  /** Position of the first and of the last event written. */
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** Database clock, one value per batch, never decreasing within the log, whole milliseconds. */
  readonly recordedAt: Date;
  /**
   * The very same events (by id) had been stored before: nothing was written now. A paid call must not follow.
   *
   * Also true when this append itself stored them and the connection broke before the answer: then the store cannot know
   * that it was the first, and the safe answer is this one.
   */
  readonly duplicate: boolean;
}

/** An event as it lies in the log. */
export interface StoredEvent {
  /** 1, 2, 3 … over the whole log, without gaps, in commit order. */
  readonly position: number;
  readonly streamId: string;
  /** 1, 2, 3 … within the stream. */
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly owner: string;
  readonly actor: string;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly recordedAt: Date;
  readonly data: JsonObject;
  readonly sealed: Buffer | null;
  /** SHA-256 over the stored content, lower-case hex. */
  readonly hash: string;
}

/** What a state is folded from: an event without who caused it, what is sealed and its hash. */
export type StreamFact = Omit<StoredEvent, 'actor' | 'causationId' | 'sealed' | 'hash'>;

export interface ReadStreamOptions {
  /** First version wanted (default 1). */
  readonly fromVersion?: number;
  /** Last version wanted (default: the newest). */
  readonly toVersion?: number;
  /** Only events recorded at or before this instant. */
  readonly until?: Date;
  /** At most this many, from the start of the range. */
  readonly limit?: number;
}

export interface ReadLogOptions {
  /** Only events behind this position; 0 starts at the beginning. */
  readonly after: number;
  readonly limit: number;
  readonly owner?: string;
  readonly types?: readonly string[];
}

export interface LogPage {
  readonly events: readonly StoredEvent[];
  /**
   * Where to go on: everything up to here was looked at, also what the filters left out. Equals `after` when there was
   * nothing new.
   */
  readonly next: number;
}

export interface LogHead {
  /** 0 for an empty log. */
  readonly position: number;
  readonly recordedAt: Date | null;
}

/**
 * A place in the log and the proof that it is a place in this log. Kept by whoever has read up to there, so that it
 * notices when the log was replaced by another history: after a failover that lost commits, after a restore.
 */
export interface Bookmark {
  /** Everything up to here was read; 0: nothing yet. Need not be the end of a batch. */
  readonly position: number;
  /**
   * The hash chain at the end of the batch that holds the position, lower-case hex; zeros for position 0. Batches are
   * committed whole, so whoever can see the event can see the end of its batch.
   */
  readonly chain: string;
}

/** Told after a commit: these streams grew. Best effort, a doorbell: what must happen is driven from stored rows. */
export interface Commit {
  readonly position: number;
  /** Streams that grew; null when another process wrote and nobody here asked which. */
  readonly streamIds: readonly string[] | null;
}

/**
 * The log: append-only, gapless, in commit order.
 *
 * Because positions are given out under one lock and only to what commits, `position > checkpoint` misses nothing.
 * All methods are safe to call concurrently, also from several processes on one database.
 */
export abstract class EventStore {
  /**
   * Writes all events of the request or none.
   *
   * Requests that arrive while a batch is being written travel together in the next one; each still fails alone.
   * Requests for one stream are written in the order in which they were made.
   * Once it resolves the events are committed. Sending the same request again (same event ids) answers the stored
   * result with `duplicate: true`: with an exact version they are looked for where they would have been written, with
   * `any` and `exists` in the whole stream (which costs more the longer it is).
   *
   * @throws StreamConflictError the stream is not as expected, and holds other events there
   * @throws InvalidAppendError the request itself is wrong
   * @throws AppendRefusedError an inline projection or a constraint refused this request
   * @throws EventStoreUnavailableError the database cannot be reached or the queue is full; when `outcomeKnown` is
   *   false the events may nevertheless be stored (send the same ids again to find out)
   */
  abstract append(request: AppendRequest): Promise<AppendResult>;

  /** Events of one stream in order of version; empty when there is no such stream. */
  abstract readStream(streamId: string, options?: ReadStreamOptions): Promise<StoredEvent[]>;

  /** The whole of a stream for a fold, with less to read than {@link readStream}; calls at about the same time share a query. */
  abstract readFacts(streamId: string): Promise<StreamFact[]>;

  /**
   * A page of the log in order of position. With filters it may hold fewer events than `limit`, even none, although more
   * follow: the end is reached when `next` equals `after`.
   */
  abstract readLog(options: ReadLogOptions): Promise<LogPage>;

  abstract head(): Promise<LogHead>;

  /**
   * The bookmark of a position that was read.
   *
   * @throws HistoryForkedError there is no such position (any more)
   */
  abstract bookmark(position: number): Promise<Bookmark>;

  /**
   * Resolves when everything up to the bookmark is still what it was when the bookmark was made. One lookup by key.
   *
   * @throws HistoryForkedError the log ends before it, or holds something else there: the reader must not go on
   */
  abstract assertSameHistory(bookmark: Bookmark): Promise<void>;

  /**
   * Rings after every commit seen by this process: its own before the append is answered, those of others within
   * moments. May ring without need, for instance once when listening begins. Returns how to stop.
   */
  abstract onCommit(listener: (commit: Commit) => void): () => void;
}
