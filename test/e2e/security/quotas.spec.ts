import { ConfigurationError, readConfig } from '../../../src/config/index.js';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import {
  type Answer,
  type Client,
  startTestServer,
  type TaskJson,
  type TestServer,
} from '../../support/server.js';

/*
 * What one owner may use. Off unless set; a repeat with the same idempotency key is never refused.
 */

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let acme: Client;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
});

const start = async (environment: Record<string, string>, speed = 0.001): Promise<void> => {
  simulator = await startSimulator({ speed, seed: 7 });
  server = await startTestServer(database, simulator.url, { POLL_EXPECTED_MS: '500', ...environment });
  acme = await server.client('acme');
};

const submit = (
  client: Client = acme,
  directive = '',
  headers: Record<string, string> = {},
): Promise<Answer<TaskJson>> => client.submit('image', 'gpt-image-2', { prompt: `x ${directive}` }, headers);

const statuses = async (answers: Promise<Answer<TaskJson>>[]): Promise<number[]> =>
  (await Promise.all(answers)).map(({ status }) => status).sort();

/** A count is used for a second. */
const untilAccepted = async (): Promise<void> => {
  while ((await submit()).status !== 202);
};

it('open tasks: so many and no more, also when they come at once; one that ends makes room', async () => {
  await start({ OPEN_TASKS_PER_OWNER: '3' });
  const first = await submit();
  expect(await statuses(Array.from({ length: 10 }, () => submit()))).toEqual([
    ...Array<number>(2).fill(202),
    ...Array<number>(8).fill(429),
  ]);
  const refused = await submit();
  expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
    429,
    'quota_exceeded',
    '10',
  ]);
  expect((await acme.call('POST', `/v1/tasks/${first.body.id}/cancel`)).status).toBe(200);
  await untilAccepted();
});

it('are counted for each owner alone', async () => {
  await start({ OPEN_TASKS_PER_OWNER: '1' });
  const globex = await server.client('globex');
  expect(await statuses([submit(), submit(globex)])).toEqual([202, 202]);
  expect(await statuses([submit(), submit(globex)])).toEqual([429, 429]);
});

it('a repeat is no new task', async () => {
  await start({ TASKS_PER_DAY_PER_OWNER: '1' });
  const once = { 'idempotency-key': 'once' };
  const first = await submit(acme, '', once);
  const repeat = await submit(acme, '', once);
  expect([first.status, repeat.status, repeat.body.id]).toEqual([202, 202, first.body.id]);
  expect((await submit()).status).toBe(429);
});

it('tasks of the day count whether they have ended or not; yesterday is over', async () => {
  await start({ TASKS_PER_DAY_PER_OWNER: '2' }, 500);
  for (const { body } of await Promise.all([submit(), submit()]))
    expect((await acme.ended(body.id)).status).toBe('succeeded');
  const refused = await submit();
  expect([refused.status, refused.body.code]).toEqual([429, 'quota_exceeded']);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(86_400);
  await database.pool.query("update task set created_at = created_at - interval '1 day'");
  await untilAccepted();
});

it('credits are set aside at submit and settled by what the provider reports', async () => {
  await start({ CREDITS_PER_DAY_PER_OWNER: '100', CREDITS_PER_TASK: '40' }, 500);
  const answers = await Promise.all([submit(), submit(), submit()]);
  const taken = answers.filter(({ status }) => status === 202);
  expect(taken).toHaveLength(2);
  const ended = await Promise.all(taken.map(({ body }) => acme.ended(body.id)));
  const spent = ended.reduce(
    (sum, { result }) => sum + (result as unknown as { credits: number }).credits,
    0,
  );
  expect(spent).toBeGreaterThan(0);
  expect(spent).toBeLessThan(20);
  // What was set aside is free again: two more fit beside what was really spent, and no third.
  await untilAccepted();
  expect(await statuses(Array.from({ length: 4 }, () => submit()))).toEqual([202, 429, 429, 429]);
});

it('a task that fails gives back what was set aside', async () => {
  await start({ CREDITS_PER_DAY_PER_OWNER: '40', CREDITS_PER_TASK: '40' }, 500);
  const { body } = await submit(acme, '[[sim:fail=no]]');
  expect((await acme.ended(body.id)).status).toBe('failed');
  await untilAccepted();
});

it('a budget without a reservation is refused at the start', () => {
  expect(() => readConfig({ CREDITS_PER_DAY_PER_OWNER: '100' })).toThrow(ConfigurationError);
  expect(() => readConfig({ CREDITS_PER_DAY_PER_OWNER: '100', CREDITS_PER_TASK: '2.5' })).not.toThrow();
});
