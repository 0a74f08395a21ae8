import { TaskNotFoundError } from './task.errors.js';
import { type Task } from './task.state.js';

/**
 * The task, when it is that owner's. Null for the owner means: anybody's (the operator).
 *
 * @throws TaskNotFoundError for another's task just as for none, so that ids tell nothing
 */
export const ownedBy = (task: Task | null, owner: string | null, id: string): Task => {
  if (!task || (owner !== null && task.owner !== owner)) throw new TaskNotFoundError(id);
  return task;
};
