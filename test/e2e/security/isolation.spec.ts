import { type Pool } from 'pg';
import { SCOPES } from '../../../src/access/index.js';
import { PG_POOL } from '../../../src/database/index.js';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Client, clientFor, type TaskJson } from '../../support/server.js';
import { type Route, startWalkedServer, type WalkedServer } from './walked-server.js';

/*
 * Every route with the ids, cursors and keys of another owner. A probe is a request that names something of theirs; it
 * must be answered exactly as the same request naming something that does not exist. A route without probes fails the
 * walk, so a new one has to say what it could leak.
 */

/** What belongs to the other owner, or stands for nothing at all. */
interface Names {
  readonly id: string;
  readonly erasedId: string;
  readonly cursor: string;
  readonly idempotencyKey: string;
  readonly metadata: string;
  readonly model: string;
  readonly providerTaskId: string;
  readonly audioId: string;
  readonly keyId: string;
}

interface Probe {
  readonly path: (names: Names) => string;
  readonly body?: (names: Names) => unknown;
  readonly headers?: (names: Names) => Record<string, string>;
  /** What both must be answered with. */
  readonly status: number;
}

let database: TestDatabase;
let simulator: Simulator;
/** Does the work. */
let worker: WalkedServer;
/** Only answers, so that what it asks the database follows from requests alone. */
let api: WalkedServer;
let stranger: Client;
let theirs: Names;

const NOBODY: Names = {
  id: '0199f3c2-0000-7000-8000-000000000000',
  erasedId: '0199f3c2-0000-7000-8000-000000000001',
  cursor: Buffer.from('[1,"stranger-b",7]').toString('base64url'),
  idempotencyKey: 'never-used',
  metadata: 'never-used',
  model: 'never-used',
  providerTaskId: 'task-music-never-made',
  audioId: '0f3c6c1e-0000-4000-8000-000000000001',
  keyId: '0199f3c2-0000-7000-8000-000000000002',
};

const SONG = { prompt: 'A song about rain', custom_mode: false, instrumental: false, mv: 'V5' };

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 500, seed: 7 });
  worker = await startWalkedServer(database, simulator.url);
  api = await startWalkedServer(database, simulator.url, { ROLES: 'api' });
  const scopes = SCOPES.filter((scope) => scope !== 'admin');
  const acmeKey = await worker.keys.create({ owner: 'acme', scopes });
  const acme = clientFor(worker.url, acmeKey.key);
  const submitted = await acme.call<TaskJson>(
    'POST',
    '/v1/music/tasks',
    { model: 'generate-music', input: SONG, metadata: { order: 'A-17' } },
    { 'idempotency-key': 'acme-order-17' },
  );
  const song = await acme.ended(submitted.body.id);
  expect(song.status).toBe('succeeded');
  const second = await acme.submit('image', 'gpt-image-2', { prompt: 'to be erased' });
  await acme.ended(second.body.id);
  await acme.call('POST', `/v1/tasks/${second.body.id}/erase`, { reason: 'r' });
  const page = await acme.call<{ next_cursor: string }>('GET', '/v1/tasks?limit=1');
  theirs = {
    id: song.id,
    erasedId: second.body.id,
    cursor: page.body.next_cursor,
    idempotencyKey: 'acme-order-17',
    metadata: 'A-17',
    model: 'generate-music',
    providerTaskId: song.provider.task_id!,
    audioId: (song.result!.files[0] as unknown as { provider_file_id: string }).provider_file_id,
    keyId: acmeKey.id,
  };
  expect(Object.values(theirs).every(Boolean)).toBe(true);
  stranger = clientFor(api.url, (await worker.keys.create({ owner: 'stranger', scopes })).key);
});
afterAll(async () => {
  await api?.stop();
  await worker?.stop();
  await simulator?.close();
  await database?.drop();
});

const get = (path: (names: Names) => string, status: number): Probe => ({ path, status });
const post = (
  path: (names: Names) => string,
  status: number,
  body?: (names: Names) => unknown,
  headers?: (names: Names) => Record<string, string>,
): Probe => ({ path, status, body, headers });

const ofTask = (rest: string, method: 'get' | 'post', body?: unknown): Probe[] =>
  (['id', 'erasedId'] as const).map((which) => {
    const path = (names: Names): string => `/v1/tasks/${names[which]}${rest}`;
    return method === 'get' ? get(path, 404) : post(path, 404, body === undefined ? undefined : () => body);
  });

