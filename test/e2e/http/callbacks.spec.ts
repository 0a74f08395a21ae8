import { createHash } from 'node:crypto';
import { PUBLIC_URL, startApi, type Answer, type Api } from './api.js';
import { reportOf } from './fake-provider.js';
import { afterEvent, submit } from './waiting.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** The path of the callback URL that went with the newest submit, and the provider's id. */
const submitted = async (): Promise<{ id: string; path: string; provider: string }> => {
  const id = await submit(api);
  const { json } = await afterEvent(api, id, 'SubmissionAccepted');
  const call = api.provider.submitted.find(({ callbackUrl }) => callbackUrl!.includes(id))!;
  expect(call.callbackUrl!.startsWith(`${PUBLIC_URL}/v1/callbacks/apidot/${id}/1/`)).toBe(true);
  return { id, path: call.callbackUrl!.slice(PUBLIC_URL.length), provider: json.provider.task_id };
};

const call = (
  path: string,
  payload: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> => api.send({ method: 'POST', url: path, payload, headers });

describe('A callback', () => {
  it('is evidence, with what came and what followed', async () => {
    const { id, path, provider } = await submitted();
    const body = JSON.stringify({ task_id: provider, status: 'finished' });
    const recorded = afterEvent(api, id, 'CallbackReceived');
    // A look that happens to be under way must not be there before the callback.
    api.provider.report = async (asked) => {
      if (asked !== provider) return reportOf(asked, 'running');
      await recorded;
      return reportOf(asked, 'finished');
    };
    const answer = await call(path, body, {
      'content-type': 'application/json',
      'user-agent': 'provider/1',
      'x-webhook-id': 'w-1',
      cookie: 'session=1',
      authorization: 'Bearer secret',
    });
    expect(answer).toMatchObject({ status: 200, json: { ok: true, duplicate: false } });
    await afterEvent(api, id, 'TaskSucceeded');
    expect((await call(path, body)).json).toEqual({ ok: true, duplicate: true });
    const { json } = await api.get(`/v1/tasks/${id}/callbacks`);
    expect(json.data).toMatchObject([
      {
        id: expect.any(String) as string,
        received_at: expect.stringMatching(/Z$/) as string,
        attempt: 1,
        verdict: 'accepted',
        confirmed: true,
        provider_task_id: provider,
        provider_status: 'finished',
        body_sha256: createHash('sha256').update(body).digest('hex'),
        body,
        headers: { 'content-type': 'application/json', 'user-agent': 'provider/1', 'x-webhook-id': 'w-1' },
      },
      { verdict: 'duplicate', body: null, effect_version: null },
    ]);
    expect(JSON.stringify(json)).not.toMatch(/secret|session/);
  });

  it('has any content type, and bytes that are no text', async () => {
    const { id, path } = await submitted();
    const bytes = Buffer.from([0, 255, 10]);
    expect(await call(path, bytes, { 'content-type': 'image/png' })).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
      json: { code: 'malformed_callback' },
    });
    expect((await call(path, '')).status).toBe(400);
    const { json } = await api.get(`/v1/tasks/${id}/callbacks`);
    expect(json.data).toMatchObject([
      { verdict: 'malformed', body_sha256: createHash('sha256').update(bytes).digest('hex') },
      { verdict: 'malformed' },
    ]);
  });

  it.each(['json', 'application/json, text/plain', 'a/b/c', 'application/json charset=utf-8', ''])(
    'has a content type that is none: %j',
    async (type) => {
      const { id, path, provider } = await submitted();
      const body = JSON.stringify({ task_id: provider, status: 'running' });
      expect((await call(path, body, { 'content-type': type })).status).toBe(200);
      const { json } = await api.get(`/v1/tasks/${id}/callbacks`);
      expect(json.data).toMatchObject([{ verdict: 'accepted', body, headers: { 'content-type': type } }]);
    },
  );

  it('may be empty, which is shown as such', async () => {
    const { id, path } = await submitted();
    expect((await call(path, '')).status).toBe(400);
    const { json } = await api.get(`/v1/tasks/${id}/callbacks`);
    expect(json.data).toMatchObject([{ verdict: 'malformed', body: '' }]);
  });

  it('over 1 MiB is counted, not stored', async () => {
    const { id, path } = await submitted();
    expect((await call(path, Buffer.alloc(1024 * 1024 + 1, 'x'))).status).toBe(413);
    expect((await api.get(`/v1/tasks/${id}/callbacks`)).json.data).toEqual([]);
    expect((await api.get('/metrics')).text).toContain('genledger_callbacks_total{verdict="too_large"} 1');
  });

  it('with a wrong token looks like a route that does not exist', async () => {
    const { id, path } = await submitted();
    const parts = path.split('/');
    const token = parts.at(-1)!;
    const wrong = [
      path.replace(token, `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`),
      path.replace(`/${id}/1/`, `/${id}/2/`),
      path.replace(id, '0199f3c2-0000-7000-8000-000000000000'),
      path.replace(`/${id}/1/`, `/${id}/01/`),
      path.replace(id, 'nonsense'),
    ];
    const comparable = ({ status, text }: Answer): string =>
      status + text.replace(/"request_id":"[^"]*"/, '');
    const detailOf = (answer: Answer): object => ({ ...answer.json, request_id: null, detail: null });
    const nowhere = await call('/v1/nowhere', '{}');
    for (const url of wrong) {
      const answer = await call(url, '{}');
      expect(answer.status).toBe(404);
      expect(detailOf(answer)).toEqual(detailOf(nowhere));
    }
    expect(new Set(await Promise.all(wrong.map(async (url) => comparable(await call(url, '{}'))))).size).toBe(
      1,
    );
    expect((await api.get(`/v1/tasks/${id}/callbacks`)).json.data).toEqual([]);
    expect((await api.get('/metrics')).text).toContain('genledger_callbacks_total{verdict="wrong_token"} 10');
  });

  it('with a right token passes whatever that address tried before', async () => {
    const { path, provider } = await submitted();
    const statuses = new Set<number>();
    for (let tried = 0; tried < 80; tried++) statuses.add((await call(path.slice(0, -1), '{}')).status);
    expect(statuses).toEqual(new Set([404, 429]));
    expect((await call(path, JSON.stringify({ task_id: provider, status: 'running' }))).status).toBe(200);
  });
});
