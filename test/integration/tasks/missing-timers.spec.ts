import type pg from 'pg';
import { MissingTimers } from '../../../src/tasks/saga/missing-timers.js';
import { PG_POOL } from '../../../src/database/index.js';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { TaskWaiter } from '../../../src/tasks/index.js';
import { startCore } from '../../support/core-application.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/* What happens when rows of the timer table are lost, by an operator or by tables restored apart. */

let database: TestDatabase;
let simulator: Simulator;
const cores: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 2000, seed: 7 });
});
afterEach(async () => {
  for (const core of cores.splice(0)) await core.close();
});
afterAll(async () => {
  await simulator?.close();
  await database?.drop();
});

const start = async (isWorker: boolean): Promise<Awaited<ReturnType<typeof startCore>>> => {
  const core = await startCore(database, simulator.url, { isWorker });
  cores.push(core);
  return core;
};

const timers = async (pool: pg.Pool): Promise<object[]> =>
  (await pool.query<object>('select task_id, lane, version, rank from task_timer order by task_id')).rows;

it('a worker that starts carries out open tasks whose timers are gone', async () => {
  const api = await start(false);
  const tasks = await Promise.all(
    [1, 2, 3].map((n) => api.submit('gpt-image-2', { prompt: `A bicycle ${n}` })),
  );
  const pool = api.app.get<pg.Pool>(PG_POOL);
  await pool.query('delete from task_timer');
  const worker = await start(true);
  for (const task of tasks) {
    expect(await worker.app.get(TaskWaiter).waitForEnd(task.id, 20_000)).toMatchObject({
      status: 'succeeded',
    });
  }
});

it('plans what the log says is next, once, and leaves the timers that are there alone', async () => {
  const api = await start(false);
  const pool = api.app.get<pg.Pool>(PG_POOL);
  const missing = api.app.get(MissingTimers);
  const lost = await api.submit('gpt-image-2', { prompt: 'Lost' }, { priority: 'high' });
  await api.submit('gpt-image-2', { prompt: 'Kept' }, { priority: 'low' });
  const before = await timers(pool);
  expect(before).toEqual([expect.objectContaining({ rank: 0 }), expect.objectContaining({ rank: 2 })]);
  await pool.query('delete from task_timer where task_id = $1', [lost.id]);
  const [first, second] = await Promise.all([missing.restore(), missing.restore()]);
  expect(first + second).toBe(1);
  expect(await timers(pool)).toEqual(before);
  expect(await missing.restore()).toBe(0);
});

it('does not plan for a task that has moved on meanwhile', async () => {
  const api = await start(false);
  const pool = api.app.get<pg.Pool>(PG_POOL);
  const task = await api.submit('gpt-image-2', { prompt: 'Moved on' });
  await pool.query('delete from task_timer where task_id = $1', [task.id]);
  await pool.query('update task set version = version + 1 where id = $1', [task.id]);
  expect(await api.app.get(MissingTimers).restore()).toBe(0);
});
