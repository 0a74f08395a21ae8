import { after, isPending, type Due } from './instant.js';
import { type TaskPolicy } from './task.policy.js';
import { isSettled, isTerminal, newestAttempt, type Attempt, type Task } from './task.state.js';

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
  if (!task.overdue) return after(task.createdAt, policy.timingOf(task.domain).overdueMs);
  return task.phase.status === 'unconfirmed' ? after(task.phase.since, policy.expiresMs) : null;
};

const callOf = (task: Task, context: WakeContext, policy: TaskPolicy): Call | null => {
  const { phase } = task;
  switch (phase.status) {
    case 'queued':
      return {
        lane: 'submit',
        due: phase.deferral ? after(phase.deferral.at, phase.deferral.delayMs) : { inMs: 0 },
      };
    case 'submitting':
      // Found by whoever looks when the caller's lease has run out.
      return { lane: 'recover', due: after(phase.startedAt, policy.leaseMs) };
    case 'held':
      return null;
    case 'unconfirmed':
      return (
        confirmation(task, context, policy) ??
        lookAtKnown(task, context, policy) ??
        policyResubmit(task, policy)
      );
    case 'submitted':
    case 'running':
      return confirmation(task, context, policy) ?? lookAtKnown(task, context, policy);
    case 'succeeded':
      return lookAtKnown(task, context, policy);
    case 'cancelled':
      return (
        openAttemptOf(task, policy) ??
        confirmation(task, context, policy) ??
        lookAtKnown(task, context, policy)
      );
    case 'failed':
    case 'expired':
      return confirmation(task, context, policy) ?? lateLook(task, context, policy);
  }
};

/** Cancelled while the call was under way: its outcome is still owed. */
const openAttemptOf = (task: Task, policy: TaskPolicy): Call | null => {
  const attempt = newestAttempt(task);
  return attempt?.outcome === 'open'
    ? { lane: 'recover', due: after(attempt.startedAt, policy.leaseMs) }
    : null;
};

/** Attempts whose provider id is known and whose end is not. */
export const readable = (task: Task): readonly Attempt[] =>
  task.attempts.filter((attempt) => attempt.providerTaskId !== null && !isSettled(attempt));

/** A callback waits for confirmation: two quick tries, then at least 5 s apart, up to the usual cap. */
const confirmation = (task: Task, { checks, dice }: WakeContext, policy: TaskPolicy): Call | null => {
  const hinted = task.attempts.filter((attempt) => attempt.hints.length > 0 && attempt.outcome !== 'open');
  if (hinted.length === 0) return null;
  if (checks === null && !hinted.some(hasNewHint)) return { lane: 'confirm', due: { inMs: 0 }, keep: true };
  const tries = checks ?? 0;
  if (tries === 0) return { lane: 'confirm', due: { inMs: 0 } };
  if (tries === 1) return { lane: 'confirm', due: { inMs: 1_000 } };
  const { pollCapMs } = policy.timingOf(task.domain);
  return {
    lane: 'confirm',
    due: { inMs: Math.min(pollCapMs, 5_000 * 1.5 ** Math.min(tries - 2, 20)) * spread(dice) },
  };
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
  const delay = callbackExpected
    ? looks === 0
      ? usualMs
      : pollCapMs
    : Math.min(pollCapMs, firstPollMs * 1.5 ** Math.min(looks, 30));
  return delay * spread(dice);
};

/** Hourly for three days after the end, for a verdict that comes late. */
const lateLook = (task: Task, { dice }: WakeContext, policy: TaskPolicy): Call | null => {
  const { phase } = task;
  const isOpenToLate =
    phase.status === 'expired' || (phase.status === 'failed' && phase.code === 'result_missing');
  if (!isOpenToLate || readable(task).length === 0) return null;
  const newest = Math.max(...readable(task).map((attempt) => attempt.lastRead?.at.getTime() ?? 0));
  const windowEnds = phase.since.getTime() + policy.lateWindowMs;
  return newest + policy.lateReadEveryMs > windowEnds
    ? null
    : { lane: 'slow', due: { inMs: policy.lateReadEveryMs * spread(dice) } };
};

const policyResubmit = (task: Task, policy: TaskPolicy): Call | null =>
  task.phase.status === 'unconfirmed' && policy.unconfirmedPolicy === 'resubmit' && !task.policyResubmitted
    ? { lane: 'recover', due: after(task.phase.since, policy.leaseMs + policy.unconfirmedWaitMs) }
    : null;

/** ±10 %, so that tasks submitted together are not read together for ever. */
const spread = (dice: number): number => 0.9 + 0.2 * dice;
