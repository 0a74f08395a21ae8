import { createHash } from 'node:crypto';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import {
  type Answer,
  type Client,
  startTestServer,
  type TaskJson,
  type TestServer,
} from '../support/server.js';

/*
 * What arrives on an attempt's callback URL: every verdict, at every time, true and false.
 */

interface CallbackJson {
  verdict: string;
  confirmed: boolean;
  effect_version: number | null;
  provider_task_id: string | null;
  body: string | null;
  body_sha256: string;
}

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let acme: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  // So slow that nothing ends by itself: the tests decide.
  simulator = await startSimulator({ speed: 0.001 });
  server = await startTestServer(database, simulator.url);
  acme = await server.client();
});
afterAll(async () => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
});
afterEach(() => simulator.setFaults());

let made = 0;
const submit = async (): Promise<{ task: TaskJson; marker: string }> => {
  const marker = `callback-case-${++made}`;
  const { body } = await acme.submit('image', 'gpt-image-2', { prompt: marker });
  return { task: body, marker };
};

/** A task the provider knows, with its id there and the URL it was told. */
const submitted = async (): Promise<{ id: string; providerId: string; url: string }> => {
  const { task, marker } = await submit();
  const known = await acme.until(task.id, (view) => view.provider.task_id !== null);
  const [record] = simulator.ledger.submits({ contains: marker });
  return { id: task.id, providerId: known.provider.task_id!, url: record!.callbackUrl! };
};

const post = async (url: string, body: unknown): Promise<Answer> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
};

const callbacksOf = async (id: string): Promise<CallbackJson[]> =>
  (await acme.call<{ data: CallbackJson[] }>('GET', `/v1/tasks/${id}/callbacks`)).body.data;

const report = (providerId: string, status: string, files: string[] = []): object => ({
  task_id: providerId,
  status,
  files: files.map((file_url) => ({ file_url, file_type: 'image' })),
});

it('a true one is recorded, answered at once, confirmed by status, and names the event it led to', async () => {
  const { id, providerId } = await submitted();
  await simulator.finish(providerId);
  const done = await acme.ended(id);
  expect(done.status).toBe('succeeded');
  expect(await callbacksOf(id)).toMatchObject([
    { verdict: 'accepted', confirmed: true, effect_version: done.version, provider_task_id: providerId },
  ]);
});

it('the same again is a duplicate without a second copy of the body, also after the end', async () => {
  const { id, providerId } = await submitted();
  await simulator.finish(providerId);
  const done = await acme.ended(id);
  const repeat = await simulator.redeliver(providerId);
  expect([repeat.status]).toEqual([200]);
  const [first, second] = await callbacksOf(id);
  expect(first!.body).not.toBeNull();
  expect(second).toMatchObject({ verdict: 'duplicate', body: null, effect_version: null });
  expect((await acme.get(id)).status).toBe('succeeded');
  expect((await acme.get(id)).result).toEqual(done.result);
});

it('a false "finished" changes nothing: what is applied is the status answer', async () => {
  const { id, providerId, url } = await submitted();
  const forged = report(providerId, 'finished', ['https://evil.example/loot.png']);
  expect((await post(url, forged)).status).toBe(200);
  await simulator.nextRead({ taskId: providerId });
  await server.settled();
  const open = await acme.get(id);
  expect(open.result).toBeNull();
  expect(open.status).not.toBe('succeeded');
  await simulator.finish(providerId);
  const done = await acme.ended(id);
  expect(JSON.stringify(done)).not.toContain('evil.example');
  expect(done.status).toBe('succeeded');
});

it('a false "failed" is not applied; the later success is', async () => {
  const { id, providerId, url } = await submitted();
  expect((await post(url, report(providerId, 'failed'))).status).toBe(200);
  await simulator.nextRead({ taskId: providerId });
  await simulator.finish(providerId);
  expect((await acme.ended(id)).status).toBe('succeeded');
});

it('another provider id than the known one is mismatched', async () => {
  const { id, url } = await submitted();
  expect((await post(url, report('task-unified-of-somebody-else', 'finished'))).status).toBe(200);
  expect(await callbacksOf(id)).toMatchObject([{ verdict: 'mismatched', effect_version: null }]);
});

it('success against failure is conflicting, before and after the end', async () => {
  const { id, providerId, url } = await submitted();
  await simulator.finish(providerId);
  await acme.ended(id);
  await post(url, report(providerId, 'failed'));
  const verdicts = (await callbacksOf(id)).map((callback) => callback.verdict);
  expect(verdicts).toEqual(['accepted', 'conflicting']);
  expect((await acme.get(id)).status).toBe('succeeded');
});

it('an older word after a newer one is superseded', async () => {
  const { id, providerId, url } = await submitted();
  await simulator.finish(providerId);
  await acme.ended(id);
  await post(url, report(providerId, 'running'));
  expect((await callbacksOf(id)).at(-1)!.verdict).toBe('superseded');
});

it('both shapes are read', async () => {
  const { id, providerId, url } = await submitted();
  await post(url, { code: 200, data: report(providerId, 'running') });
  await post(url, report(providerId, 'finished', ['https://files.example/a.png']));
  expect((await callbacksOf(id)).map((callback) => callback.provider_task_id)).toEqual([
    providerId,
    providerId,
  ]);
});

