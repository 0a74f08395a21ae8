import { type CallResult } from './call-result.js';
import { Ramp } from './ramp.js';

export interface BreakerOptions {
  /** So many failures in a row open it. */
  readonly failures: number;
  /** How long it stays open, in milliseconds. */
  readonly openMs: number;
}

/** Permission for one call; handed back to `conclude` exactly once. */
export interface BreakerGrant {
  readonly period: number;
  /** How many calls had been answered when this one was granted. */
  readonly answersBefore: number;
  /** The place this call took while recovering. */
  readonly ramp: Ramp | null;
}

export type BreakerAnswer =
  | { readonly granted: true; readonly grant: BreakerGrant }
  | { readonly granted: false; readonly retryInMs: number };

/** When all places of the ramp are taken: a call that comes through frees one, and nobody knows when. */
const PLACE_WAIT_MS = 250;

/**
 * Stops calls to a side that does not work, and lets them back gently.
 *
 * - `closed`: everything passes. `failures` failures in a row lead to `open`; any answer starts the count anew.
 * - `open`: nothing passes for `openMs`; the next question after that leads to `recovering`.
 * - `recovering`: one probe, then 2, 4, 8 … at once (see `Ramp`). The failure of the first probe leads back to `open`.
 *   With more at once as many in a row do as are allowed together (never more than `failures`): among hundreds of
 *   calls there is always one that times out for reasons of its own. At the top of the ramp: `closed`.
 *
 * Results of calls granted before the last opening are ignored: they tell of a time that is known already. So is the
 * failure of a call during which another one was answered: the other side works, and what hangs is one task of many.
 *
 * Own code because the libraries for this (cockatiel, opossum) run the call themselves. Here the question comes first,
 * before the record that announces a paid call is written, and the answer may be "later" at no cost; they also go from
 * half-open to closed in one step. Time is passed in, in milliseconds on any scale that does not go back.
 */
export class Breaker {
  #mode: 'closed' | 'open' | 'recovering' = 'closed';
  #failuresInRow = 0;
  #answers = 0;
  #openUntil = 0;
  #ramp: Ramp | null = null;
  #period = 0;

  constructor(private readonly options: BreakerOptions) {}

  get mode(): 'closed' | 'open' | 'recovering' {
    return this.#mode;
  }

  admit(now: number): BreakerAnswer {
    if (this.#mode === 'open') {
      if (now < this.#openUntil) return { granted: false, retryInMs: this.#openUntil - now };
      this.#mode = 'recovering';
      this.#ramp = new Ramp();
      this.#failuresInRow = 0;
    }
    if (this.#ramp !== null && !this.#ramp.enter()) return { granted: false, retryInMs: PLACE_WAIT_MS };
    const grant = { period: this.#period, answersBefore: this.#answers, ramp: this.#ramp };
    return { granted: true, grant };
  }

  conclude(grant: BreakerGrant, result: CallResult, now: number): void {
    if (grant.period !== this.#period) return;
    grant.ramp?.leave(result.kind === 'answered' || result.kind === 'limited');
    if (result.kind === 'no_evidence') return;
    if (result.kind === 'failed') {
      if (this.#answers > grant.answersBefore) return;
      this.#failuresInRow++;
      if (this.#failuresInRow >= this.tolerated()) this.open(now);
      return;
    }
    this.#failuresInRow = 0;
    this.#answers++;
    if (this.#ramp?.isFinished) {
      this.#mode = 'closed';
      this.#ramp = null;
    }
  }

  private tolerated(): number {
    return Math.min(this.options.failures, this.#ramp?.allowance ?? this.options.failures);
  }

  private open(now: number): void {
    this.#mode = 'open';
    this.#openUntil = now + this.options.openMs;
    this.#ramp = null;
    this.#period++;
  }
}
