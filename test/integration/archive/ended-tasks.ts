import { Life } from '../../../bench/support/seed-log.js';
import { AppendCall } from '../../../src/event-store/append-call.js';
import { type TestDatabase } from '../../support/postgres.js';

/**
 * Writes tasks as a server does, each from its intent to its files, one batch per step of all of them. Nothing is due for
 * them any more, as it is after some days. Answers their ids.
 */
export const writeEndedTasks = async (
  { pool, schema }: TestDatabase,
  count: number,
): Promise<readonly string[]> => {
  const call = new AppendCall(schema, ['project_tasks']);
  const lives = Array.from({ length: count }, () => new Life());
  const ids: string[] = [];
  while (lives.some((life) => !life.isOver)) {
    const requests = lives.map((life) => life.next());
    if (ids.length === 0) ids.push(...requests.map(({ request }) => request.streamId));
    const { rows } = await pool.query({
      name: call.name,
      text: call.text,
      values: call.values('spec', false, requests),
      rowMode: 'array',
    });
    call.outcomes(rows).forEach(({ recordedAt }, n) => lives[n]!.stored(new Date(recordedAt)));
  }
  await pool.query('delete from task_timer where task_id = any ($1)', [ids]);
  return ids;
};
