import { createHmac } from 'node:crypto';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Client, startTestServer, type TestServer } from '../../support/server.js';

/*
 * The callback endpoint: tokens of older secrets, addresses that try many wrong ones, and signatures of the provider.
 */

const OLD = 'the-old-callback-secret-of-32-characters';
const NEW = 'the-new-callback-secret-of-32-characters';
const OTHER = 'another-secret-that-never-made-any-token';
const SIGNING_SECRET = 'signing-secret';

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let acme: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  // So slow that nothing ends by itself: the tests decide.
  simulator = await startSimulator({ speed: 0.001 });
});
afterAll(async () => {
  await simulator?.close();
  await database?.drop();
});
afterEach(() => server?.stop());

const start = async (environment: Record<string, string>): Promise<void> => {
  server = await startTestServer(database, simulator.url, environment);
  acme = await server.client();
};

/** A task the provider knows, with its id there and the path it was told, which outlives the server's port. */
const submitted = async (): Promise<{ id: string; providerId: string; path: string }> => {
  const { body } = await acme.submit('image', 'gpt-image-2', { prompt: 'x' });
  const { provider } = await acme.until(body.id, (task) => task.provider.task_id !== null);
  const { callbackUrl } = simulator.ledger.submits().find((submit) => submit.callbackUrl?.includes(body.id))!;
  return { id: body.id, providerId: provider.task_id!, path: new URL(callbackUrl!).pathname };
};

