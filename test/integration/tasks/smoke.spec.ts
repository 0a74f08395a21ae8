import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { TaskWaiter, TaskHistory } from '../../../src/tasks/index.js';
import { startCore } from '../../support/core-application.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let simulator: Simulator;
let core: Awaited<ReturnType<typeof startCore>>;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 2000 });
  core = await startCore(database, simulator.url);
});
afterAll(async () => {
  await core?.close();
  await simulator?.close();
  await database?.drop();
});

it('carries a task from the intent to its files by polling alone', async () => {
  const task = await core.submit('gpt-image-2', { prompt: 'A red bicycle' });
  expect(task.status).toBe('queued');
  const done = await core.app.get(TaskWaiter).waitForEnd(task.id, 10_000);
  expect(done?.status).toBe('succeeded');
  const replay = await core.app.get(TaskHistory).replay(task.id);
  expect({ ...replay!.task, lastCheckedAt: null }).toEqual({ ...done, lastCheckedAt: null });
});
