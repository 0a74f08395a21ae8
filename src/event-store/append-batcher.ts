import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type AppendCall, type CommandOutcome } from './append-call.js';
import { type AppendConnection, ConnectionLostError } from './append-connection.js';
import { appendFailure } from './append-failure.js';
import { AppendQueue, PendingAppend } from './append-queue.js';
import { AppendRefusedError, EventStoreUnavailableError, StreamConflictError } from './event-store.errors.js';
import { type EventStoreObserver, observe } from './event-store.observer.js';
import { type AppendResult } from './event-store.js';
import { type PreparedAppend } from './prepared-append.js';

export interface AppendBatcherOptions {
  readonly maxQueued: number;
  readonly maxBatchCommands: number;
  readonly maxBatchBytes: number;
  /** How long a batch is tried again, and a request waits, while the database cannot be reached. */
  readonly retryForMs: number;
}

/** Told of each batch that wrote something, before the requests in it are answered. */
export type OnWritten = (lastPosition: number, events: number, streamIds: readonly string[]) => void;

/** Answers the requests of a batch whose outcome is known. */
type Answer = () => void;
const nobody: Answer = () => undefined;

const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 1_000;

/**
 * Group commit: one batch is in flight, and what arrives meanwhile forms the next one. No timer collects requests, so an
 * idle log answers at once and a busy one pays for the round trip and the commit once per batch.
 *
 * Life of a request: queued → in flight → answered. A batch in flight ends in one of these ways:
 *
 * - the database answers for each command: written, duplicate or conflict
 * - it refuses the content: the batch is halved until the command that is to blame stands alone
 * - it is too busy or unusable: all of its requests fail, nothing of them is stored
 * - the connection is lost: the same batch is sent again until the database answers or `retryForMs` has passed. The
 *   first try may have been stored; then the second one finds the event ids and answers `duplicate`.
 */
export class AppendBatcher {
  private readonly queue = new AppendQueue();
  private working: Promise<void> | null = null;
  private closed = false;
  /** After the close began: when to stop trying. Monotonic, milliseconds. */
  private stopBy = Infinity;

  constructor(
    private readonly call: AppendCall,
    private readonly connection: AppendConnection,
    private readonly origin: string,
    private readonly options: AppendBatcherOptions,
    private readonly observer: EventStoreObserver,
    private readonly onWritten: OnWritten,
  ) {}

  append(prepared: PreparedAppend): Promise<AppendResult> {
    if (this.closed) return Promise.reject(unavailable('The event store is shutting down.'));
    if (this.queue.waiting >= this.options.maxQueued) {
      observe(() => this.observer.requestRejected?.());
      return Promise.reject(unavailable(`${this.options.maxQueued} appends are waiting already.`));
    }
    return new Promise((resolve, reject) => {
      this.queue.add(new PendingAppend(prepared, performance.now(), resolve, reject));
      this.working ??= this.work();
    });
  }

  /** Takes nothing more, writes what is queued, but tries no longer than `withinMs`. Never rejects. */
  async close(withinMs: number): Promise<void> {
    this.closed = true;
    this.stopBy = performance.now() + withinMs;
    await this.working;
  }

  /**
   * The next batch is sent before the callers of the last one are answered: the database works while they do. Only when
   * nothing waits they are answered first, because callers that were just answered often append next.
   */
  private async work(): Promise<void> {
    let answerLast: Answer = nobody;
    await nextTurn();
    for (;;) {
      const batch = this.queue.take(this.options.maxBatchCommands, this.options.maxBatchBytes);
      const answerBefore = answerLast;
      if (batch.length > 0) {
        const writing = this.write(batch);
        answerBefore();
        answerLast = await writing;
      } else if (answerBefore !== nobody) {
        answerBefore();
        answerLast = nobody;
        await nextTurn();
      } else {
        this.working = null;
        return;
      }
    }
  }

  /** Resolves when the batch has its outcome, with what answers its requests. Never rejects. */
  private async write(batch: readonly PendingAppend[]): Promise<Answer> {
    const giveUpAt = performance.now() + this.options.retryForMs;
    for (let attempt = 0; ; attempt += 1) {
      const startedAt = performance.now();
      try {
        const outcomes = await this.send(batch);
        const durationMs = performance.now() - startedAt;
        return () => this.answer(batch, outcomes, durationMs);
      } catch (error) {
        const failure = appendFailure(error);
        if (failure === 'refused') return this.isolate(batch, error);
        if (error instanceof ConnectionLostError && error.sent) this.markMaybeStored(batch);
        const tryAgain =
          failure === 'lost' || failure === 'again' || batch.some((pending) => pending.maybeStored);
        const now = performance.now();
        if (!tryAgain || now >= Math.min(giveUpAt, this.stopBy)) return () => this.giveUp(batch, error);
        if (failure === 'lost') this.giveUpWaiting(now - this.options.retryForMs, error);
        await delay(backoff(attempt));
      }
    }
  }

