import { isForPolicyResubmit } from './decide-operation.js';
import { after, isPending, type Due } from './instant.js';
import { type TaskPolicy } from './task.policy.js';
import {
  isAwaitingConfirmation,
  isOpenToLateSuccess,
  isTerminal,
  newestAttempt,
  readable,
  type Attempt,
  type Task,
} from './task.state.js';

export { readable } from './task.state.js';

/*
 * When a task has to be looked at again, and what for. One row per task: it can have at most one call to the provider
 * coming (in a lane with slots of its own) and one thing only a clock brings.
 */

/** Lanes have slots of their own, so that polls never keep a submission or a confirmation waiting. */
export type Lane = 'submit' | 'recover' | 'confirm' | 'poll' | 'slow';
export const LANES: readonly Lane[] = ['submit', 'recover', 'confirm', 'poll', 'slow'];

export interface Wake {
  /** The next call, or null when only something from outside can bring one. */
  readonly call: Call | null;
  /** Overdue or expiry of an unconfirmed task; needs no call. */
  readonly clock: Due | null;
}

export interface Call {
  readonly lane: Lane;
  readonly due: Due;
  /** When a call of this lane is planned already, its time stands. */
  readonly keep?: true;
}

/** What the planner is told about the moment; random comes in from outside. */
export interface WakeContext {
  /** 0 to 1, spreads the looks of many tasks. */
  readonly dice: number;
  /** Looks made so far in a row without news, when this plan follows a look; null when something else happened. */
  readonly checks: number | null;
}

/** The wake of a task after an event. Null: nothing will ever be due again. */
export const planWake = (task: Task, context: WakeContext, policy: TaskPolicy): Wake | null => {
  const clock = clockOf(task, policy);
  const call = callOf(task, context, policy);
  return call || clock ? { call, clock } : null;
};

const clockOf = (task: Task, policy: TaskPolicy): Due | null => {
  if (isTerminal(task)) return null;
  const overdue = task.overdue ? null : after(task.createdAt, policy.timingOf(task.domain).overdueMs);
  const expiry = unconfirmedExpiry(task, policy);
  return overdue && expiry ? earlier(task, policy, overdue, expiry) : (overdue ?? expiry);
};

/** Only a clock ends the wait for an id that never came; with an id, a read does. */
const unconfirmedExpiry = (task: Task, policy: TaskPolicy): Due | null =>
  task.phase.status === 'unconfirmed' && readable(task).length === 0
    ? after(task.phase.since, policy.expiresMs)
    : null;

const earlier = (task: Task, policy: TaskPolicy, overdue: Due, expiry: Due): Due => {
  if ('at' in overdue && 'at' in expiry) return overdue.at <= expiry.at ? overdue : expiry;
  // The unknown outcome is being recorded now, so its wait began after the task's.
  return policy.expiresMs < policy.timingOf(task.domain).overdueMs ? expiry : overdue;
};

const callOf = (task: Task, context: WakeContext, policy: TaskPolicy): Call | null => {
  // No verdict applies any more; only the answer to a call under way is still owed.
  if (task.erasedAt !== null) return openAttempt(task, policy);
  switch (task.phase.status) {
    case 'queued':
      return confirmationBeforeSending(task, context) ?? submission(task);
    case 'submitting':
      return openAttempt(task, policy);
    case 'unconfirmed':
      return look(task, context, policy) ?? policyResubmit(task, policy);
    case 'held':
    case 'submitted':
    case 'running':
      return look(task, context, policy);
    case 'succeeded':
    case 'cancelled':
      return openAttempt(task, policy) ?? look(task, context, policy);
    case 'failed':
    case 'expired':
      return confirmation(task, context, policy) ?? lateLook(task, context, policy);
  }
};

const submission = ({ phase }: Task): Call => ({
  lane: 'submit',
  due:
    phase.status === 'queued' && phase.deferral
      ? after(phase.deferral.at, phase.deferral.delayMs)
      : { inMs: 0 },
});

/**
 * Queued once more by a resubmit, and a callback on an earlier attempt's URL arrives: what it names may be finished, so
 * it is looked at first, twice at most. The submission does not wait for longer.
 */
const confirmationBeforeSending = (task: Task, { checks }: WakeContext): Call | null => {
  const hinted = task.attempts.filter(isAwaitingConfirmation);
  if (hinted.length === 0) return null;
  if (checks === null) return hinted.some(hasNewHint) ? { lane: 'confirm', due: { inMs: 0 } } : null;
  return checks < QUICK_TRIES ? { lane: 'confirm', due: { inMs: QUICK_RETRY_MS } } : null;
};

/** Found by whoever looks when the caller's lease has run out; the outcome is owed also after the task's end. */
const openAttempt = (task: Task, policy: TaskPolicy): Call | null => {
  const attempt = newestAttempt(task);
  return attempt?.outcome === 'open'
    ? { lane: 'recover', due: after(attempt.startedAt, policy.leaseMs) }
    : null;
};

const look = (task: Task, context: WakeContext, policy: TaskPolicy): Call | null =>
  confirmation(task, context, policy) ?? lookAtKnown(task, context, policy);

