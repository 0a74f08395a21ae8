import { TaskStatusConflictError } from './task.errors.js';
import { type TaskEvent, type TaskResumed } from './task.events.js';
import { type TaskPolicy } from './task.policy.js';
import { isAwaitingConfirmation, isTerminal, newestAttempt, type Task } from './task.state.js';

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
      task.phase.status === 'failed' ? `failed (${task.phase.code})` : task.phase.status,
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

export const mayResubmit = ({ phase }: Task): boolean =>
  phase.status === 'unconfirmed' ||
  phase.status === 'expired' ||
  (phase.status === 'failed' && phase.code !== 'provider_rejected');

/** `UNCONFIRMED_POLICY=resubmit`, once per task, when the wait for a callback is over and none has come. */
export const isDueForPolicyResubmit = (task: Task, now: Date, policy: TaskPolicy): boolean =>
  policy.unconfirmedPolicy === 'resubmit' &&
  task.phase.status === 'unconfirmed' &&
  !task.policyResubmitted &&
  !task.attempts.some(isAwaitingConfirmation) &&
  now.getTime() - task.phase.since.getTime() >= policy.leaseMs + policy.unconfirmedWaitMs;