  private async send(batch: readonly PendingAppend[]): Promise<CommandOutcome[]> {
    const prepared = batch.map((pending) => pending.prepared);
    const values = this.call.values(this.origin, false, prepared);
    return this.call.outcomes(await this.connection.execute(this.call.name, this.call.text, values));
  }

  private answer(
    batch: readonly PendingAppend[],
    outcomes: readonly CommandOutcome[],
    durationMs: number,
  ): void {
    const grown: string[] = [];
    let events = 0;
    let conflicts = 0;
    let duplicates = 0;
    let lastPosition = 0;
    batch.forEach((pending, i) => {
      const { outcome, lastPosition: last } = outcomes[i]!;
      if (outcome === 'conflict') conflicts += 1;
      else if (outcome === 'duplicate') duplicates += 1;
      else {
        grown.push(pending.streamId);
        events += pending.prepared.request.events.length;
        lastPosition = last;
      }
    });
    if (grown.length > 0) observe(() => this.onWritten(lastPosition, events, grown));

    batch.forEach((pending, i) => {
      this.queue.settle(pending);
      const { outcome, version, firstPosition, lastPosition: last, recordedAt } = outcomes[i]!;
      if (outcome === 'conflict') {
        const { streamId, expected } = pending.prepared.request;
        pending.reject(new StreamConflictError(streamId, expected, version));
      } else {
        pending.resolve({
          version,
          firstPosition,
          lastPosition: last,
          recordedAt: new Date(recordedAt),
          duplicate: outcome === 'duplicate',
        });
      }
    });
    const report = {
      commands: batch.length,
      events,
      conflicts,
      duplicates,
      durationMs,
      queued: this.queue.waiting,
    };
    observe(() => this.observer.batchAnswered?.(report));
  }

  /** The content of some command is refused. Both halves keep the order of arrival. */
  private async isolate(batch: readonly PendingAppend[], error: unknown): Promise<Answer> {
    if (batch.length > 1) {
      const middle = batch.length >> 1;
      const answerFirst = await this.write(batch.slice(0, middle));
      const answerSecond = await this.write(batch.slice(middle));
      return () => {
        answerFirst();
        answerSecond();
      };
    }
    return () => this.refuse(batch[0]!, error);
  }

  private refuse(pending: PendingAppend, error: unknown): void {
    const { code = null, constraint = null } = error instanceof pg.DatabaseError ? error : {};
    observe(() => this.observer.requestRefused?.(code));
    this.queue.settle(pending);
    pending.reject(
      pending.maybeStored
        ? unavailable('The connection broke, and sending the events again was refused.', false, error)
        : new AppendRefusedError(pending.streamId, code, constraint, error),
    );
  }

  private giveUp(batch: readonly PendingAppend[], error: unknown): void {
    for (const pending of batch) {
      this.queue.settle(pending);
      pending.reject(
        pending.maybeStored
          ? unavailable('The connection broke during the commit; the events may be stored.', false, error)
          : unavailable('The database takes no appends just now; nothing was stored.', true, error),
      );
    }
  }

  /** Requests that still wait for a batch while there is no connection. */
  private giveUpWaiting(since: number, error: unknown): void {
    for (const pending of this.queue.removeOlderThan(since)) {
      pending.reject(unavailable('The database cannot be reached; nothing was stored.', true, error));
    }
  }

  private markMaybeStored(batch: readonly PendingAppend[]): void {
    for (const pending of batch) pending.maybeStored = true;
    observe(() => this.observer.commitAmbiguous?.(batch.length));
  }
}

const unavailable = (message: string, outcomeKnown = true, cause?: unknown): EventStoreUnavailableError =>
  new EventStoreUnavailableError(message, outcomeKnown, cause);

/** Jitter keeps several replicas from returning in the same instant. */
const backoff = (attempt: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** attempt, LAST_RETRY_MS) * (0.5 + Math.random() / 2);
