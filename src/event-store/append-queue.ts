import { type AppendResult } from './event-store.js';
import { type PreparedAppend } from './prepared-append.js';

/** A request waiting for its answer. */
export class PendingAppend {
  /** True once it was sent on a connection that broke: only the database's answer can say that it is not stored. */
  maybeStored = false;
  /** The next request for the same stream, released when this one is answered. */
  behind: PendingAppend | null = null;

  constructor(
    readonly prepared: PreparedAppend,
    /** Monotonic, milliseconds. */
    readonly arrivedAt: number,
    readonly resolve: (result: AppendResult) => void,
    readonly reject: (error: unknown) => void,
  ) {}

  get streamId(): string {
    return this.prepared.request.streamId;
  }
}

/**
 * Requests in order of arrival, of each stream only the oldest: the others line up behind it, because a batch may hold a
 * stream once. So a batch is always the front of `ready`, whatever the mixture of streams.
 *
 * Life of a request: added → ready (or behind another) → taken → settled, which makes the one behind it ready.
 */
export class AppendQueue {
  private ready: PendingAppend[] = [];
  /** Of each stream with an unsettled request: the youngest one. */
  private readonly youngest = new Map<string, PendingAppend>();
  private unsettled = 0;
  private taken = 0;

  /** Requests that are in no batch yet. */
  get waiting(): number {
    return this.unsettled - this.taken;
  }

  get hasReady(): boolean {
    return this.ready.length > 0;
  }

  add(pending: PendingAppend): void {
    const before = this.youngest.get(pending.streamId);
    if (before === undefined) this.ready.push(pending);
    else before.behind = pending;
    this.youngest.set(pending.streamId, pending);
    this.unsettled += 1;
  }

  /** At least one request if any is ready, even one larger than `maxBytes`. */
  take(maxCommands: number, maxBytes: number): PendingAppend[] {
    let count = 0;
    let bytes = 0;
    for (const pending of this.ready) {
      bytes += pending.prepared.bytes;
      if (count > 0 && (count === maxCommands || bytes > maxBytes)) break;
      count += 1;
    }
    this.taken += count;
    return this.ready.splice(0, count);
  }

  /** Must be called once for each taken request, when its outcome is known. */
  settle(pending: PendingAppend): void {
    this.taken -= 1;
    this.release(pending);
  }

  /** Takes out, settled, what has waited since before `instant` (monotonic, milliseconds). */
  removeOlderThan(instant: number): PendingAppend[] {
    const removed: PendingAppend[] = [];
    const kept: PendingAppend[] = [];
    // Releasing a request appends the one behind it to `ready`, which this loop then reaches.
    for (const pending of this.ready) {
      if (pending.arrivedAt < instant) {
        this.release(pending);
        removed.push(pending);
      } else kept.push(pending);
    }
    this.ready = kept;
    return removed;
  }

  private release(pending: PendingAppend): void {
    this.unsettled -= 1;
    if (pending.behind !== null) this.ready.push(pending.behind);
    else this.youngest.delete(pending.streamId);
  }
}