const QUICK_TRIES = 2;
const QUICK_RETRY_MS = 1_000;
const CONFIRMATION_RETRY_MS = 5_000;

/**
 * A callback waits for confirmation: two quick tries, then at least 5 s apart, growing to the usual cap; after the end
 * of the task to the pace of late reads.
 */
const confirmation = (task: Task, { checks, dice }: WakeContext, policy: TaskPolicy): Call | null => {
  const hinted = task.attempts.filter(isAwaitingConfirmation);
  if (hinted.length === 0) return null;
  if (checks === null && !hinted.some(hasNewHint)) return { lane: 'confirm', due: { inMs: 0 }, keep: true };
  const tries = checks ?? 0;
  if (tries === 0) return { lane: 'confirm', due: { inMs: 0 } };
  if (tries < QUICK_TRIES) return { lane: 'confirm', due: { inMs: QUICK_RETRY_MS } };
  const cap = isTerminal(task) ? policy.lateReadEveryMs : policy.timingOf(task.domain).pollCapMs;
  const grown = CONFIRMATION_RETRY_MS * 1.5 ** Math.min(tries - QUICK_TRIES, 30);
  const pause = Math.min(cap / 1.1, grown) * spread(dice);
  return { lane: 'confirm', due: { inMs: Math.max(CONFIRMATION_RETRY_MS, pause) } };
};

const hasNewHint = (attempt: Attempt): boolean => attempt.hints.some((hint) => isPending(hint.receivedAt));

const lookAtKnown = (task: Task, context: WakeContext, policy: TaskPolicy): Call | null => {
  const attempts = readable(task);
  if (attempts.length === 0) return null;
  const soon = attempts.map((attempt) => recheck(attempt, policy)).find((due) => due !== null);
  if (soon) return { lane: 'confirm', due: soon };
  // Only a look, or an id learned just now, moves the next look.
  const isNewId = attempts.some((attempt) => attempt.acceptedAt !== null && isPending(attempt.acceptedAt));
  const due = { inMs: pollDelayMs(task, attempts, context, policy) };
  return context.checks === null && !isNewId ? { lane: 'poll', due, keep: true } : { lane: 'poll', due };
};

/** A read that wants a second one soon: a first "failed", a first short answer. */
const recheck = (attempt: Attempt, policy: TaskPolicy): Due | null => {
  if (attempt.lastRead?.status === 'failed' && attempt.failedSince) {
    return after(attempt.failedSince, policy.failureRecheckMs);
  }
  if (attempt.lastRead?.status === 'finished' && attempt.shortRead)
    return after(attempt.shortRead.at, policy.shortReadMs);
  return null;
};

/**
 * Pause before the next look. Without a callback URL: the kind's first delay, then growing by half. With one: the usual
 * duration first, then the cap.
 */
export const pollDelayMs = (
  task: Task,
  attempts: readonly Attempt[],
  { checks, dice }: WakeContext,
  policy: TaskPolicy,
): number => {
  const { firstPollMs, pollCapMs, usualMs } = policy.timingOf(task.domain);
  const looks = checks ?? 0;
  const callbackExpected = attempts.every((attempt) => attempt.callbackExpected);
  if (looks === 0) return (callbackExpected ? usualMs : firstPollMs) * (1 + 0.1 * dice);
  // The spread stays below the cap, which is the longest pause.
  const cap = pollCapMs / 1.1;
  const delay = callbackExpected ? cap : Math.min(cap, firstPollMs * 1.5 ** Math.min(looks, 30));
  return delay * spread(dice);
};

/** Now and then after the end, for a verdict that comes late; until `looksEnd`. */
const lateLook = (task: Task, { checks, dice }: WakeContext, policy: TaskPolicy): Call | null => {
  if (!isOpenToLateSuccess(task) || readable(task).length === 0) return null;
  const due = { inMs: policy.lateReadEveryMs * spread(dice) };
  return checks === null ? { lane: 'slow', due, keep: true } : { lane: 'slow', due };
};

/**
 * Until when a task that has ended is still looked at; null while it is open. A callback that nothing has answered yet
 * opens the window anew.
 */
export const looksEnd = (task: Task, policy: TaskPolicy): Date | null => {
  if (!isTerminal(task) || !task.completedAt) return null;
  const windowMs = isOpenToLateSuccess(task) ? policy.lateWindowMs : policy.expiresMs;
  const hints = task.attempts.filter(isAwaitingConfirmation).flatMap((attempt) => attempt.hints);
  const from = Math.max(task.completedAt.getTime(), ...hints.map((hint) => hint.receivedAt.getTime()));
  return new Date(from + windowMs);
};

const policyResubmit = (task: Task, policy: TaskPolicy): Call | null =>
  task.phase.status === 'unconfirmed' && isForPolicyResubmit(task, policy)
    ? { lane: 'recover', due: after(task.phase.since, policy.leaseMs + policy.unconfirmedWaitMs) }
    : null;

/** ±10 %, so that tasks submitted together are not read together for ever. */
const spread = (dice: number): number => 0.9 + 0.2 * dice;
