import { setTimeout as pause } from 'node:timers/promises';
import { load, type LoadOptions } from '../support/load.js';
import { type SeededTask } from '../support/seed.js';
import { type Stage } from './stage.js';

/** Submits over HTTP, and waits until the provider has accepted them all. Answers them with its ids. */
export const submitTasks = async (
  { pool, servers }: Stage,
  amount: number,
  next: LoadOptions['next'],
): Promise<SeededTask[]> => {
  const before = await pool.query<{ position: string }>('select max(position) as position from task');
  const { errors, non2xx, refusal } = await load({
    url: servers.ours.at,
    amount,
    connections: 64,
    next,
  });
  if (errors + non2xx > 0) throw new Error(`${errors} errors, ${non2xx} refusals: ${refusal}`);
  for (;;) {
    const { rows } = await pool.query<{ open: boolean }>(
      `select exists (select from task where status in ('queued', 'submitting')) as open`,
    );
    if (!rows[0]!.open) break;
    await pause(200);
  }
  const { rows } = await pool.query<SeededTask>(
    `select id, provider_task_id as "providerId" from task join task_provider_id on task_id = id where position > $1`,
    [before.rows[0]!.position],
  );
  return rows;
};
