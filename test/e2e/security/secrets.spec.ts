import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ConfigurationError, readConfig } from '../../../src/config/index.js';
import { newKeyText, SCOPES } from '../../../src/access/index.js';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { dumpOf, findMarks, spellingsOf } from '../../support/dump.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ALL_SCOPES, type Client, clientFor, testEnvironment } from '../../support/server.js';
import { type ServerProcess, startServerProcess } from '../../support/server-process.js';

/*
 * A server at its most talkative lives through everything that can happen to tasks, with secrets and private content that
 * can be recognised. Afterwards nothing of it stands in what the server wrote, answered to others, or stored in the clear.
 */

let made = 0;
/** Recognisable, of letters and digits alone, so that no encoding of text splits it. */
const mark = (what: string): string => `Mark${what}${++made}x${randomBytes(9).toString('hex')}`;

const SECRETS = {
  'provider key': `sk-${mark('Provider')}`,
  'callback secret': mark('CallbackSecret').padEnd(40, 'c'),
  'older callback secret': mark('OlderSecret').padEnd(40, 'c'),
  'signing secret': mark('Signing'),
  'metrics token': mark('Metrics'),
  'admin key': newKeyText(),
  'owner key': newKeyText(),
  'revoked key': newKeyText(),
  'wrong key': newKeyText(),
};
const ENCRYPTION_KEY = randomBytes(32);
const SEAL_KEY = generateKeyPairSync('ed25519').privateKey;

const PRIVATE = {
  prompt: mark('Prompt'),
  'refused prompt': mark('Refused'),
  'media URL': mark('Media'),
  'notify URL': mark('Notify'),
  'notify password': mark('Password'),
  'metadata value': mark('Value'),
  'provider message': mark('Message'),
  'callback body': mark('Body'),
  'callback header': mark('Header'),
  reason: mark('Reason'),
  query: mark('Query'),
  'malformed body': mark('Malformed'),
};

