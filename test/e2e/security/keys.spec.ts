import { setTimeout as pause } from 'node:timers/promises';
import { SCOPES } from '../../../src/access/index.js';
import { KEY_CACHE_MS } from '../../../src/access/key-cache.js';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Client, clientFor } from '../../support/server.js';
import { startWalkedServer, type WalkedServer } from './walked-server.js';

/*
 * API keys over their life, on two servers that share a database.
 */

interface KeyJson {
  id: string;
  owner: string;
  scopes: string[];
  name: string | null;
  status: string;
  created_by: string | null;
  expires_at: string | null;
  revoked_by: string | null;
  last_used_at: string | null;
  replaces: string | null;
  key?: string;
  replaced?: KeyJson;
  code?: string;
  errors?: { pointer: string; code: string }[];
}

let database: TestDatabase;
let simulator: Simulator;
let here: WalkedServer;
let there: WalkedServer;
let admin: Client;
let adminId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 500 });
  here = await startWalkedServer(database, simulator.url);
  there = await startWalkedServer(database, simulator.url);
  const made = await here.keys.create({ owner: 'operations', scopes: ['admin'] });
  adminId = made.id;
  admin = clientFor(here.url, made.key);
});
afterAll(async () => {
  await there?.stop();
  await here?.stop();
  await simulator?.close();
  await database?.drop();
});

const make = async (body: object = {}): Promise<KeyJson> => {
  const wish = { owner: 'acme', scopes: ['tasks:read'], ...body };
  const answer = await admin.call<KeyJson>('POST', '/v1/keys', wish);
  expect(answer.status).toBe(201);
  return answer.body;
};

const statusOn = async ({ url }: WalkedServer, key: string): Promise<number> =>
  (await fetch(`${url}/v1/tasks`, { headers: { authorization: `Bearer ${key}` } })).status;

/** Resolves with how long it took until the server answers with that status. */
const until = async (server: WalkedServer, key: string, wanted: number): Promise<number> => {
  const start = performance.now();
  while ((await statusOn(server, key)) !== wanted) {
    if (performance.now() - start > 10_000) throw new Error(`never ${wanted}`);
    await pause(50);
  }
  return performance.now() - start;
};

describe('Over REST, an admin', () => {
  it('makes a key that is shown once and works at once', async () => {
    const made = await make({ name: 'reports', expires_at: '2100-01-01T00:00:00Z' });
    expect(made).toMatchObject({
      owner: 'acme',
      scopes: ['tasks:read'],
      name: 'reports',
      status: 'active',
      created_by: `key:${adminId}`,
      expires_at: '2100-01-01T00:00:00.000Z',
      last_used_at: null,
      replaces: null,
    });
    expect(await statusOn(there, made.key!)).toBe(200);
    const { body } = await admin.call<{ data: KeyJson[] }>('GET', '/v1/keys?owner=acme');
    expect(body.data.find(({ id }) => id === made.id)).not.toHaveProperty('key');
    expect(JSON.stringify(body)).not.toContain(made.key!.slice(3));
  });

  it('pages through the keys of all owners', async () => {
    await make();
    await make({ owner: 'globex' });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body }: { body: { data: KeyJson[]; next_cursor: string | null } } = await admin.call(
        'GET',
        `/v1/keys?limit=1${cursor ? `&cursor=${cursor}` : ''}`,
      );
      seen.push(...body.data.map(({ id }) => id));
      cursor = body.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual((await here.keys.list()).map(({ id }) => id));
    expect((await admin.call('GET', '/v1/keys?cursor=x')).status).toBe(422);
  });

  it.each([
    [{}, '/owner required', '/scopes required'],
    [{ owner: 'a b', scopes: [] }, '/owner pattern', '/scopes enum'],
    [{ owner: 'a', scopes: ['root'] }, '/scopes enum'],
    [{ owner: 'a', scopes: 'admin' }, '/scopes enum'],
    [{ owner: 'a', scopes: ['admin'], name: 'x'.repeat(201) }, '/name maxLength'],
    [{ owner: 'a', scopes: ['admin'], name: 'a\u0000b' }, '/name maxLength'],
    [{ owner: 'a', scopes: ['admin'], name: 'a\ud800b' }, '/name maxLength'],
    [{ owner: 'a', scopes: ['admin'], expires_at: '2999-02-30T00:00:00Z' }, '/expires_at format'],
    [{ owner: 'a', scopes: ['admin'], expires_at: '2020-01-01T00:00:00Z' }, '/expires_at format'],
    [{ owner: 'a', scopes: ['admin'], expires_at: 'soon' }, '/expires_at format'],
    [{ owner: 'a', scopes: ['admin'], key: 'gl_mine' }, '/key unknown_field'],
  ])('is refused %j', async (body, ...wanted) => {
    const answer = await admin.call<KeyJson>('POST', '/v1/keys', body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors!.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual(wanted);
  });

  it('meets 404 for a key that does not exist', async () => {
    for (const id of ['0199f3c2-0000-7000-8000-000000000000', 'nonsense'])
      for (const what of ['revoke', 'rotate'])
        expect((await admin.call('POST', `/v1/keys/${id}/${what}`)).status).toBe(404);
  });
});