/** Says nothing of any owner, whatever it is asked. */
const NOTHING: Probe[] = [];

const PROBES: Readonly<Record<string, readonly Probe[]>> = {
  'POST /v1/:domain/tasks': [
    // Follow-up models take ids of the provider.
    post(
      () => '/v1/music/tasks',
      422,
      ({ audioId }) => ({
        model: 'extend-music',
        input: { default_param_flag: false, audio_id: audioId, mv: 'V5' },
      }),
    ),
    post(
      () => '/v1/music/tasks',
      422,
      ({ providerTaskId, audioId }) => ({
        model: 'convert-to-wav',
        input: { task_id: providerTaskId, audio_id: audioId },
      }),
    ),
  ],
  'GET /v1/tasks': [
    get(({ cursor }) => `/v1/tasks?cursor=${cursor}`, 422),
    get(({ idempotencyKey }) => `/v1/tasks?idempotency_key=${idempotencyKey}`, 200),
    get(({ providerTaskId }) => `/v1/tasks?provider_task_id=${providerTaskId}`, 200),
    get(({ metadata }) => `/v1/tasks?metadata.order=${metadata}`, 200),
    get(({ model }) => `/v1/tasks?model=${model}`, 200),
    get(() => '/v1/tasks?status=succeeded&created_after=2020-01-01T00:00:00Z', 200),
  ],
  'GET /v1/tasks/:id': [...ofTask('', 'get'), ...ofTask('?wait=60', 'get')],
  'POST /v1/tasks/:id/cancel': ofTask('/cancel', 'post'),
  'POST /v1/tasks/:id/resume': ofTask('/resume', 'post'),
  'POST /v1/tasks/:id/resubmit': ofTask('/resubmit', 'post', { accept_duplicate_risk: true, reason: 'r' }),
  'POST /v1/tasks/:id/erase': ofTask('/erase', 'post', { reason: 'r' }),
  'GET /v1/tasks/:id/events': [...ofTask('/events', 'get'), ...ofTask('/events?after_version=1', 'get')],
  'GET /v1/tasks/:id/callbacks': ofTask('/callbacks', 'get'),
  'GET /v1/tasks/:id/replay': [
    ...ofTask('/replay', 'get'),
    ...ofTask('/replay?version=1', 'get'),
    ...ofTask('/replay?at=2100-01-01T00:00:00Z', 'get'),
  ],
  'GET /v1/events': [get(() => '/v1/events?after=0', 200), get(() => '/v1/events?type=TaskSucceeded', 200)],
  'POST /v1/owner/erase': [
    post(
      () => '/v1/owner/erase',
      403,
      () => ({ reason: 'r' }),
    ),
  ],
  'GET /v1/keys': [get(() => '/v1/keys?owner=acme', 403)],
  'POST /v1/keys': [
    post(
      () => '/v1/keys',
      403,
      () => ({ owner: 'acme', scopes: ['admin'] }),
    ),
  ],
  'POST /v1/keys/:id/revoke': [post(({ keyId }) => `/v1/keys/${keyId}/revoke`, 403)],
  'POST /v1/keys/:id/rotate': [post(({ keyId }) => `/v1/keys/${keyId}/rotate`, 403)],
  'GET /v1/account': NOTHING,
  'POST /v1/account/resume': NOTHING,
  'GET /v1/models': NOTHING,
  'GET /v1/models/:model': NOTHING,
};

const guarded = (): readonly Route[] => api.routes.filter(({ access }) => access?.kind === 'key');
const probes = (): [route: string, probe: Probe][] =>
  Object.entries(PROBES).flatMap(([route, all]) => all.map((probe): [string, Probe] => [route, probe]));

const ask = async (route: string, { path, body, headers }: Probe, names: Names) => {
  const [method] = route.split(' ');
  const answer = await stranger.call(method!, path(names), body?.(names), headers?.(names));
  return {
    status: answer.status,
    body: withoutNames(JSON.stringify({ ...answer.body, request_id: null }), names),
    headers: [...answer.headers.keys()].sort(),
  };
};

/** What was asked is repeated in some sentences. */
const withoutNames = (text: string, names: Names): string =>
  Object.entries(names).reduce((rest, [name, value]) => rest.replaceAll(value as string, `<${name}>`), text);

it('every route that asks for a key says what it could leak', () => {
  expect(Object.keys(PROBES).sort()).toEqual(
    guarded()
      .map(({ method, url }) => `${method} ${url}`)
      .sort(),
  );
});

