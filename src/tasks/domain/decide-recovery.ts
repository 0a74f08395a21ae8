import { isForPolicyResubmit } from './decide-operation.js';
import { type SubmissionPresumed, type TaskEvent } from './task.events.js';
import { type TaskPolicy } from './task.policy.js';
import { evolve, LOG_RESTORED, newestAttempt, type Attempt, type Task } from './task.state.js';

/*
 * A restored log: it ends before attempts that were made. What they came to is unknown, and nothing is sent again by
 * itself.
 */

/**
 * The newest part of the log is lost, and with it perhaps an attempt of this task: it waits for a callback, an operator,
 * or its expiry. Silence for a task that nothing would send by itself, and when that was said before.
 *
 * @param account whose money a lost attempt would have spent
 */
export const decideRecovery = (task: Task, account: string, policy: TaskPolicy): TaskEvent[] => {
  switch (task.phase.status) {
    case 'queued':
    case 'held':
      return [presumed(nextNumber(task), account, 'recovery')];
    case 'submitting':
      return closed(newestAttempt(task)!);
    case 'unconfirmed':
      // The policy may have sent it once more already.
      return isForPolicyResubmit(task, policy) ? [presumed(nextNumber(task), account, 'recovery')] : [];
    default:
      return [];
  }
};

/** What something that came about an attempt unknown to the log proves, and the task as it is then. */
export const decideFoundAttempt = (
  task: Task,
  found: { attempt: number; account: string; because: 'callback' | 'answer' },
  now: Date,
): { readonly events: TaskEvent[]; readonly task: Task } => {
  const newest = newestAttempt(task);
  // A later attempt is only made when the one before it is over, so the answer to that one is lost as well.
  const before = newest?.outcome === 'open' && newest.number < found.attempt ? closed(newest) : [];
  const events = [...before, presumed(found.attempt, found.account, found.because)];
  const known = events.reduce<Task>(
    (state, event) => evolve(state, { id: '', version: state.version + 1, recordedAt: now, event }, state),
    task,
  );
  return { events, task: known };
};

const nextNumber = (task: Task): number => (newestAttempt(task)?.number ?? 0) + 1;

const presumed = (
  attempt: number,
  account: string,
  because: SubmissionPresumed['data']['because'],
): TaskEvent => ({ type: 'SubmissionPresumed', data: { attempt, account, because } });

const closed = ({ number }: Attempt): TaskEvent[] => [
  {
    type: 'SubmissionOutcomeUnknown',
    data: { attempt: number, reason: LOG_RESTORED, http_status: null },
    personal: { message: null },
  },
];
