import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import {
  type Client,
  clientFor,
  freePort,
  makeKey,
  type TaskJson,
  testEnvironment,
} from '../support/server.js';
import { startServerProcess } from '../support/server-process.js';

/*
 * kill -9 of the server in the middle of its work, and what a new process makes of it.
 */

const TASKS = 200;

let database: TestDatabase;
let simulator: Simulator;
let folder: string;
let environment: Record<string, string | undefined>;
let key: string;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 60, seed: 11, submitLatencyMs: 50 });
  folder = await mkdtemp(join(tmpdir(), 'genledger-crash-'));
  key = await makeKey(database, simulator.url, { DATA_DIR: folder });
  const port = String(await freePort());
  environment = await testEnvironment(database, simulator.url, {
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: folder,
    LEASE_MS: '6000',
    LOG_LEVEL: 'error',
  });
});
afterAll(async () => {
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
  await database?.drop();
});

const isSettled = (task: TaskJson): boolean => ['succeeded', 'failed', 'unconfirmed'].includes(task.status);

const allTasks = async (client: Client): Promise<TaskJson[]> =>
  (await client.call<{ data: TaskJson[] }>('GET', '/v1/tasks?limit=200')).body.data;

it('kill -9 with 200 tasks in flight: after the restart every one ends or says why not, and none was paid twice', async () => {
  const first = await startServerProcess(environment, folder);
  let client = clientFor(first.url, key);
  const ids = await Promise.all(
    Array.from({ length: TASKS }, async (_, i) => {
      const { status, body } = await client.submit('image', 'gpt-image-2', { prompt: `crash-${i}-` });
      expect(status).toBe(202);
      return body.id;
    }),
  );
  // Killed when some were not sent yet, some are under way, some are done.
  const underWay = simulator.hold('submit-answer');
  await underWay.reached(8);
  await first.end('SIGKILL');
  underWay.release();

  const second = await startServerProcess(environment, folder);
  client = clientFor(second.url, key);
  let tasks: TaskJson[];
  do {
    await new Promise((resolve) => setTimeout(resolve, 250));
    tasks = await allTasks(client);
  } while (!tasks.every(isSettled));

  expect(tasks.map((task) => task.id).sort()).toEqual([...ids].sort());
  expect(tasks.filter((task) => task.status === 'failed')).toEqual([]);
  for (const task of tasks.filter(({ status }) => status === 'unconfirmed')) {
    expect(task.error!.code).toBe('submission_unconfirmed');
  }
  for (let i = 0; i < TASKS; i++) {
    expect(simulator.ledger.submits({ contains: `crash-${i}-` }).length).toBeLessThanOrEqual(1);
  }
  // What the provider took and called back about while somebody listened is resolved; at most the killed calls are open.
  expect(tasks.filter(({ status }) => status === 'unconfirmed').length).toBeLessThanOrEqual(16);
  for (const task of tasks) {
    const { body } = await client.call('GET', `/v1/tasks/${task.id}/replay`);
    expect(body.task).toEqual({ ...task, last_checked_at: (body.task as TaskJson).last_checked_at });
  }

  // A callback for an attempt whose answer died with the process resolves it.
  for (const open of tasks.filter(({ status }) => status === 'unconfirmed')) {
    const marker = String((open.input as { prompt: string }).prompt);
    const [record] = simulator.ledger.submits({ contains: marker });
    if (!record?.taskId) continue;
    await simulator.redeliver(record.taskId);
    expect((await client.ended(open.id)).status).toBe('succeeded');
  }
  expect(await second.end('SIGTERM')).toBe(0);
}, 120_000);
