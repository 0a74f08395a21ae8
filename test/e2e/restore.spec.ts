import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedDatabase } from '../../src/database/index.js';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, testServer } from '../support/postgres.js';
import {
  type Client,
  freePort,
  startTestServer,
  type TestServer,
  testEnvironment,
} from '../support/server.js';

/*
 * Backups as operators make them: a cold copy of PostgreSQL's files, and pg_dump with pg_restore. The server and the
 * command line as they are started in life.
 */

const LOADER = new URL('../support/typescript.mjs', import.meta.url).href;
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const SCHEMA = 'genledger';
const run = promisify(execFile);

/** pg_dump refuses servers newer than itself. */
const canDump = async (url: string): Promise<boolean> => {
  const said = await run('pg_dump', ['--version']).catch(() => null);
  const reader = new pg.Client({ connectionString: url });
  await reader.connect();
  try {
    const { rows } = await reader.query<{ major: number }>(
      "select current_setting('server_version_num')::int / 10000 as major",
    );
    return said !== null && Number(/(\d+)/.exec(said.stdout)?.[1]) >= rows[0]!.major;
  } finally {
    await reader.end();
  }
};

const dumps = await canDump(await testServer());

let simulator: Simulator;
let folder: string;
let cluster: EmbeddedDatabase | null = null;
let server: TestServer | null = null;
let client: Client;
let environment: Record<string, string | undefined>;

beforeEach(async () => {
  simulator = await startSimulator({ speed: 1000, seed: 5 });
  folder = await mkdtemp(join(tmpdir(), 'genledger-restore-e2e-'));
  // PostgreSQL of a root's test runs as another user.
  await chmod(folder, 0o711);
  const port = String(await freePort());
  environment = await testEnvironment({ url: 'postgresql://later/later', schema: SCHEMA }, simulator.url, {
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: join(folder, 'data'),
  });
});
afterEach(async () => {
  await stopServer();
  await stopCluster();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const startCluster = async (): Promise<EmbeddedDatabase> =>
  (cluster = await startEmbeddedPostgres({ dataDir: join(folder, 'cluster'), durable: false }));

const stopCluster = async (): Promise<void> => {
  await cluster?.stop();
  cluster = null;
};

const start = async (url: string, more: Record<string, string> = {}): Promise<void> => {
  environment = { ...environment, DATABASE_URL: url };
  const database = { url, schema: SCHEMA } as Parameters<typeof startTestServer>[0];
  server = await startTestServer(database, simulator.url, { ...environment, ...more });
  client = await server.client('acme', ['tasks:write', 'tasks:read', 'operate', 'audit:read']);
};

const stopServer = async (): Promise<void> => {
  await server?.stop();
  server = null;
};

/** The command line as a process of its own, beside the server. */
const cli = <T>(...args: readonly string[]): Promise<T> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', LOADER, CLI, ...args, '--json'], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(out) as T) : reject(new Error(`${code}: ${err}`)),
    );
  });

const submit = async (marker: string): Promise<string> => {
  const { status, body } = await client.submit('image', 'gpt-image-2', { prompt: marker });
  expect(status).toBe(202);
  return body.id;
};
const sent = (marker: string): number => simulator.ledger.submits({ contains: marker }).length;
const ready = async (): Promise<{ status: string; degraded?: string[] }> =>
  (await client.call<{ status: string; degraded?: string[] }>('GET', '/health/ready')).body;
const metric = async (line: string): Promise<string | undefined> =>
  (await (await fetch(`${server!.url}/metrics`)).text()).split('\n').find((one) => one.startsWith(line));
const stopped = '{reason="restore_suspected"}';

/** Waits in the backup, is sent and done afterwards: what must not happen twice. */
const sendAfterBackup = async (url: string, ids: readonly string[]): Promise<void> => {
  await start(url);
  for (const id of ids) expect((await client.ended(id)).status).toBe('succeeded');
  await stopServer();
};

