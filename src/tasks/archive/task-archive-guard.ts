import { type ArchiveGuard } from '../../event-store/index.js';
import { TASK_EVENT_VERSIONS } from '../domain/task.events.js';
import { isTerminalStatus, TASK_STATUSES } from '../domain/task.state.js';

/** Open, or still looked at: a result that comes late changes a task that has ended. */
const NOT_DONE = `select count(*) as count from (
    select id from task where status = any ($1) and position <= $2
    union
    select t.id from task_timer m join task t on t.id = m.task_id where t.position <= $2) open`;

const OPEN = TASK_STATUSES.filter((status) => !isTerminalStatus(status));

/**
 * Events of tasks may be archived when the tasks that begin there have come to their end. The streams of the account and of
 * the submissions go on for ever and are read from their beginning, so they stay.
 */
export const taskArchiveGuard: ArchiveGuard = {
  types: Object.keys(TASK_EVENT_VERSIONS),
  refusal: async (database, lastPosition) => {
    const { rows } = await database.query<{ count: string | number }>(NOT_DONE, [OPEN, lastPosition]);
    const count = Number(rows[0]!.count);
    if (count === 0) return null;
    const which = count === 1 ? '1 task' : `${count} tasks`;
    return `${which} that began up to position ${lastPosition} may still change. Wait until they end, or cancel them ("tasks list" shows the open ones); the provider is asked about late results for some days longer`;
  },
};