// First of the two: a data key that was opened once is remembered for a while, and no longer asked for.
it('what belongs to another owner costs what nothing costs: the database is asked the same questions', async () => {
  const pool = api.app.get<Pool>(PG_POOL);
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  let asked: unknown[] = [];
  pool.query = ((...args: unknown[]) => {
    const [statement] = args as [string | { text: string }];
    asked.push(typeof statement === 'string' ? statement : statement.text);
    return query(...args);
  }) as typeof pool.query;
  const questionsOf = async (route: string, probe: Probe, names: Names): Promise<unknown[]> => {
    asked = [];
    await ask(route, probe, names);
    return asked;
  };
  try {
    for (const [route, probe] of probes()) {
      const real = await questionsOf(route, probe, theirs);
      const none = await questionsOf(route, probe, NOBODY);
      expect({ route, path: probe.path(NOBODY), real }).toEqual({
        route,
        path: probe.path(NOBODY),
        real: none,
      });
    }
  } finally {
    pool.query = query as typeof pool.query;
  }
});

it("and is answered as what does not exist: status, body and headers' names", async () => {
  for (const [route, probe] of probes()) {
    const [real, none] = [await ask(route, probe, theirs), await ask(route, probe, NOBODY)];
    expect({ route, path: probe.path(NOBODY), ...real }).toEqual({
      route,
      path: probe.path(NOBODY),
      ...none,
      status: probe.status,
    });
    if (probe.status === 200) expect(JSON.parse(real.body)).toMatchObject({ data: [] });
  }
});

it("another owner's idempotency key is a new key", async () => {
  const { status, headers, body } = await stranger.submit(
    'music',
    'generate-music',
    { ...SONG, prompt: 'of the stranger' },
    { 'idempotency-key': theirs.idempotencyKey },
  );
  expect([status, headers.get('idempotency-replayed')]).toEqual([202, null]);
  expect(body.id).not.toBe(theirs.id);
});

it('X-Owner of somebody who is no admin is refused on every route', async () => {
  for (const { method, url } of guarded()) {
    const path = url.replace(':domain', 'music').replace(':model', 'flux-2').replace(':id', theirs.id);
    const { status, body } = await stranger.call(method, path, undefined, { 'x-owner': 'acme' });
    expect({ url, status, code: body.code }).toEqual({ url, status: 403, code: 'forbidden' });
  }
});

it('nothing was changed, and no event names the stranger', async () => {
  const { rows } = await database.pool.query<{ owners: string[]; actors: string[] }>(
    `select array_agg(distinct owner) as owners, array_agg(distinct actor) as actors from event where stream_id = any($1)`,
    [[theirs.id, theirs.erasedId]],
  );
  const strangerKeys = (await worker.keys.list({ owner: 'stranger' })).map(({ id }) => `key:${id}`);
  expect(rows[0]!.owners).toEqual(['acme']);
  expect(rows[0]!.actors.filter((actor) => strangerKeys.includes(actor))).toEqual([]);
});

it('an admin acts on the owner that X-Owner names, and stands in the log as the one who did', async () => {
  const { id, key } = await worker.keys.create({ owner: 'operations', scopes: ['admin'] });
  const admin = clientFor(api.url, key);
  const asAcme = { 'x-owner': 'acme' };
  expect((await admin.call('GET', `/v1/tasks/${theirs.id}`)).status).toBe(404);
  expect((await admin.call('GET', `/v1/tasks/${theirs.id}`, undefined, asAcme)).status).toBe(200);
  const made = await admin.call<TaskJson>(
    'POST',
    '/v1/image/tasks',
    { model: 'gpt-image-2', input: { prompt: 'for acme' } },
    asAcme,
  );
  expect(made.status).toBe(202);
  const cancelled = await admin.call('POST', `/v1/tasks/${made.body.id}/cancel`, undefined, asAcme);
  expect([200, 409]).toContain(cancelled.status);
  const { rows } = await database.pool.query<{ type: string; owner: string; actor: string }>(
    "select type, owner, actor from event where stream_id = $1 and actor like 'key:%' order by version",
    [made.body.id],
  );
  expect(rows[0]).toEqual({ type: 'TaskSubmitted', owner: 'acme', actor: `key:${id}` });
  expect(rows.every(({ actor }) => actor === `key:${id}`)).toBe(true);
});
