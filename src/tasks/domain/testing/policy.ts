import { type KindTiming } from '../../ports.js';
import { type TaskPolicy } from '../task.policy.js';
import { HOUR, MINUTE, SECOND } from './durations.js';

/** The times of images. */
export const IMAGE_TIMING: KindTiming = {
  firstPollMs: 5 * SECOND,
  pollCapMs: 15 * SECOND,
  usualMs: MINUTE,
  overdueMs: 10 * MINUTE,
};

/** The defaults of the settings, for images. */
export const policyWith = (changes: Partial<TaskPolicy> = {}): TaskPolicy => ({
  submitRetryInitialMs: SECOND,
  submitRetryMaxMs: MINUTE,
  leaseMs: MINUTE,
  unconfirmedWaitMs: 5 * MINUTE,
  unconfirmedPolicy: 'hold',
  callbackConfirmation: 'always',
  resultGraceMs: 15 * MINUTE,
  expiresMs: 24 * HOUR,
  lateReadEveryMs: HOUR,
  lateWindowMs: 72 * HOUR,
  failureRecheckMs: 5 * SECOND,
  shortReadMs: 10 * SECOND,
  slowPollCapMs: 10 * MINUTE,
  timingOf: () => IMAGE_TIMING,
  ...changes,
});

export const POLICY = policyWith();
