import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { runCommandLine } from '../../src/cli/command-line.js';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { partitionBy } from '../support/partitions.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TaskJson, type TestServer } from '../support/server.js';

/*
 * An operator archives the oldest part of the log beside a running server: what its callers and the auditors see of it.
 */

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let client: Client;
let folder: string;
let ids: readonly string[];
let before: readonly TaskJson[];
let file: string;

const cli = (...args: string[]): Promise<number> =>
  runCommandLine(args, { DATABASE_URL: database.url, DATA_DIR: folder });

beforeAll(async () => {
  database = await createTestDatabase();
  await partitionBy(database, 20);
  simulator = await startSimulator({ speed: 2000, seed: 3 });
  server = await startTestServer(database, simulator.url);
  client = await server.client();
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
  ids = await Promise.all(
    Array.from({ length: 6 }, async (_, n) => {
      const key = { 'idempotency-key': `order-${n}` };
      const { body } = await client.submit('image', 'gpt-image-2', { prompt: `Bicycle ${n}` }, key);
      await client.ended(body.id);
      return body.id;
    }),
  );
  await server.settled();
  // As after some days: nobody asks about late results any more.
  await database.pool.query('delete from task_timer');
  before = await Promise.all(ids.map((id) => client.get(id)));
  expect(await cli('archive', '--out', folder)).toBe(0);
  file = join(
    folder,
    (await readdir(folder)).find((name) => name.endsWith('.gz'))!,
  );
}, 60_000);

afterAll(async () => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
  await rm(folder, { recursive: true });
});

it('tasks are read as before', async () => {
  expect(await Promise.all(ids.map((id) => client.get(id)))).toEqual(before);
});

it('their history answers that it is archived, and from where on the log can be read', async () => {
  for (const path of ['events', 'callbacks', 'replay']) {
    const answer = await client.call('GET', `/v1/tasks/${ids[0]}/${path}`);
    expect(answer.status).toBe(410);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      type: 'urn:genledger:problem:events-archived',
      status: 410,
      code: 'events_archived',
      detail: expect.stringContaining('archived, with positions 1 to 20 of the log') as string,
    });
  }
  expect((await client.call('GET', '/v1/events?after=0')).status).toBe(410);
  expect((await client.call('GET', '/v1/events?after=20')).status).toBe(200);
});

it('no other owner learns that there was something', async () => {
  const other = await server.client('other');
  expect((await other.call('GET', `/v1/tasks/${ids[0]}/events`)).status).toBe(404);
  expect((await other.call('POST', `/v1/tasks/${ids[0]}/cancel`)).status).toBe(404);
  expect((await other.call('POST', `/v1/tasks/${ids[0]}/erase`, { reason: 'x' })).status).toBe(404);
});

it('what needs the events is refused, and a repeated order is not paid again', async () => {
  const { rows } = await database.pool.query<{ count: number }>('select count(*)::int from stream');
  // A server that was started since then has nothing in memory.
  const fresh = await startTestServer(database, simulator.url);
  try {
    const { key } = client;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const cancel = await fetch(`${fresh.url}/v1/tasks/${ids[0]}/cancel`, { method: 'POST', headers });
    expect(cancel.status).toBe(410);
    const again = await fetch(`${fresh.url}/v1/image/tasks`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': 'order-0' },
      body: JSON.stringify({ model: 'gpt-image-2', input: { prompt: 'Bicycle 0' } }),
    });
    expect(again.status).toBe(410);
    expect((await database.pool.query('select count(*)::int from stream')).rows).toEqual(rows);
  } finally {
    await fresh.stop();
  }
});

it('new tasks live on', async () => {
  const { body } = await client.submit('image', 'gpt-image-2', { prompt: 'Another' });
  expect((await client.ended(body.id)).status).toBe('succeeded');
  expect((await client.events(body.id))[0]).toMatchObject({ type: 'TaskSubmitted' });
});

it('the log is verified without it, and the file against the log', async () => {
  expect(await cli('audit', 'verify', '--json')).toBe(0);
  expect(await cli('audit', 'verify')).toBe(0);
  expect(await cli('audit', 'verify', '--file', file)).toBe(0);
  expect(await cli('archive', '--list')).toBe(0);

  const forged = join(folder, 'forged.jsonl.gz');
  const text = gunzipSync(await readFile(file)).toString('utf8');
  await writeFile(forged, gzipSync(text.replace('"owner":"acme"', '"owner":"evil"')));
  expect(await cli('audit', 'verify', '--file', forged)).toBe(1);
  await writeFile(forged, text);
  expect(await cli('audit', 'verify', '--file', forged)).toBe(0);
});

it('an archived task is erased: its key is gone, so the sealed parts in the file open no more', async () => {
  const [id] = ids;
  expect((await client.call('POST', `/v1/tasks/${id}/erase`, { reason: 'asked for' })).status).toBeLessThan(
    300,
  );
  const { rows } = await database.pool.query(
    `select (select count(*)::int from task_key where task_id = $1) as keys, length(intent) as intent, outcome,
            erased_at is not null as erased, status, (select version from stream where stream_id = $1) = version as current
       from task where id = $1`,
    [id],
  );
  expect(rows).toEqual([
    { keys: 0, intent: 0, outcome: null, erased: true, status: 'succeeded', current: true },
  ]);
  expect(await client.get(id!)).toMatchObject({ status: 'succeeded', input: null });
  expect((await client.call('POST', `/v1/tasks/${id}/erase`, { reason: 'asked for' })).status).toBeLessThan(
    300,
  );
  expect(await cli('projections', 'rebuild')).toBe(0);
  expect(await client.get(id!)).toMatchObject({ status: 'succeeded', input: null });
  expect(await cli('projections', 'verify')).toBe(0);
});

it('wrong usage is told', async () => {
  expect(await cli('archive', '--before', 'x')).toBe(2);
  expect(await cli('archive', '--out', join(folder, 'missing'), '--before', '1000000')).toBe(1);
});
