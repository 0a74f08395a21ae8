import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { AppendBatcher } from './append-batcher.js';
import { AppendCall } from './append-call.js';
import { AppendConnection } from './append-connection.js';
import { type AppendTransaction, appendInTransaction } from './append-in-transaction.js';
import { CommitListeners } from './commit-listeners.js';
import { CommitWatcher } from './commit-watcher.js';
import { type EventStoreObserver, observe } from './event-store.observer.js';
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
import { LogReader } from './log-reader.js';
import { prepareAppend } from './prepared-append.js';

export interface EventStoreLimits {
  /** Requests that may wait for a batch; beyond it an append fails at once. Default 10,000. */
  readonly maxQueued?: number;
  /** Requests per batch. Default 500. */
  readonly maxBatchCommands?: number;
  /** Approximate size of a batch, bytes; a larger request travels alone. Default 1 MiB. */
  readonly maxBatchBytes?: number;
  /** The database cancels a batch after this long, milliseconds. Default 10,000. */
  readonly statementTimeoutMs?: number;
  /** The longest wait for the log's lock, milliseconds. Default 5,000. */
  readonly lockTimeoutMs?: number;
  /** How long appends are tried again while the connection is lost, milliseconds. Default 15,000. */
  readonly retryForMs?: number;
  /** Pause between looks for commits of other processes while notifications cannot be heard. Default 1,000. */
  readonly pollMs?: number;
  /** The longest {@link PostgresEventStore.close} tries to write what is queued, milliseconds. Default 10,000. */
  readonly closeWithinMs?: number;
}

export interface PostgresEventStoreOptions extends EventStoreLimits {
  /** Schema that holds the tables of migration 1. */
  readonly schema: string;
  /** For the two connections of our own: one for appends, one for notifications (only while somebody listens). */
  readonly connection: pg.ClientConfig;
  /** For reads. Not closed by the store. */
  readonly pool: pg.Pool;
  /**
   * SQL functions of the schema that write read models in the transaction of the append, see append_events in
   * migration 1. They must be set-based and quick: every append waits for them. Default none.
   */
  readonly inlineProjections?: readonly string[];
  readonly observer?: EventStoreObserver;
}

/** The log in PostgreSQL (15 or newer). Connects when first used. */
export class PostgresEventStore extends EventStore {
  /** Tells our notifications from those of other stores on the same log. */
  private readonly origin = randomBytes(9).toString('base64url');
  private readonly call: AppendCall;
  private readonly connection: AppendConnection;
  private readonly batcher: AppendBatcher;
  private readonly reader: LogReader;
  private readonly listeners: CommitListeners;
  private readonly watcher: CommitWatcher;
  private readonly closeWithinMs: number;
  private closing: Promise<void> | null = null;

  constructor(options: PostgresEventStoreOptions) {
    super();
    const { schema, connection, pool, inlineProjections = [], observer = {} } = options;
    this.closeWithinMs = options.closeWithinMs ?? 10_000;
    this.call = new AppendCall(schema, inlineProjections);
    this.reader = new LogReader(pool, schema);
    this.listeners = new CommitListeners(observer);
    this.watcher = new CommitWatcher(
      { connection, schema, origin: this.origin, pollMs: options.pollMs ?? 1_000 },
      this.reader,
      this.listeners,
      observer,
    );
    this.connection = new AppendConnection(
      {
        connection,
        statementTimeoutMs: options.statementTimeoutMs ?? 10_000,
        lockTimeoutMs: options.lockTimeoutMs ?? 5_000,
      },
      (error) => observe(() => observer.connectionLost?.('append', error)),
    );
    this.batcher = new AppendBatcher(
      this.call,
      this.connection,
      this.origin,
      {
        maxQueued: options.maxQueued ?? 10_000,
        maxBatchCommands: options.maxBatchCommands ?? 500,
        maxBatchBytes: options.maxBatchBytes ?? 1024 * 1024,
        retryForMs: options.retryForMs ?? 15_000,
      },
      observer,
      (position, events, streamIds) => {
        this.watcher.ownCommit(position, events);
        this.listeners.ring({ position, streamIds });
      },
    );
  }

  // Async although it only passes on a promise: a refused request rejects instead of throwing.
  override async append(request: AppendRequest): Promise<AppendResult> {
    return this.batcher.append(prepareAppend(request));
  }

  /**
   * Appends in a transaction of the caller, who commits or rolls back. All requests or none; a stream at most once.
   *
   * Call it as the last statement: it takes the log's lock, and until the transaction ends no other append of any
   * process gets through. The transaction must be READ COMMITTED; set `lock_timeout` and
   * `idle_in_transaction_session_timeout` on it. After an error PostgreSQL allows nothing but a rollback.
   *
   * Listeners of this process are told after the commit, by notification.
   *
   * @throws StreamConflictError of the first request that is not as expected
   * @throws InvalidAppendError also for another isolation level
   */
  async appendIn(
    transaction: AppendTransaction,
    requests: readonly AppendRequest[],
  ): Promise<AppendResult[]> {
    return appendInTransaction(this.call, transaction, requests);
  }

  override readStream(streamId: string, options?: ReadStreamOptions): Promise<StoredEvent[]> {
    return this.reader.readStream(streamId, options);
  }

  override readFacts(streamId: string): Promise<StreamFact[]> {
    return this.reader.readFacts(streamId);
  }

  override readLog(options: ReadLogOptions): Promise<LogPage> {
    return this.reader.readLog(options);
  }

  override head(): Promise<LogHead> {
    return this.reader.head();
  }

  override bookmark(position: number): Promise<Bookmark> {
    return this.reader.bookmark(position);
  }

  override assertSameHistory(bookmark: Bookmark): Promise<void> {
    return this.reader.assertSameHistory(bookmark);
  }

  override onCommit(listener: (commit: Commit) => void): () => void {
    const remove = this.listeners.add(listener);
    if (this.closing === null) this.watcher.start();
    return () => {
      remove();
      if (this.listeners.size === 0) void this.watcher.stop();
    };
  }

  /** Takes no more appends, writes the queued ones, closes our own connections. Never rejects; again: the same end. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await this.batcher.close(this.closeWithinMs);
    await Promise.allSettled([this.connection.close(), this.watcher.stop()]);
  }
}
