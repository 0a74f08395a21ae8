import { TaskStatusConflictError } from './task.errors.js';
import { type TaskEvent, type TaskResumed } from './task.events.js';
import { type TaskPolicy } from './task.policy.js';
import {
  isAwaitingConfirmation,
  isTerminal,
  isTerminalStatus,
  LOG_RESTORED,
  newestAttempt,
  type Task,
  type TaskStatus,
} from './task.state.js';

/*
 * What people (and policies in their name) ask of a task.
 */

/**
 * The client gives up. The provider cannot be stopped: once an attempt has started the task may be charged, and reading
 * goes on so that the credits are known.
 *
 * @throws TaskStatusConflictError when the task has ended
 */
export const decideCancel = (task: Task): TaskEvent[] => {
  if (isTerminal(task)) {
    throw new TaskStatusConflictError(task.id, 'cancelling', task.phase.status, 'open');
  }
  return [{ type: 'TaskCancelled', data: { may_be_charged: task.attempts.length > 0 } }];
};

/** @throws TaskStatusConflictError unless the task is held */
export const decideResume = (task: Task, because: TaskResumed['data']['because']): TaskEvent[] => {
  if (task.phase.status !== 'held') {
    throw new TaskStatusConflictError(task.id, 'resuming', task.phase.status, 'held');
  }
  return [{ type: 'TaskResumed', data: { because } }];
};

/**
 * One more attempt although an earlier one may have been paid. Every known provider id must have been read before.
 *
 * @throws TaskStatusConflictError unless unconfirmed, expired or failed (other than by the provider's refusal of the request)
 */
export const decideResubmit = (task: Task, how: { reason: string; byPolicy: boolean }): TaskEvent[] => {
  if (!mayResubmit(task)) {
    throw new TaskStatusConflictError(
      task.id,
      'resubmitting',
      statusForResubmit(task),
      'unconfirmed, expired or failed (but not rejected by the provider)',
    );
  }
  return [
    {
      type: 'TaskResubmitted',
      data: {
        from_status: task.phase.status,
        attempt: (newestAttempt(task)?.number ?? 0) + 1,
        by_policy: how.byPolicy,
      },
      personal: { reason: how.reason },
    },
  ];
};

export const mayResubmit = ({ phase, erasedAt }: Task): boolean =>
  erasedAt === null &&
  (phase.status === 'unconfirmed' ||
    phase.status === 'expired' ||
    (phase.status === 'failed' && phase.code !== 'provider_rejected'));

/**
 * Forgets what is personal about a task that has ended. Silence when that was done before.
 *
 * @param reasonDigest see TaskErased
 * @throws TaskStatusConflictError while the task is open
 */
export const decideErase = (
  task: Pick<Task, 'id' | 'erasedAt'> & { readonly phase: { readonly status: TaskStatus } },
  reasonDigest: string | null,
): TaskEvent[] => {
  if (task.erasedAt !== null) return [];
  if (!isTerminalStatus(task.phase.status)) {
    throw new TaskStatusConflictError(
      task.id,
      'erasing',
      task.phase.status,
      'succeeded, failed, cancelled or expired',
    );
  }
  return [{ type: 'TaskErased', data: { reason_digest: reasonDigest } }];
};

const statusForResubmit = ({ phase, erasedAt }: Task): string => {
  if (erasedAt !== null) return `${phase.status} and erased`;
  return phase.status === 'failed' ? `failed (${phase.code})` : phase.status;
};

/**
 * `UNCONFIRMED_POLICY=resubmit` applies: once per task, and never to an attempt that a restored log may have lost, because
 * its callback may have been lost with it. Nor to one that another has followed: the provider has answered that one, and
 * what it refused is not sent again.
 */
export const isForPolicyResubmit = (
  { phase, attempts, policyResubmitted }: Task,
  policy: TaskPolicy,
): boolean =>
  policy.unconfirmedPolicy === 'resubmit' &&
  phase.status === 'unconfirmed' &&
  phase.reason !== LOG_RESTORED &&
  phase.attempt === attempts.at(-1)?.number &&
  !policyResubmitted;

/** … when the wait for a callback is over and none has come. */
export const isDueForPolicyResubmit = (task: Task, now: Date, policy: TaskPolicy): boolean =>
  isForPolicyResubmit(task, policy) &&
  task.phase.status === 'unconfirmed' &&
  !task.attempts.some(isAwaitingConfirmation) &&
  now.getTime() - task.phase.since.getTime() >= policy.leaseMs + policy.unconfirmedWaitMs;

/**
 * What the policy does about a task at this moment. Silence when it is not its turn, or no longer, because a callback has
 * come or somebody else has sent the task again since it was looked at.
 */
export const decidePolicyResubmit = (
  task: Task,
  { now, reason }: { readonly now: Date; readonly reason: string },
  policy: TaskPolicy,
): TaskEvent[] =>
  isDueForPolicyResubmit(task, now, policy) ? decideResubmit(task, { reason, byPolicy: true }) : [];
