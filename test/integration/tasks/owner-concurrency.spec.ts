import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { TaskWaiter, type TaskView } from '../../../src/tasks/index.js';
import { NO_QUOTAS } from '../../../src/tasks/quotas/quotas.js';
import { startCore } from '../../support/core-application.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * Two replicas, owners with a bound on their tasks at the provider, and a queue that is longer. The log says how many
 * there were at each moment.
 */

const MOST = 3;
const QUEUED = 24;
let database: TestDatabase;
let simulator: Simulator;
const cores: Awaited<ReturnType<typeof startCore>>[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 2000, seed: 7 });
  for (let n = 0; n < 2; n++)
    cores.push(
      await startCore(database, simulator.url, {
        quotas: { ...NO_QUOTAS, tasksAtProvider: MOST },
      }),
    );
});
afterAll(async () => {
  for (const core of cores) await core.close();
  await simulator?.close();
  await database?.drop();
});

/** The most tasks of an owner that were at the provider at once, by the events. */
const mostAtOnce = async (owner: string): Promise<number> => {
  const { rows } = await database.pool.query<{ id: string; type: string }>(
    'select stream_id as id, type from event where owner = $1 order by position',
    [owner],
  );
  const there = new Set<string>();
  let most = 0;
  for (const { id, type } of rows) {
    if (type === 'SubmissionStarted') there.add(id);
    if (type === 'TaskSucceeded' || type === 'TaskFailed') there.delete(id);
    most = Math.max(most, there.size);
  }
  return most;
};

it('never more of an owner are at the provider than allowed, the others wait, and all end', async () => {
  const submits: Promise<TaskView>[] = [];
  for (let n = 0; n < QUEUED; n++)
    for (const owner of ['acme', 'other'])
      submits.push(cores[n % 2]!.submit('gpt-image-2', { prompt: `A bicycle ${n}` }, { owner }));
  const tasks = await Promise.all(submits);
  const ended = await Promise.all(
    tasks.map(({ id }) => cores[1]!.app.get(TaskWaiter).waitForEnd(id, 30_000)),
  );
  expect(ended.map((task) => task?.status)).toEqual(tasks.map(() => 'succeeded'));
  expect([await mostAtOnce('acme'), await mostAtOnce('other')]).toEqual([MOST, MOST]);
});