let folder: string;
let database: TestDatabase;
let simulator: Simulator;
let server: ServerProcess;
let acme: Client;
let admin: Client;
/** What anybody but the owner of a task gets to see: problems, health, metrics, the API document. */
const answers = new Map<string, string>();
/** Learned on the way: tokens of callback URLs, links of results. */
const learned: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'genledger-secrets-'));
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 500, seed: 7, callbacks: { secret: SECRETS['signing secret'] } });
  const environment = await testEnvironment(database, simulator.url, {
    LOG_LEVEL: 'trace',
    LOG_FORMAT: 'json',
    DATA_DIR: join(folder, 'data'),
    APIDOT_API_KEY: SECRETS['provider key'],
    CALLBACK_SECRET: `${SECRETS['callback secret']},${SECRETS['older callback secret']}`,
    CALLBACK_SIGNING_SECRET: SECRETS['signing secret'],
    ENCRYPTION_KEY: ENCRYPTION_KEY.toString('base64'),
    SEAL_KEY: SEAL_KEY.export({ type: 'pkcs8', format: 'pem' }).toString(),
    SEAL_INTERVAL_MS: '200',
    METRICS_TOKEN: SECRETS['metrics token'],
    ALLOW_PRIVATE_NOTIFY_URLS: 'true',
    POLL_EXPECTED_MS: '300',
    // Work that was claimed on a connection that broke is taken again after this.
    LEASE_MS: '6000',
    BREAKER_FAILURES: '3',
    BREAKER_OPEN_MS: '300',
    // Errors of code carry sources and stacks as well then.
    NODE_ENV: 'development',
  });
  server = await startServerProcess(environment, folder);
  await insertKey(SECRETS['owner key'], 'acme', ALL_SCOPES);
  await insertKey(SECRETS['admin key'], 'operations', SCOPES);
  await insertKey(SECRETS['revoked key'], 'acme', ALL_SCOPES, true);
  acme = clientFor(server.url, SECRETS['owner key']);
  admin = clientFor(server.url, SECRETS['admin key']);
});
afterAll(async () => {
  server?.child.kill('SIGKILL');
  await simulator?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const insertKey = async (
  key: string,
  owner: string,
  scopes: readonly string[],
  isRevoked = false,
): Promise<void> => {
  await database.pool.query(
    `insert into api_key (id, digest, owner, scopes, created_at, revoked_at)
     values (gen_random_uuid(), $1, $2, $3, now(), $4)`,
    [createHash('sha256').update(key).digest(), owner, scopes, isRevoked ? new Date() : null],
  );
};

const privateBody = (directive = '', model = 'gpt-image-2-edit'): object => ({
  model,
  input: {
    prompt: `${PRIVATE.prompt} ${directive}`,
    image_urls: [`https://media.example/${PRIVATE['media URL']}.png?token=${PRIVATE['media URL']}`],
  },
  metadata: { order: PRIVATE['metadata value'] },
  notify_url: `https://notify.example/${PRIVATE['notify URL']}`,
});

const submit = async (directive = ''): Promise<string> => {
  const { status, body } = await acme.call<{ id: string }>('POST', '/v1/image/tasks', privateBody(directive));
  expect(status).toBe(202);
  return body.id;
};

/** Keeps what is answered to a request that is refused. */
const refused = async (
  name: string,
  wanted: number,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  key: string = SECRETS['owner key'],
): Promise<void> => {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  expect({ name, status: response.status }).toEqual({ name, status: wanted });
  answers.set(`answer: ${name}`, `${JSON.stringify([...response.headers])}\n${await response.text()}`);
};

const OPEN = new Set(['queued', 'submitting', 'submitted', 'running']);

/** Resolves when the task has ended, or waits for somebody. */
const settled = async (id: string, what: string): Promise<void> => {
  const deadline = Date.now() + 25_000;
  const { status } = await acme.until(id, (task) => !OPEN.has(task.status) || Date.now() > deadline);
  expect([what, OPEN.has(status)]).toEqual([what, false]);
};

const everyEnding = async (): Promise<string[]> => {
  const directives = [
    '',
    `[[sim:fail=${PRIVATE['provider message']}]]`,
    '[[sim:submit=400]]',
    '[[sim:submit=500]]',
    '[[sim:submit=html]]',
    '[[sim:submit=drop+created]]',
    '[[sim:status=500x2]]',
    '[[sim:status=htmlx1]]',
    '[[sim:word=bewildered]]',
    '[[sim:callback-malformed=html]]',
    '[[sim:callback-signature=wrong]]',
    '[[sim:callback-files=false]]',
    '[[sim:callback-id=other]]',
  ];
  const ids = await Promise.all(directives.map(submit));
  for (const [index, id] of ids.entries()) await settled(id, directives[index]!);
  // These concern the whole account, so they come one after the other.
  for (const fault of ['submit=402x1', 'submit=429x1']) {
    simulator.setFaults(fault);
    await settled(await submit(), fault);
  }
  return ids;
};

const callbackUrlOf = (id: string): string =>
  simulator.ledger.submits().find(({ callbackUrl }) => callbackUrl?.includes(id))!.callbackUrl!;

const post = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', body, headers });

it('lives through everything that can happen', async () => {
  const ids = await everyEnding();
  const [done] = ids;
  const task = await acme.get(done!);
  expect(task.status).toBe('succeeded');
  task.result!.files.forEach(({ url }, index) => (learned[`result link ${index}`] = url));
  simulator.ledger.submits().forEach(({ callbackUrl }, index) => {
    if (callbackUrl) learned[`callback token ${index}`] = callbackUrl.split('/').at(-1)!;
  });

  const url = callbackUrlOf(done!);
  const headers = { 'x-webhook-signature': 'c2lnbmF0dXJl', cookie: PRIVATE['callback header'] };
  await post(url, `not JSON ${PRIVATE['callback body']}`, headers);
  await post(
    url,
    JSON.stringify({ task_id: 'x', status: 'finished', note: PRIVATE['callback body'] }),
    headers,
  );
  const wrong = await post(`${url.slice(0, -3)}xxx?q=${PRIVATE.query}`, PRIVATE['callback body']);
  answers.set('answer: wrong token', await wrong.text());

  await refused(
    'no key',
    401,
    'GET',
    `/v1/tasks?metadata.order=${PRIVATE.query}`,
    undefined,
    {},
    SECRETS['wrong key'],
  );
  await refused('a revoked key', 401, 'GET', '/v1/tasks', undefined, {}, SECRETS['revoked key']);
  await refused('a missing scope', 403, 'POST', '/v1/keys', { owner: PRIVATE.query });
  await refused('an unknown model', 422, 'POST', '/v1/image/tasks', { ...privateBody(), model: 'none' });
  await refused('wrong input', 422, 'POST', '/v1/image/tasks', {
    model: 'gpt-image-2',
    input: { prompt: [PRIVATE['refused prompt']], size: PRIVATE['refused prompt'], image_urls: ['x'] },
    metadata: PRIVATE['metadata value'],
    notify_url: `https://user:${PRIVATE['notify password']}@notify.example/`,
  });
  await refused('no JSON', 400, 'POST', '/v1/image/tasks', `{"a": ${PRIVATE['malformed body']}`);
  await refused('no media type', 415, 'POST', '/v1/image/tasks', PRIVATE['malformed body'], {
    'content-type': 'text/plain',
  });
  await refused('too large', 413, 'POST', '/v1/image/tasks', PRIVATE['malformed body'].repeat(40_000));
  await refused('an unknown route', 404, 'GET', `/v1/${PRIVATE.query}`);
  await refused('a bad parameter', 422, 'GET', `/v1/tasks?limit=${PRIVATE.query}&cursor=${PRIVATE.query}`);
  const key = { 'idempotency-key': 'once' };
  expect((await acme.call('POST', '/v1/image/tasks', privateBody(), key)).status).toBe(202);
  await refused('a used idempotency key', 422, 'POST', '/v1/image/tasks', privateBody('other'), key);
  await refused('a conflict', 409, 'POST', `/v1/tasks/${done}/resume`);

  const unconfirmed = (await Promise.all(ids.map((id) => acme.get(id)))).find(
    ({ status }) => status === 'unconfirmed',
  )!;
  const resubmit = { accept_duplicate_risk: true, reason: PRIVATE.reason };
  expect((await acme.call('POST', `/v1/tasks/${unconfirmed.id}/resubmit`, resubmit)).status).toBe(200);
  expect((await acme.call('POST', `/v1/tasks/${unconfirmed.id}/cancel`)).status).toBe(200);
  expect((await acme.call('POST', `/v1/tasks/${ids[1]}/erase`, { reason: PRIVATE.reason })).status).toBe(200);
  for (const what of ['events', 'callbacks', 'replay'])
    expect((await acme.call('GET', `/v1/tasks/${done}/${what}`)).status).toBe(200);
  const created = await admin.call<{ key: string }>('POST', '/v1/keys', {
    owner: 'o',
    scopes: ['tasks:read'],
  });
  learned['key made over REST'] = created.body.key;
  expect((await admin.call('POST', '/v1/account/resume')).status).toBe(200);
});

it('and through the loss of its database', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => submit()));
  for (let round = 0; round < 3; round++) {
    await database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'genledger%'",
    );
    await acme.call('POST', '/v1/image/tasks', privateBody()).catch(() => undefined);
  }
  for (const id of ids) await settled(id, 'after the loss');
  // A table out of the way makes errors that no code foresaw.
  await database.pool.query('alter table task_provider_id rename to task_provider_id_away');
  try {
    await refused('an unforeseen error', 500, 'GET', `/v1/tasks?provider_task_id=${PRIVATE.query}`);
  } finally {
    await database.pool.query('alter table task_provider_id_away rename to task_provider_id');
  }
  while (!server.output().includes('Request failed')) await pause(50);
});

