import { type Due } from '../domain/instant.js';
import { type Call } from '../domain/plan-wake.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { type Looked } from './looker.js';
import { type Claim, type Touch } from './timer-store.js';

/** After so many timeouts in a row a task moves to the slow lane, where it keeps nobody waiting. */
export const MISSES_BEFORE_SLOW = 2;

/**
 * When and in which lane a task is looked at again after a look that brought no news.
 *
 * A look that was not made (pace, open breaker) leaves the count of timeouts, and with it the slow lane, as it was. A task
 * that is to be sent is sent, whatever its reads did.
 */
export const nextLook = (claim: Claim, looked: Looked, planned: Call, policy: TaskPolicy): Touch => {
  const wasAsked = looked.retryAfterMs === null || looked.unread === 0;
  const misses = missesAfter(claim, looked, wasAsked);
  const isSlow = planned.lane !== 'submit' && misses >= MISSES_BEFORE_SLOW;
  const pauseMs = msUntil(planned.due, claim.now);
  const slowedMs = isSlow ? Math.min(policy.slowPollCapMs, pauseMs * 2 ** Math.min(misses, 10)) : pauseMs;
  return {
    taskId: claim.taskId,
    epoch: claim.epoch,
    lane: isSlow ? 'slow' : planned.lane,
    inMs: Math.max(slowedMs, looked.retryAfterMs ?? 0),
    checks: wasAsked ? claim.checks + 1 : claim.checks,
    misses,
    checked: wasAsked,
  };
};

const missesAfter = ({ misses }: Claim, { timeouts }: Looked, wasAsked: boolean): number => {
  if (timeouts > 0) return misses + 1;
  return wasAsked ? 0 : misses;
};

const msUntil = (due: Due, now: Date): number =>
  'inMs' in due ? due.inMs : Math.max(0, due.at.getTime() - now.getTime());