const post = async (
  path: string,
  body: object | string,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const callbacksOf = async (
  id: string,
): Promise<{ signature: string | null; verdict: string; confirmed: boolean }[]> =>
  (
    await acme.call<{ data: { signature: string | null; verdict: string; confirmed: boolean }[] }>(
      'GET',
      `/v1/tasks/${id}/callbacks`,
    )
  ).body.data;

const running = (providerId: string, progress = 1): object => ({
  task_id: providerId,
  status: 'running',
  progress,
});

describe('Rotation of CALLBACK_SECRET', () => {
  it('keeps URLs that the provider was given before, until their secret leaves the list', async () => {
    await start({ CALLBACK_SECRET: OLD });
    const old = await submitted();
    await server.stop();

    await start({ CALLBACK_SECRET: `${NEW},${OLD}` });
    const young = await submitted();
    expect((await post(old.path, running(old.providerId))).status).toBe(200);
    expect((await post(young.path, running(young.providerId))).status).toBe(200);
    await server.stop();

    // New tokens are made with the newest: a server that knows only that one takes them.
    await start({ CALLBACK_SECRET: NEW });
    expect((await post(young.path, running(young.providerId, 2))).status).toBe(200);
    const recorded = (await callbacksOf(old.id)).length;
    expect((await post(old.path, running(old.providerId, 2))).status).toBe(404);
    expect(await callbacksOf(old.id)).toHaveLength(recorded);
  });

  it('makes no token with a secret that was never there', async () => {
    await start({ CALLBACK_SECRET: NEW });
    const { path, providerId } = await submitted();
    await server.stop();
    await start({ CALLBACK_SECRET: OTHER });
    expect((await post(path, running(providerId))).status).toBe(404);
  });
});

describe('Wrong tokens', () => {
  it('are limited per address and leave no trace; right ones pass', async () => {
    await start({ CALLBACK_SECRET: NEW });
    const { id, path, providerId } = await submitted();
    const before = await database.pool.query('select count(*)::int as n from event');
    const answers = [];
    for (let tried = 0; tried < 70; tried++) {
      const guess = path.replace(
        /[^/]+$/,
        createHmac('sha256', OTHER).update(`${tried}`).digest('base64url'),
      );
      const answer = await post(guess, running(providerId));
      answers.push(answer.status);
      if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(answers).toEqual([...Array<number>(60).fill(404), ...Array<number>(10).fill(429)]);
    const after = await database.pool.query('select count(*)::int as n from event');
    expect(after.rows).toEqual(before.rows);
    expect(await callbacksOf(id)).toEqual([]);
    expect((await post(path, running(providerId))).status).toBe(200);
  });

  it('are found out before a body is read', async () => {
    await start({ CALLBACK_SECRET: NEW });
    const { path } = await submitted();
    const body = 'x'.repeat(2 * 1024 * 1024);
    expect((await post(`${path.slice(0, -4)}AAAA`, body)).status).toBe(404);
    expect((await post(path, body)).status).toBe(413);
  });
});

describe('Signatures', () => {
  const signedBy = (
    secret: string,
    providerId: string,
    at = Math.floor(Date.now() / 1_000),
  ): Record<string, string> => ({
    'x-webhook-timestamp': `${at}`,
    'x-webhook-signature': createHmac('sha256', secret).update(`${providerId}.${at}`).digest('base64'),
  });

  it('are recorded with the callback, refuse none with a valid token, and confirm nothing', async () => {
    await start({ CALLBACK_SIGNING_SECRET: SIGNING_SECRET });
    const { id, path, providerId } = await submitted();
    const good = signedBy(SIGNING_SECRET, providerId);
    const at = Math.floor(Date.now() / 1_000);
    const attempts: [headers: Record<string, string>, wanted: string][] = [
      [{}, 'absent'],
      [signedBy('wrong', providerId), 'invalid'],
      [signedBy(SIGNING_SECRET, providerId, at - 3_600), 'stale'],
      [signedBy(SIGNING_SECRET, 'another-task'), 'invalid'],
      [good, 'valid'],
      [good, 'repeated'],
      [signedBy(SIGNING_SECRET, providerId, at - 7), 'valid'],
    ];
    for (const [headers] of attempts)
      expect((await post(path, running(providerId), headers)).status).toBe(200);
    expect((await callbacksOf(id)).map(({ signature }) => signature)).toEqual(
      attempts.map(([, wanted]) => wanted),
    );

    // Whoever captured a pair can sign another word with it: only the status of the provider counts.
    const lie = {
      task_id: providerId,
      status: 'finished',
      files: [{ file_url: 'https://evil.example/x.png' }],
    };
    const fresh = signedBy(SIGNING_SECRET, providerId, at - 8);
    const read = simulator.nextRead({ taskId: providerId });
    expect((await post(path, lie, fresh)).status).toBe(200);
    await read;
    await server.settled();
    const [last] = (await callbacksOf(id)).slice(-1);
    expect(last).toMatchObject({ signature: 'valid', verdict: 'accepted', confirmed: false });
    expect((await acme.get(id)).status).not.toBe('succeeded');
  });

  it('of the provider itself are valid', async () => {
    await start({ CALLBACK_SIGNING_SECRET: SIGNING_SECRET });
    const signing = await startSimulator({ speed: 500, callbacks: { secret: SIGNING_SECRET } });
    try {
      await server.stop();
      server = await startTestServer(database, signing.url, {
        CALLBACK_SIGNING_SECRET: SIGNING_SECRET,
      });
      acme = await server.client();
      const { body } = await acme.submit('image', 'gpt-image-2', { prompt: 'x' });
      expect((await acme.ended(body.id)).status).toBe('succeeded');
      const callbacks = await callbacksOf(body.id);
      expect(callbacks.length).toBeGreaterThan(0);
      expect(callbacks.every(({ signature }) => signature === 'valid')).toBe(true);
    } finally {
      await server.stop();
      await signing.close();
    }
  });

  it('are not looked at without a secret: old events and new ones read alike', async () => {
    await start({});
    const { id, path, providerId } = await submitted();
    await post(path, running(providerId), signedBy(SIGNING_SECRET, providerId));
    expect((await callbacksOf(id)).map(({ signature }) => signature)).toEqual([null]);
    const { rows } = await database.pool.query<{ data: object }>(
      "select data from event where stream_id = $1 and type = 'CallbackReceived'",
      [id],
    );
    expect(rows[0]!.data).not.toHaveProperty('signature');
  });
});
