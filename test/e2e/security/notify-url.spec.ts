import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Client, startTestServer, type TestServer } from '../../support/server.js';

/*
 * A notify URL that shows that it leads into a private network is refused when the task is submitted.
 */

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator();
});
afterAll(async () => {
  await simulator?.close();
  await database?.drop();
});

const start = async (environment: Record<string, string>): Promise<void> => {
  server = await startTestServer(database, simulator.url, environment);
  client = await server.client();
};
afterEach(() => server?.stop());

const submit = async (notify_url: string): Promise<string> => {
  const { status, body } = await client.call<{ errors?: { pointer: string; code: string }[] }>(
    'POST',
    '/v1/image/tasks',
    { model: 'gpt-image-2', input: { prompt: 'x' }, notify_url },
  );
  return [status, ...(body.errors ?? []).map(({ pointer, code }) => `${pointer} ${code}`)].join(' ');
};

it('unless private ones are allowed', async () => {
  await start({});
  for (const host of [
    '127.0.0.1',
    '2130706433',
    'localhost',
    '10.0.0.1',
    '[::1]',
    '[::ffff:10.0.0.1]',
    'hooks.internal',
  ])
    expect([host, await submit(`http://${host}/hook`)]).toEqual([host, '422 /notify_url private_host']);
  for (const url of ['http://user@example.com/', 'http://example.com\\@localhost/', 'file:///etc/passwd'])
    expect([url, await submit(url)]).toEqual([url, '422 /notify_url url']);
  expect(await submit('https://hooks.example.com/a?b=c')).toBe('202');
});

it('and what is for nobody stays refused', async () => {
  await start({ ALLOW_PRIVATE_NOTIFY_URLS: 'true' });
  expect(await submit('http://127.0.0.1:9/hook')).toBe('202');
  expect(await submit('http://hooks.internal/hook')).toBe('202');
  for (const host of ['169.254.169.254', '0.0.0.0', '[fe80::1]', '[::ffff:169.254.169.254]'])
    expect([host, await submit(`http://${host}/`)]).toEqual([host, '422 /notify_url private_host']);
});

it('together with everything else that is wrong', async () => {
  await start({});
  const { status, body } = await client.call<{ errors: { pointer: string }[] }>('POST', '/v1/image/tasks', {
    model: 'gpt-image-2',
    input: {},
    notify_url: 'http://localhost/',
  });
  expect([status, body.errors.map(({ pointer }) => pointer)]).toEqual([
    422,
    ['/notify_url', '/input/prompt'],
  ]);
});