it.each(['no json', '[]', '{}', '{"task_id":"x"}', '"text"', '{"data":{"status":"finished"}}', ''])(
  'malformed %j is recorded with its bytes and answered 400',
  async (body) => {
    const { id, url } = await submitted();
    const answer = await post(url, body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      400,
      expect.stringContaining('application/problem+json'),
    ]);
    const [callback] = await callbacksOf(id);
    expect(callback).toMatchObject({ verdict: 'malformed', effect_version: null });
    expect(callback!.body_sha256).toBe(createHash('sha256').update(body).digest('hex'));
  },
);

it('a wrong token is 404 and leaves no trace', async () => {
  const { id, providerId, url } = await submitted();
  const before = (await acme.events(id)).length;
  for (const wrong of [
    url.slice(0, -2) + 'xx',
    url.replace(/\/1\//, '/2/'),
    url.replace(id, '0199f3c2-0000-7000-8000-000000000000'),
  ]) {
    const answer = await post(wrong, report(providerId, 'finished'));
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  }
  expect(await acme.events(id)).toHaveLength(before);
});

it('a body over 1 MiB is 413 and not stored', async () => {
  const { id, url } = await submitted();
  const answer = await post(url, JSON.stringify({ pad: 'x'.repeat(1_100_000) }));
  expect([answer.status, answer.body.code]).toEqual([413, 'payload_too_large']);
  expect(await callbacksOf(id)).toEqual([]);
});

it('early, before the submit answer: kept, the answer wins, then it is confirmed', async () => {
  const gate = simulator.hold('submit-answer');
  const { task, marker } = await submit();
  await gate.reached();
  const [record] = simulator.ledger.submits({ contains: marker });
  await simulator.finish(record!.taskId!);
  expect(await callbacksOf(task.id)).toMatchObject([{ verdict: 'accepted', confirmed: false }]);
  expect((await acme.get(task.id)).status).toBe('submitting');
  gate.release();
  expect((await acme.ended(task.id)).status).toBe('succeeded');
  expect(
    (await acme.events(task.id)).find((event) => event.type === 'SubmissionAccepted')!.data.learned_from,
  ).toBe('answer');
});

it('resolves a submit whose answer was lost: the callback of that very attempt brings the id', async () => {
  simulator.setFaults('submit=drop+createdx1');
  const { task, marker } = await submit();
  await acme.until(task.id, (view) => view.status === 'unconfirmed');
  const [record] = simulator.ledger.submits({ contains: marker });
  await simulator.finish(record!.taskId!);
  const done = await acme.ended(task.id);
  expect(done).toMatchObject({ status: 'succeeded', attempts: 1, provider: { task_id: record!.taskId } });
  expect(
    (await acme.events(task.id)).find((event) => event.type === 'SubmissionAccepted')!.data.learned_from,
  ).toBe('callback');
  expect(simulator.ledger.submits({ contains: marker })).toHaveLength(1);
});

it('an invented id on the URL of an unconfirmed attempt is never bound, and does not hide the true one', async () => {
  simulator.setFaults('submit=drop+createdx1');
  const { task, marker } = await submit();
  await acme.until(task.id, (view) => view.status === 'unconfirmed');
  const [record] = simulator.ledger.submits({ contains: marker });
  await post(
    record!.callbackUrl!,
    report('task-unified-invented', 'finished', ['https://evil.example/x.png']),
  );
  await server.settled();
  expect((await acme.get(task.id)).status).toBe('unconfirmed');
  await simulator.finish(record!.taskId!);
  expect(await acme.ended(task.id)).toMatchObject({
    status: 'succeeded',
    provider: { task_id: record!.taskId },
  });
});

it('the id of another task is not bound a second time', async () => {
  const other = await submitted();
  simulator.setFaults('submit=drop+createdx1');
  const { task, marker } = await submit();
  await acme.until(task.id, (view) => view.status === 'unconfirmed');
  const [record] = simulator.ledger.submits({ contains: marker });
  await simulator.finish(other.providerId);
  expect((await acme.ended(other.id)).status).toBe('succeeded');
  const read = simulator.nextRead({ taskId: other.providerId });
  await post(record!.callbackUrl!, report(other.providerId, 'finished'));
  await read;
  await server.settled();
  expect(await acme.get(task.id)).toMatchObject({ status: 'unconfirmed', provider: { task_id: null } });
});

it('late, after the task was cancelled: recorded, not applied', async () => {
  const { id, providerId } = await submitted();
  await acme.call('POST', `/v1/tasks/${id}/cancel`);
  await simulator.finish(providerId);
  expect((await callbacksOf(id)).at(-1)!.verdict).toBe('superseded');
  expect(await acme.get(id)).toMatchObject({ status: 'cancelled', may_be_charged: true, result: null });
});

it('keeps at most 20 bodies and 200 callbacks of a task', async () => {
  const { id, providerId, url } = await submitted();
  for (let i = 0; i < 210; i++) {
    expect((await post(url, report(providerId, 'running', [`https://files.example/${i}.png`]))).status).toBe(
      200,
    );
  }
  const callbacks = await callbacksOf(id);
  expect(callbacks).toHaveLength(200);
  expect(callbacks.filter((callback) => callback.body !== null)).toHaveLength(20);
});
