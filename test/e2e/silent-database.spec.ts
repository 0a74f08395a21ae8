import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { type TestDatabase } from '../support/postgres.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';
import { clientFor, freePort, makeKey, testEnvironment } from '../support/server.js';

/*
 * A database that neither answers nor hangs up, as behind a network that loses everything: it is frozen.
 */

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const LOADER = new URL('../support/typescript.mjs', import.meta.url).href;
const SHUTDOWN_TIMEOUT_MS = 6_000;
const CLOSING_MS = 8_000;
/** Of migrations; see migrate.ts. */
const MIGRATION_LOCK = 0x6e1ed6e;

let postgres: OwnPostgres;
let database: TestDatabase;
let simulator: Simulator;
let folder: string;
let environment: Record<string, string | undefined>;
let key: string;
let server: ServerProcess | null = null;
let frozen: number[] = [];

beforeAll(async () => {
  postgres = await OwnPostgres.start({ durable: false });
  const { url, schema, pool } = postgres;
  database = { url, schema, pool, drop: () => postgres.remove() };
  simulator = await startSimulator({ speed: 60, seed: 3, submitLatencyMs: 50 });
  folder = await mkdtemp(join(tmpdir(), 'genledger-silent-'));
  environment = await testEnvironment(database, simulator.url, {
    PORT: String(await freePort()),
    DATA_DIR: folder,
    SUBMIT_TIMEOUT_MS: '1000',
    STATUS_TIMEOUT_MS: '1000',
    SHUTDOWN_TIMEOUT_MS: String(SHUTDOWN_TIMEOUT_MS),
  });
  key = await makeKey(database, simulator.url, environment);
}, 60_000);
afterAll(async () => {
  thaw();
  if (server && server.child.exitCode === null) await server.end('SIGKILL');
  await simulator?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const freeze = async (): Promise<void> => {
  const { rows } = await database.pool.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  frozen = [postgres.pid, ...rows.map(({ pid }) => pid)];
  frozen.forEach((pid) => process.kill(pid, 'SIGSTOP'));
};
const thaw = (): void => frozen.splice(0).forEach((pid) => process.kill(pid, 'SIGCONT'));

it('does not keep the server from ending in time, nor a paid answer from being kept', async () => {
  server = await startServerProcess(environment, folder);
  const answer = simulator.hold('submit-answer', { contains: 'paid-' });
  const { body } = await clientFor(server.url, key).submit('image', 'gpt-image-2', { prompt: 'paid-' });
  await answer.reached();
  await freeze();
  answer.release();
  const startedAt = performance.now();
  await server.end('SIGTERM');
  expect(performance.now() - startedAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS + CLOSING_MS + 2_000);
  const kept = (await readdir(folder)).filter((name) => name.startsWith('unsaved-outcomes.'));
  expect(kept).toHaveLength(1);
  expect(await readFile(join(folder, kept[0]!), 'utf8')).toContain(body.id);

  thaw();
  server = await startServerProcess(environment, folder);
  const client = clientFor(server.url, key);
  const saved = await client.until(body.id, ({ status }) => status !== 'submitting');
  expect(['submitted', 'running', 'succeeded']).toContain(saved.status);
  expect(simulator.ledger.counts.submits).toBe(1);
  expect(await server.end('SIGTERM')).toBe(0);
}, 90_000);

it('a start that waits for somebody else’s migration ends soon after the signal', async () => {
  const other = await database.pool.connect();
  try {
    await other.query(
      `begin; select pg_advisory_xact_lock(${MIGRATION_LOCK}, hashtext('${database.schema}'))`,
    );
    const child = spawn(process.execPath, ['--import', LOADER, MAIN], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const isWaiting = async (): Promise<boolean> =>
      (await other.query(`select from pg_locks where locktype = 'advisory' and not granted`)).rowCount! > 0;
    while (!(await isWaiting()));
    const startedAt = performance.now();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(said).toContain('Ended by a signal before the start was done.');
  } finally {
    await other.query('rollback');
    other.release();
  }
}, 90_000);