it('what it tells everybody holds no secret and nothing private', async () => {
  for (const path of ['/openapi.json', '/docs', '/docs/swagger-ui-init.js', '/health/live', '/health/ready'])
    answers.set(path, await (await fetch(`${server.url}${path}`)).text());
  const metrics = await fetch(`${server.url}/metrics`, {
    headers: { authorization: `Bearer ${SECRETS['metrics token']}` },
  });
  answers.set('/metrics', await metrics.text());
  expect(answers.get('/metrics')).toContain('genledger_http_request_duration_seconds');
  expect(findMarks(answers, everything())).toEqual([]);
});

it('its process carries nothing in its title and arguments', async () => {
  const { pid } = server.child;
  const places = new Map<string, string>();
  for (const file of ['cmdline', 'comm', 'status'])
    places.set(file, await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => ''));
  expect(findMarks(places, everything())).toEqual([]);
});

it('its tables hold nothing in the clear', async () => {
  const dump = await dumpOf(database);
  expect(dump.get('event')!.split('\n').length).toBeGreaterThan(50);
  expect(findMarks(dump, everything())).toEqual([]);
});

it('it ends, and of all it wrote nothing is a secret or private', async () => {
  expect(await server.end('SIGTERM')).toBe(0);
  const written = new Map([['output', server.output()]]);
  for (const name of await readdir(folder, { recursive: true }))
    written.set(name, await readFile(join(folder, name), 'latin1').catch(() => ''));
  expect(server.output().split('\n').length).toBeGreaterThan(100);
  // A search in vain proves something only if there was much to search in.
  expect(server.output().includes('"level":20')).toBe(true);
  expect(findMarks(written, everything())).toEqual([]);
});

