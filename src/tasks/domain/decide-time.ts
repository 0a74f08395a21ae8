import { type TaskEvent } from './task.events.js';
import { type TaskPolicy } from './task.policy.js';
import { isTerminal, readable, type Task } from './task.state.js';

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

/** With an id to read, a read must say that nothing has come of it; without one the clock is all there is. */
const unconfirmedTooLong = (task: Task, now: Date, policy: TaskPolicy): TaskEvent[] => {
  const { phase } = task;
  if (phase.status !== 'unconfirmed' || readable(task).length > 0) return [];
  return now.getTime() - phase.since.getTime() >= policy.expiresMs
    ? [{ type: 'TaskExpired', data: { because: 'unconfirmed' } }]
    : [];
};
