import { type CallResult } from './call-result.js';
import { Ramp } from './ramp.js';
import { TokenBucket } from './token-bucket.js';

export interface PaceOptions {
  /** The budget of the account, when this process alone uses it; null: none, or it is kept with others. */
  readonly requestsPerMinute: number | null;
  /** First pause after a 429 that names none, in milliseconds; doubled while 429s go on. */
  readonly slowInitialMs: number;
  /** Longest of those pauses, in milliseconds. */
  readonly slowMaxMs: number;
}

/** Permission for one call; handed back to `conclude` exactly once. */
export interface PaceGrant {
  readonly period: number;
  readonly ramp: Ramp | null;
}

export type PaceAnswer =
  | { readonly granted: true; readonly grant: PaceGrant }
  | { readonly granted: false; readonly reason: 'slowed_down' | 'rate'; readonly retryInMs: number };

const PLACE_WAIT_MS = 250;
/** The same pause read through another clock ends within this of what is known here. */
const SAME_PAUSE_MS = 100;

/**
 * How fast the whole account may go: one budget, and one pause, for everything that is asked of the provider.
 *
 * A 429 stops everything for the pause it names, or for `slowInitialMs`, doubled with each further one up to
 * `slowMaxMs`; the first answer that is none resets the doubling. After a pause the calls come back on a `Ramp`, or the
 * ones that waited would earn the next 429 together. Calls already under way when the pause began change nothing
 * about its doubling: sixteen of them answered 429 are one refusal, not sixteen.
 *
 * Time is passed in, in milliseconds on any scale that does not go back.
 */
export class Pace {
  private readonly bucket: TokenBucket | null;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #limitedInRow = 0;
  #ramp: Ramp | null = null;
  #period = 0;

  constructor(private readonly options: PaceOptions) {
    this.bucket = options.requestsPerMinute === null ? null : new TokenBucket(options.requestsPerMinute);
  }

  /** Milliseconds until the pause ends; 0 when there is none. */
  pauseLeft(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** Grants one call and takes its token, or says when to ask again. */
  admit(now: number): PaceAnswer {
    const pause = this.pauseLeft(now);
    if (pause > 0) return { granted: false, reason: 'slowed_down', retryInMs: pause };
    if (this.#ramp !== null && !this.#ramp.enter()) {
      return { granted: false, reason: 'slowed_down', retryInMs: PLACE_WAIT_MS };
    }
    const wait = this.bucket?.take(now) ?? 0;
    if (wait > 0) {
      this.#ramp?.leave(false);
      return { granted: false, reason: 'rate', retryInMs: wait };
    }
    return { granted: true, grant: { period: this.#period, ramp: this.#ramp } };
  }

  /** False when a pause began after the call was granted. */
  isCurrent(grant: PaceGrant): boolean {
    return grant.period === this.#period;
  }

  conclude(grant: PaceGrant, result: CallResult, now: number): void {
    const isCurrent = this.isCurrent(grant);
    if (result.kind === 'limited') {
      if (isCurrent) this.pauseFor(this.lengthOf(result.retryAfterMs), now);
      else this.#pausedUntil = Math.max(this.#pausedUntil, now + (result.retryAfterMs ?? 0));
      return;
    }
    if (!isCurrent) return;
    // A timeout is not a request to go slower: it moves the ramp on, or one hanging call would hold up the account.
    grant.ramp?.leave(result.kind !== 'no_evidence');
    if (result.kind === 'answered') this.#limitedInRow = 0;
    if (this.#ramp?.isFinished) this.#ramp = null;
  }

  /**
   * Another process of the account was told to pause, and so much of that is left. Heard again, the same pause changes
   * nothing.
   */
  pauseElsewhere(leftMs: number, now: number): void {
    if (now + leftMs > this.#pausedUntil + SAME_PAUSE_MS) this.pauseFor(leftMs, now);
  }

  private lengthOf(askedMs: number | null): number {
    // "Come back at once", or at a time that is over, is no length, and the refusal stands.
    if (askedMs !== null && askedMs > 0) return askedMs;
    const { slowInitialMs, slowMaxMs } = this.options;
    return Math.min(slowInitialMs * 2 ** this.#limitedInRow++, slowMaxMs);
  }

  private pauseFor(ms: number, now: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + ms);
    this.#ramp = new Ramp();
    this.#period++;
  }
}
