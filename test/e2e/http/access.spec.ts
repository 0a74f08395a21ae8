import { type RouteOptions } from 'fastify';
import { KeyUsage } from '../../../src/access/key-usage.js';
import { HttpAdapter } from '../../../src/http/index.js';
import { startApi, type Api } from './api.js';
import { submit } from './waiting.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const NO_ID = '0199f3c2-0000-7000-8000-000000000000';

/** Every operation that asks for a key, and the scope it asks for; null: any key. */
const GUARDED: [method: 'GET' | 'POST', url: string, scope: string | null][] = [
  ['POST', '/v1/image/tasks', 'tasks:write'],
  ['GET', '/v1/tasks', 'tasks:read'],
  ['GET', `/v1/tasks/${NO_ID}`, 'tasks:read'],
  ['POST', `/v1/tasks/${NO_ID}/cancel`, 'tasks:write'],
  ['POST', `/v1/tasks/${NO_ID}/resume`, 'operate'],
  ['POST', `/v1/tasks/${NO_ID}/resubmit`, 'operate'],
  ['POST', `/v1/tasks/${NO_ID}/erase`, 'operate'],
  ['POST', '/v1/owner/erase', 'admin'],
  ['GET', `/v1/tasks/${NO_ID}/events`, 'audit:read'],
  ['GET', `/v1/tasks/${NO_ID}/callbacks`, 'audit:read'],
  ['GET', `/v1/tasks/${NO_ID}/replay`, 'audit:read'],
  ['GET', '/v1/events', 'audit:read'],
  ['GET', '/v1/account', 'operate'],
  ['POST', '/v1/account/resume', 'admin'],
  ['POST', '/v1/keys', 'admin'],
  ['GET', '/v1/keys', 'admin'],
  ['POST', `/v1/keys/${NO_ID}/revoke`, 'admin'],
  ['POST', `/v1/keys/${NO_ID}/rotate`, 'admin'],
  ['GET', '/v1/models', null],
  ['GET', '/v1/models/sketch', null],
];
const SCOPES = ['tasks:write', 'tasks:read', 'audit:read', 'operate', 'admin'];

