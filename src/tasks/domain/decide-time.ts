import { type TaskEvent } from './task.events.js';
import { type TaskPolicy } from './task.policy.js';
import { isTerminal, type Task } from './task.state.js';

/*
 * What a clock alone may say: that a promise has passed, and that an unconfirmed attempt has been waited for long
 * enough. Never a verdict.
 */
export const decideClock = (task: Task, now: Date, policy: TaskPolicy): TaskEvent[] => {
  if (isTerminal(task)) return [];
  const { overdueMs } = policy.timingOf(task.domain);
  const isOverdue = !task.overdue && now.getTime() - task.createdAt.getTime() >= overdueMs;
  const overdue: TaskEvent[] = isOverdue ? [{ type: 'TaskOverdue', data: { after_ms: overdueMs } }] : [];
  return [...overdue, ...unconfirmedTooLong(task, now, policy)];
};

const unconfirmedTooLong = ({ phase, attempts }: Task, now: Date, policy: TaskPolicy): TaskEvent[] => {
  if (phase.status !== 'unconfirmed' || attempts.some((attempt) => attempt.hints.length > 0)) return [];
  return now.getTime() - phase.since.getTime() >= policy.expiresMs
    ? [{ type: 'TaskExpired', data: { because: 'unconfirmed' } }]
    : [];
};
