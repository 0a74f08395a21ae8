import { type ConflictingOutcomeObserved, type TaskEvent } from './task.events.js';
import { hasConflict, type Attempt, type Task } from './task.state.js';

/*
 * What cannot be true together with what is known is recorded, and changes nothing.
 */

/** Says once that something about the attempt contradicts what is known. */
export const conflict = (
  attempt: Attempt,
  kind: ConflictingOutcomeObserved['data']['kind'],
  providerTaskId: string,
): TaskEvent[] =>
  hasConflict(attempt, kind, providerTaskId)
    ? []
    : [
        {
          type: 'ConflictingOutcomeObserved',
          data: {
            attempt: attempt.number,
            kind,
            provider_task_id: providerTaskId,
            known: attempt.providerTaskId,
          },
        },
      ];

/** The id belongs to another attempt of the same task. Other tasks are the log's business: it binds an id once. */
export const isBoundElsewhere = (task: Task, attempt: Attempt, providerTaskId: string): boolean =>
  task.attempts.some((other) => other.number !== attempt.number && other.providerTaskId === providerTaskId);