describe('Revocation', () => {
  it('is seen by every replica within seconds, and says who it was', async () => {
    const { id, key } = await make();
    expect([await statusOn(here, key!), await statusOn(there, key!)]).toEqual([200, 200]);
    const { body } = await admin.call<KeyJson>('POST', `/v1/keys/${id}/revoke`);
    expect(body).toMatchObject({ status: 'revoked', revoked_by: `key:${adminId}` });
    expect(await statusOn(here, key!)).toBe(401);
    expect(await until(there, key!, 401)).toBeLessThan(KEY_CACHE_MS + 1_500);
    expect(await statusOn(there, key!)).toBe(401);
  });

  it('twice changes nothing', async () => {
    const { id } = await make();
    const first = await here.keys.revoke(id, 'first');
    expect(await here.keys.revoke(id, 'second')).toEqual(first);
  });
});

describe('Expiry', () => {
  it('needs no lookup: a cached key ends at its moment, on every replica', async () => {
    const soon = new Date(Date.now() + 1_000);
    const { key } = await make({ expires_at: soon.toISOString() });
    expect([await statusOn(here, key!), await statusOn(there, key!)]).toEqual([200, 200]);
    await until(here, key!, 401);
    expect(Date.now()).toBeLessThan(soon.getTime() + 1_500);
    expect(await statusOn(there, key!)).toBe(401);
  });
});

describe('Rotation', () => {
  it('makes a key with the same owner, scopes and name; both open during the overlap', async () => {
    const old = await make({ name: 'nightly', scopes: ['tasks:read', 'audit:read'] });
    const { status, body } = await admin.call<KeyJson>('POST', `/v1/keys/${old.id}/rotate`, {
      overlap_seconds: 2,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      owner: 'acme',
      scopes: ['tasks:read', 'audit:read'],
      name: 'nightly',
      expires_at: null,
      replaces: old.id,
      replaced: { id: old.id, status: 'active' },
    });
    expect(body.replaced).not.toHaveProperty('key');
    expect([await statusOn(here, old.key!), await statusOn(there, body.key!)]).toEqual([200, 200]);
    await until(here, old.key!, 401);
    await until(there, old.key!, 401);
    expect(await statusOn(there, body.key!)).toBe(200);
  });

  it('of a key that lasts for a time gives one that lasts as long; an earlier end stays', async () => {
    const old = await here.keys.create({
      owner: 'acme',
      scopes: ['tasks:read'],
      expiresAt: new Date(Date.now() + 3_600_000),
    });
    const { created, replaced } = await here.keys.rotate(old.id, 86_400_000);
    expect(replaced.expiresAt).toEqual(old.expiresAt);
    const lasts = created.expiresAt!.getTime() - created.createdAt.getTime();
    expect(Math.abs(lasts - 3_600_000)).toBeLessThan(1_000);
  });

  it('of a key that opens nothing any more is refused, and leaves no new key', async () => {
    const { id } = await make({ owner: 'ended' });
    await here.keys.revoke(id);
    const answer = await admin.call<KeyJson>('POST', `/v1/keys/${id}/rotate`);
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
    expect(await here.keys.list({ owner: 'ended' })).toHaveLength(1);
  });

  it('of the same key by two admins at once gives two keys and one end of the old', async () => {
    const { id } = await make({ owner: 'twice' });
    await Promise.all([here.keys.rotate(id, 60_000), there.keys.rotate(id, 60_000)]);
    const keys = await here.keys.list({ owner: 'twice' });
    expect(keys.filter(({ replaces }) => replaces === id)).toHaveLength(2);
  });

  it('under load refuses no request of a client that changes keys within the overlap', async () => {
    const old = await make();
    const wrong: number[] = [];
    let key = old.key!;
    let isOver = false;
    const caller = async (server: WalkedServer): Promise<number> => {
      let asked = 0;
      for (; !isOver; asked++) {
        const status = await statusOn(server, key);
        if (status !== 200) wrong.push(status);
      }
      return asked;
    };
    const callers = Promise.all([here, there, here, there].map(caller));
    for (let id = old.id, round = 0; round < 3; round++) {
      const { body } = await admin.call<KeyJson>('POST', `/v1/keys/${id}/rotate`, { overlap_seconds: 1 });
      key = body.key!;
      await pause(300);
      id = body.id;
    }
    isOver = true;
    expect((await callers).reduce((sum, asked) => sum + asked, 0)).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });
});

describe('What is stored', () => {
  it('is a digest: no key is in any table', async () => {
    const { key } = await make();
    const { rows } = await database.pool.query('select k::text as row, encode(digest, $1) from api_key k', [
      'base64',
    ]);
    expect(JSON.stringify(rows)).not.toContain(key!.slice(3));
  });

  it('are 256 random bits of which no two are alike', async () => {
    const keys = await Promise.all(
      Array.from({ length: 50 }, () => here.keys.create({ owner: 'many', scopes: [...SCOPES] })),
    );
    expect(new Set(keys.map(({ key }) => key)).size).toBe(50);
    for (const { key } of keys) expect(Buffer.from(key.slice(3), 'base64url')).toHaveLength(32);
  });
});
