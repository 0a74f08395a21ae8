import { type Kind, type KindTiming } from '../ports.js';

/** The durations and choices the rules work with; all times in milliseconds. */
export interface TaskPolicy {
  /** Backoff of deferred submissions. */
  readonly submitRetryInitialMs: number;
  readonly submitRetryMaxMs: number;
  /** How long a claimed piece of work may stay silent. */
  readonly leaseMs: number;
  /** How long an unknown outcome waits for a callback before the policy may resubmit (after the lease). */
  readonly unconfirmedWaitMs: number;
  readonly unconfirmedPolicy: 'hold' | 'resubmit';
  readonly callbackConfirmation: 'always' | 'never';
  /** How long a finished task without files is read again before it fails. */
  readonly resultGraceMs: number;
  /** No verdict for so long after the newest accepted (or unknown) outcome: expired. */
  readonly expiresMs: number;
  /** After expiry the provider is still read this often … */
  readonly lateReadEveryMs: number;
  /** … for this long. */
  readonly lateWindowMs: number;
  /** Two signs of failure must lie this far apart. */
  readonly failureRecheckMs: number;
  /** A finished read with fewer files than expected is read once more after this. */
  readonly shortReadMs: number;
  /** Longest pause between two reads in the slow lane, where tasks go whose reads time out. */
  readonly slowPollCapMs: number;
  /** The times of a kind; a stored task may outlive its kind. */
  timingOf(domain: string): KindTiming;
}

/** Settings that replace the times of every kind at once; null keeps the kind's own. */
export interface TimingOverrides {
  readonly firstPollMs: number | null;
  readonly pollCapMs: number | null;
  readonly usualMs: number | null;
  readonly overdueMs: number | null;
}

/** For stored tasks whose kind is no longer registered: the slowest of the four. */
export const CAUTIOUS_TIMING: KindTiming = {
  firstPollMs: 15_000,
  pollCapMs: 60_000,
  usualMs: 240_000,
  overdueMs: 2_700_000,
};

export const timingOf = (kind: Kind | undefined, overrides: TimingOverrides): KindTiming => {
  const own = kind?.timing ?? CAUTIOUS_TIMING;
  return {
    firstPollMs: overrides.firstPollMs ?? own.firstPollMs,
    pollCapMs: overrides.pollCapMs ?? own.pollCapMs,
    usualMs: overrides.usualMs ?? own.usualMs,
    overdueMs: overrides.overdueMs ?? own.overdueMs,
  };
};