describe('A start that fails tells none of them', () => {
  const password = mark('Database');
  const complaintIs = (complaint: string): void =>
    expect(findMarks(new Map([['complaint', complaint]]), { password: password.slice(0, 31) })).toEqual([]);

  it.each<Record<string, string>>([
    { DATABASE_URL: `postgresql://u:${password}@127.0.0.1:port/db` },
    { DATABASE_URL: 'postgresql://u@h/db', ENCRYPTION_KEY: password },
    { CALLBACK_SECRET: password.slice(0, 31), SEAL_KEY: `-----BEGIN ${password}` },
    {
      APIDOT_API_KEY: `${password} x`,
      METRICS_TOKEN: `${password} x`,
      CALLBACK_SIGNING_SECRET: `${password} x`,
    },
  ])('because of its settings, case %#', (environment) => {
    const complaint = (): unknown => readConfig(environment);
    expect(complaint).toThrow(ConfigurationError);
    try {
      complaint();
    } catch (error) {
      complaintIs(inspect(error, { depth: 10 }));
    }
  });

  it('because of its database', async () => {
    const environment = {
      LOG_LEVEL: 'trace',
      PORT: '0',
      DATABASE_URL: `postgresql://u:${password}@127.0.0.1:1/db`,
      ENCRYPTION_KEY: ENCRYPTION_KEY.toString('base64'),
    };
    const said = await startServerProcess(environment, folder).then(
      () => 'it started',
      (error: Error) => error.message,
    );
    expect(said).toMatch(/^the server ended with 1/);
    complaintIs(said);
  });
});

it('the search would find them', () => {
  const text = `x ${Buffer.from(`ab${PRIVATE.prompt}cd`).toString('base64')} y`;
  const hex = Buffer.from(`a${PRIVATE.prompt}b`).toString('hex');
  for (const found of [text, hex, `"${PRIVATE.prompt}"`])
    expect(findMarks(new Map([['t', found]]), { prompt: PRIVATE.prompt })).toEqual(['prompt in t']);
  expect(spellingsOf(PRIVATE.prompt).every((spelling) => spelling.length >= 30)).toBe(true);
});

const everything = (): Record<string, string | Buffer> => ({
  ...SECRETS,
  ...PRIVATE,
  ...learned,
  'encryption key': ENCRYPTION_KEY,
  'encryption key as given': ENCRYPTION_KEY.toString('base64').slice(0, 40),
  'seal key': SEAL_KEY.export({ type: 'pkcs8', format: 'der' }).subarray(-32),
});