it('a cold copy of the files is put back: stopped by the mark, recovered by the command line, nothing paid twice', async () => {
  let { url, info } = await startCluster();
  await start(url, { SUBMISSIONS: 'paused' });
  expect(await ready()).toMatchObject({
    status: 'degraded',
    degraded: ['submissions paused by SUBMISSIONS=paused'],
  });
  const waiting = await Promise.all(['cold-1', 'cold-2', 'cold-3'].map(submit));
  await stopServer();
  await stopCluster();
  await backUpFiles(info.home);

  ({ url, info } = await startCluster());
  await start(url);
  const lost = await submit('cold-lost');
  for (const id of [...waiting, lost]) expect((await client.ended(id)).status).toBe('succeeded');
  await stopServer();
  await stopCluster();
  await restoreFiles(info.home);

  ({ url } = await startCluster());
  await start(url);
  expect(await ready()).toMatchObject({
    status: 'degraded',
    degraded: ['submissions stopped: the log seems restored (genledger recover)'],
  });
  expect(await metric(`genledger_submissions_stopped${stopped}`)).toMatch(/ 1$/);
  expect(await metric('genledger_alerts_total{alert="restore_suspected"}')).toMatch(/ 1$/);
  const fresh = await submit('cold-new');
  expect(await client.get(fresh)).toMatchObject({
    status: 'queued',
    error: null,
    waiting_for: { code: 'restore_suspected' },
  });
  expect((await client.call('GET', `/v1/tasks/${lost}`)).status).toBe(404);
  await server!.settled();
  expect(['cold-1', 'cold-2', 'cold-3', 'cold-new'].map(sent)).toEqual([1, 1, 1, 0]);

  expect(await cli('submissions', 'resume')).toMatchObject({
    submissions: 'stopped',
    changed: false,
    restore_suspected: { signs: ['head_behind_mark'] },
  });
  expect(await cli('recover')).toMatchObject({ nothing_lost: false, moved: 3, erased: 0 });
  expect((await client.ended(fresh)).status).toBe('succeeded');
  expect(await ready()).toEqual(expect.objectContaining({ status: 'ok' }));
  expect(await metric(`genledger_submissions_stopped${stopped}`)).toMatch(/ 0$/);
  for (const id of waiting) expect(await client.get(id)).toMatchObject({ status: 'unconfirmed' });

  // The provider says the same again: tasks of the backup resolve, the lost one is reported.
  for (const marker of ['cold-1', 'cold-2', 'cold-lost'])
    await simulator.redeliver(simulator.ledger.submits({ contains: marker })[0]!.taskId!);
  for (const id of waiting.slice(0, 2)) expect((await client.ended(id)).status).toBe('succeeded');
  const { orphans } = await cli<{ orphans: object[] }>('report', 'orphans');
  expect(orphans).toMatchObject([
    { task_id: lost, reason: 'task_lost', paid: 'yes', attempt: 1 },
    { task_id: waiting[2], owner: 'acme', reason: 'outcome_unknown', paid: 'maybe', status: 'unconfirmed' },
  ]);
  expect(await metric('genledger_orphans{reason="outcome_unknown"}')).toMatch(/ 1$/);
  expect(['cold-1', 'cold-2', 'cold-3', 'cold-lost', 'cold-new'].map(sent)).toEqual([1, 1, 1, 1, 1]);
}, 120_000);

it('an older log that has grown past the mark again holds another history', async () => {
  let { url, info } = await startCluster();
  await start(url, { SUBMISSIONS: 'paused' });
  const waiting = await submit('fork-1');
  await stopServer();
  await stopCluster();
  await backUpFiles(info.home);
  ({ url, info } = await startCluster());
  await sendAfterBackup(url, [waiting]);
  await stopCluster();
  await restoreFiles(info.home);

  // Somebody starts it without the folder that holds the mark, and takes requests.
  ({ url } = await startCluster());
  const { DATA_DIR } = environment;
  await start(url, { SUBMISSIONS: 'paused', DATA_DIR: join(folder, 'elsewhere') });
  for (let i = 0; i < 20; i++) await submit(`fork-late-${i}`);
  await stopServer();
  await start(url, { DATA_DIR: DATA_DIR! });
  await server!.settled();
  expect(sent('fork-1')).toBe(1);
  expect(await cli('recover')).toMatchObject({ moved: 21 });
  expect(await signsIn(url)).toEqual(['history_differs']);
}, 120_000);

/** Owners and rights matter to PostgreSQL, so `cp` does it. Both need a stopped server. */
const backUpFiles = async (home: string): Promise<void> => {
  await run('cp', ['-a', join(home, 'data'), join(folder, 'backup')]);
};
const restoreFiles = async (home: string): Promise<void> => {
  await rm(join(home, 'data'), { recursive: true, force: true });
  await run('cp', ['-a', join(folder, 'backup'), join(home, 'data')]);
};

const signsIn = async (url: string): Promise<string[]> => {
  const reader = new pg.Client({ connectionString: url });
  await reader.connect();
  try {
    const { rows } = await reader.query<{ data: { signs: string[] } }>(
      `select data from ${SCHEMA}.event where type = 'RestoreSuspected' order by position`,
    );
    return rows.flatMap(({ data }) => data.signs);
  } finally {
    await reader.end();
  }
};

(dumps ? describe : describe.skip)(
  'pg_dump and pg_restore (of the version of the test server, or newer)',
  () => {
    it.each([
      ['taken while tasks waited, restored after they were sent', []],
      ['of a stopped system, with --nothing-lost', ['--nothing-lost']],
    ])(
      'a dump %s',
      async (_, options) => {
        const isClean = options.length > 0;
        const source = await createTestDatabase();
        const dump = join(folder, 'dump');
        try {
          await start(source.url, { SUBMISSIONS: 'paused' });
          const waiting = await submit('dump-1');
          // While the server runs, as backups are made.
          if (!isClean) await run('pg_dump', ['--format=custom', `--file=${dump}`, source.url]);
          await stopServer();
          if (isClean) await run('pg_dump', ['--format=custom', `--file=${dump}`, source.url]);
          else await sendAfterBackup(source.url, [waiting]);

          const { url } = await startCluster();
          await run('pg_restore', ['--no-owner', `--dbname=${url}`, dump]);
          await start(url);
          await server!.settled();
          expect(sent('dump-1')).toBe(isClean ? 0 : 1);
          const signs = await signsIn(url);
          expect(signs).toContain('system_identifier');
          expect(signs.includes('head_behind_mark')).toBe(!isClean);

          expect(await cli('recover', ...options)).toMatchObject({ moved: isClean ? 0 : 1 });
          if (isClean) expect((await client.ended(waiting)).status).toBe('succeeded');
          else expect((await client.get(waiting)).status).toBe('unconfirmed');
          await server!.settled();
          expect(sent('dump-1')).toBe(1);
        } finally {
          await stopServer();
          await source.drop();
        }
      },
      120_000,
    );
  },
);
