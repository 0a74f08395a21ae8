import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TestServer } from '../support/server.js';

/*
 * What is wrong is refused with an answer that helps; nothing is stored and nothing is sent.
 */

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let acme: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator();
  server = await startTestServer(database, simulator.url);
  acme = await server.client();
});
afterAll(async () => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
});

const eventsStored = async (): Promise<number> =>
  Number((await database.pool.query<{ n: string }>('select count(*) as n from event')).rows[0]!.n);

interface Problem {
  code: string;
  detail: string;
  errors?: { pointer: string; code: string; message: string }[];
}

const refused = async (body: unknown, headers: Record<string, string> = {}, path = '/v1/image/tasks') => {
  const [stored, sent] = [await eventsStored(), simulator.ledger.counts.submits];
  const answer = await acme.call<Problem>('POST', path, body, headers);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(await eventsStored()).toBe(stored);
  expect(simulator.ledger.counts.submits).toBe(sent);
  return answer;
};

it('an unknown model: 422 with near names', async () => {
  const { status, body } = await refused({ model: 'gpt-imge-2', input: { prompt: 'x' } });
  expect([status, body.code]).toEqual([422, 'unknown_model']);
  expect(body.detail).toContain('gpt-image-2');
});

it('a model of another domain: says which one is right', async () => {
  const { status, body } = await refused({ model: 'seedance-2', input: { prompt: 'x' } });
  expect([status, body.code]).toEqual([422, 'unknown_model']);
  expect(body.detail).toContain('video');
});

it('all violations of an input at once, each with a pointer', async () => {
  const { status, body } = await refused(
    { model: 'seedance-2', input: { duration: 99, resolution: '8k', aspect: 'x' } },
    {},
    '/v1/video/tasks',
  );
  expect([status, body.code]).toEqual([422, 'invalid_request']);
  expect(body.errors!.map((error) => error.pointer).sort()).toEqual(
    expect.arrayContaining(['/input/aspect', '/input/duration', '/input/prompt', '/input/resolution']),
  );
});

it('unknown fields of the body are refused with their pointer', async () => {
  const { status, body } = await refused({ model: 'gpt-image-2', input: { prompt: 'x' }, inputs: {} });
  expect(status).toBe(422);
  expect(body.errors!.map((error) => error.pointer)).toContain('/inputs');
});

it.each(['{"model":', 'nonsense', '{"model":"a",}', '\u0000'])('bad JSON %j: 400', async (text) => {
  const { status, body } = await refused(text);
  expect([status, body.code]).toEqual([400, 'malformed_json']);
});

it('a body of 10 MB: 413', async () => {
  const { status, body } = await refused({ model: 'gpt-image-2', input: { prompt: 'x'.repeat(10_000_000) } });
  expect([status, body.code]).toEqual([413, 'payload_too_large']);
});

it('another media type: 415', async () => {
  const { status, body } = await refused('a=b', { 'content-type': 'application/x-www-form-urlencoded' });
  expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
});

it('an unknown domain or route: 404', async () => {
  expect((await refused({ model: 'x', input: {} }, {}, '/v1/smell/tasks')).status).toBe(404);
  expect((await refused({}, {}, '/v1/nothing')).status).toBe(404);
});

it('no key, a wrong key: 401 with a challenge', async () => {
  for (const key of ['', 'gl_wrong', `gl_${'a'.repeat(43)}`]) {
    const answer = await fetch(`${server.url}/v1/tasks`, {
      headers: key ? { authorization: `Bearer ${key}` } : {},
    });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('Bearer'),
    ]);
  }
});

it('a key without the scope: 403', async () => {
  const reader = await server.client('acme', ['tasks:read']);
  const { status, body } = await reader.submit('image', 'gpt-image-2', { prompt: 'x' });
  expect([status, body.code]).toEqual([403, 'forbidden']);
});

it("another owner's task is 404 on every route, like one that does not exist", async () => {
  const { body: task } = await acme.submit('image', 'gpt-image-2', { prompt: 'mine' });
  const other = await server.client('globex');
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/events'],
    ['GET', '/callbacks'],
    ['GET', '/replay'],
    ['POST', '/cancel'],
    ['POST', '/resume'],
  ] as const) {
    const theirs = await other.call<Problem>(method, `/v1/tasks/${task.id}${path}`);
    const none = await other.call<Problem>(method, `/v1/tasks/0199f3c2-0000-7000-8000-000000000000${path}`);
    expect([theirs.status, theirs.body.code]).toEqual([404, 'not_found']);
    expect(none.status).toBe(404);
  }
  const list = await other.call<{ data: unknown[] }>('GET', '/v1/tasks');
  expect(list.body.data).toEqual([]);
  const resubmit = { accept_duplicate_risk: true, reason: 'mine now' };
  expect((await other.call('POST', `/v1/tasks/${task.id}/resubmit`, resubmit)).status).toBe(404);
});

it.each([
  'limit=0',
  'limit=201',
  'limit=x',
  'status=nope',
  'created_after=yesterday',
  'cursor=%%%',
  'colour=red',
  'limit=1&limit=2',
])('query %s: 422', async (query) => {
  const { status, body } = await acme.call<Problem>('GET', `/v1/tasks?${query}`);
  expect([status, body.code]).toEqual([422, 'invalid_request']);
});

it('random JSON is never a 5xx and stores nothing', async () => {
  const { default: fc } = await import('fast-check');
  const stored = await eventsStored();
  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 6 }), async (text) => {
      const { status } = await acme.call('POST', '/v1/image/tasks', text);
      expect([400, 422]).toContain(status);
    }),
    { numRuns: 300 },
  );
  expect(await eventsStored()).toBe(stored);
});