describe('Keys and scopes', () => {
  it.each(GUARDED)('%s %s asks for a key before anything else', async (method, url) => {
    const bodies = method === 'POST' ? ['{', '{}'] : [undefined];
    for (const payload of bodies) {
      const answer = await api.send({ method, url: `${url}?nonsense=1`, payload });
      expect(answer).toMatchObject({ status: 401, json: { code: 'unauthorized' } });
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it.each(GUARDED.filter(([, , scope]) => scope !== null))(
    '%s %s asks for the scope %s, before it looks at the body',
    async (method, url, scope) => {
      const others = SCOPES.filter((other) => other !== scope && other !== 'admin');
      const without = await api.keyOf('acme', ...others);
      const answer = await api.send({
        method,
        url,
        headers: bearer(without),
        ...(method === 'POST' && { payload: '{' }),
      });
      expect(answer).toMatchObject({ status: 403, json: { code: 'forbidden' } });
      const enough = await api.keyOf('acme', scope!);
      const letIn = await api.send({ method, url, headers: bearer(enough) });
      expect([401, 403]).not.toContain(letIn.status);
    },
  );

  it.each(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer gl_short', `Bearer gl_${'A'.repeat(43)}`, 'gl_x'])(
    'an unknown key is refused: %j',
    async (authorization) => {
      const { status } = await api.send({ method: 'GET', url: '/v1/models', headers: { authorization } });
      expect(status).toBe(401);
    },
  );

  it('an expired key and a revoked key are refused', async () => {
    const expired = await api.keys.create({
      owner: 'acme',
      scopes: ['tasks:read'],
      expiresAt: new Date(Date.now() - 1),
    });
    expect((await api.get('/v1/tasks', bearer(expired.key))).status).toBe(401);
    const { id, key } = await api.keys.create({ owner: 'acme', scopes: ['tasks:read'] });
    expect((await api.get('/v1/tasks', bearer(key))).status).toBe(200);
    await api.keys.revoke(id);
    expect((await api.get('/v1/tasks', bearer(key))).status).toBe(401);
  });

  it('the table of keys holds no key', async () => {
    const { rows } = await api.database.pool.query('select k::text as row from api_key k');
    expect(JSON.stringify(rows)).not.toContain(api.key.slice(3));
  });

  it('a key remembers when it was used, to the minute, without a write for each request', async () => {
    const { id, key } = await api.keys.create({ owner: 'acme', scopes: ['tasks:read'] });
    const usage = api.app.get(KeyUsage, { strict: false });
    const lastUsed = async (): Promise<Date | null> => {
      await usage.settled();
      return (await api.keys.list({ owner: 'acme' })).find((listed) => listed.id === id)!.lastUsedAt;
    };
    expect(await lastUsed()).toBeNull();
    await api.get('/v1/tasks', bearer(key));
    const first = await lastUsed();
    expect(first).toBeInstanceOf(Date);
    await api.get('/v1/tasks', bearer(key));
    expect(await lastUsed()).toEqual(first);
  });

  it('the development key is taken over once, whatever starts at the same time', async () => {
    const key = `gl_${'d'.repeat(43)}`;
    const wish = { owner: 'dev', scopes: ['tasks:read'] };
    const [a, b] = await Promise.all([api.keys.ensure(key, wish), api.keys.ensure(key, wish)]);
    expect(a.id).toBe(b.id);
    expect((await api.get('/v1/tasks', bearer(key))).status).toBe(200);
    await expect(api.keys.ensure('short', wish)).rejects.toMatchObject({ code: 'invalid_key' });
  });

  it.each([
    ['an owner with a space', { owner: 'a b', scopes: ['admin'] }],
    ['no owner', { owner: '', scopes: ['admin'] }],
    ['an unknown scope', { owner: 'a', scopes: ['root'] }],
    ['no scope', { owner: 'a', scopes: [] }],
  ])('a key is not made for %s', async (_what, wish) => {
    await expect(api.keys.create(wish)).rejects.toMatchObject({ code: 'invalid_key' });
  });
});

describe('Owners', () => {
  it("another owner's task looks like none, whatever is asked of it", async () => {
    const id = await submit(api);
    const stranger = bearer(await api.keyOf('stranger', ...SCOPES.filter((scope) => scope !== 'admin')));
    for (const [method, url] of GUARDED.filter(([, url]) => url.includes(`/tasks/${NO_ID}`))) {
      const body = [
        { verb: 'resubmit', accept_duplicate_risk: true, reason: 'r' },
        { verb: 'erase', reason: 'r' },
      ].find(({ verb }) => url.endsWith(verb));
      const payload = body && JSON.stringify({ ...body, verb: undefined });
      const headers = { ...stranger, ...(payload && { 'content-type': 'application/json' }) };
      const ask = (which: string) => api.send({ method, url: url.replace(NO_ID, which), headers, payload });
      const [theirs, none] = [await ask(id), await ask(NO_ID)];
      expect([theirs.status, none.status]).toEqual([404, 404]);
      expect(theirs.text.replaceAll(id, NO_ID).replace(/"request_id":"[^"]*"/, '')).toBe(
        none.text.replace(/"request_id":"[^"]*"/, ''),
      );
    }
    expect((await api.get('/v1/tasks', stranger)).json).toEqual({ data: [], next_cursor: null });
    expect((await api.get('/v1/events', stranger)).json.data).toEqual([]);
  });

  it('an admin acts on another owner, on record under the own key', async () => {
    const { id: keyId, key } = await api.keys.create({ owner: 'ops', scopes: ['admin'] });
    const headers = { ...bearer(key), 'x-owner': 'acme' };
    const id = await submit(api);
    expect((await api.get(`/v1/tasks/${id}`, headers)).status).toBe(200);
    expect((await api.get(`/v1/tasks/${id}`, bearer(key))).status).toBe(404);
    expect((await api.post(`/v1/tasks/${id}/cancel`, undefined, headers)).status).toBe(200);
    const { json } = await api.get(`/v1/tasks/${id}/events`);
    expect(json.data.find(({ type }) => type === 'TaskCancelled')?.actor).toBe(`key:${keyId}`);
  });

  it('nobody else does', async () => {
    const headers = { ...bearer(await api.keyOf('other', 'tasks:read')), 'x-owner': 'acme' };
    expect((await api.get('/v1/tasks', headers)).status).toBe(403);
  });

  it('an owner that cannot exist is refused', async () => {
    const answer = await api.get('/v1/tasks', { ...bearer(api.key), 'x-owner': 'a b' });
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ pointer: '/headers/x-owner' }] } });
  });
});

describe('Limits', () => {
  it('a key that asks too often is told when to come back', async () => {
    const strict = await startApi({ http: { rateLimitPerMinute: 2 } });
    try {
      const statuses = [];
      for (let asked = 0; asked < 3; asked++) statuses.push((await strict.get('/v1/models')).status);
      expect(statuses).toEqual([200, 200, 429]);
      const answer = await strict.get('/v1/models');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(answer.json.code).toBe('rate_limited');
      expect((await strict.get('/health/live')).status).toBe(200);
    } finally {
      await strict.close();
    }
  });
});

describe('Routes', () => {
  it('each says who may call it, and those without a key are exactly these', async () => {
    const routes: RouteOptions[] = [];
    const adapter = new HttpAdapter();
    adapter.getInstance().addHook('onRoute', (route) => void routes.push(route));
    const walked = await startApi({ adapter });
    await walked.close();
    const open = routes
      .filter(({ config }) => config?.access?.kind !== 'key')
      .map(({ url, config }) => `${config?.access?.kind} ${url}`);
    expect([...new Set(open.filter((route) => !route.includes(' /docs')))].sort()).toEqual([
      'callback /v1/callbacks/apidot/:task_id/:attempt/:token',
      'metrics /metrics',
      'public /health/live',
      'public /health/ready',
      'public /openapi.json',
    ]);
    expect(
      open.filter((route) => route.includes(' /docs')).every((route) => route.startsWith('public')),
    ).toBe(true);
    const guarded = routes.filter(
      ({ config, method }) => config?.access?.kind === 'key' && method !== 'HEAD',
    );
    expect(guarded).toHaveLength(GUARDED.length);
  });
});
