import { type GenledgerError } from '../../shared/errors.js';

interface OfShard {
  readonly subscription: string;
  readonly shard: number;
}

/** A checkpoint that moved. */
export interface PageReport extends OfShard {
  /** Handed to the handler. */
  readonly events: number;
  /** The new checkpoint. */
  readonly position: number;
  /** Positions between it and the head of the log when the page was read. */
  readonly lagEvents: number;
  /** How long ago the first event behind the page was committed, 0 for none; milliseconds. */
  readonly lagMs: number;
  /** Handling and committing, milliseconds. */
  readonly durationMs: number;
}

export interface FailureReport extends OfShard {
  readonly events: number;
  /** Of a single event: how often it has failed now. Of a page: 1. */
  readonly attempt: number;
  readonly error: unknown;
}

export interface ParkedReport extends OfShard {
  readonly streamId: string;
  /** Of the event that fails. */
  readonly position: number;
  readonly type: string;
  /** A word, without private content. */
  readonly errorClass: string;
}

/**
 * What metrics and logs may want to know. Implementations must be quick; what they throw is swallowed. Only `error` may
 * carry content of events, because a handler's own words are in it.
 */
export interface SubscriptionsObserver {
  pageHandled?(report: PageReport): void;
  /** A page was rolled back; it is cut into halves, or the single event is tried again. */
  handlerFailed?(report: FailureReport): void;
  streamParked?(report: ParkedReport): void;
  /** Everything that waited is handled. */
  streamReleased?(report: OfShard & { readonly streamId: string }): void;
  shardTaken?(report: OfShard & { readonly epoch: number }): void;
  /** Another worker holds it; what was in hand was rolled back. */
  shardLost?(report: OfShard): void;
  /** It cannot go on by itself: the log is another one, or what comes next is archived. */
  shardStopped?(report: OfShard & { readonly error: GenledgerError }): void;
  /** The database does not answer as it should. It is tried again. */
  delayed?(report: {
    readonly subscription: string;
    readonly shard: number | null;
    readonly error: unknown;
  }): void;
}
