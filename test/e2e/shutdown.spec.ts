import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';
import {
  type Client,
  clientFor,
  freePort,
  makeKey,
  type TaskJson,
  testEnvironment,
} from '../support/server.js';

/*
 * The end of a server that is asked to end, while it has work.
 */

const SUBMIT_TIMEOUT_MS = 1_500;
const SHUTDOWN_TIMEOUT_MS = 8_000;

let database: TestDatabase;
let simulator: Simulator;
let folder: string;
let environment: Record<string, string | undefined>;
let key: string;
let server: ServerProcess;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 60, seed: 3, submitLatencyMs: 50 });
  folder = await mkdtemp(join(tmpdir(), 'genledger-shutdown-'));
  const port = String(await freePort());
  environment = await testEnvironment(database, simulator.url, {
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: folder,
    SUBMIT_TIMEOUT_MS: String(SUBMIT_TIMEOUT_MS),
    STATUS_TIMEOUT_MS: '1000',
    LEASE_MS: '30000', // Far beyond this spec: work that was kept back is not found by its lease.
    SHUTDOWN_TIMEOUT_MS: String(SHUTDOWN_TIMEOUT_MS),
  });
  key = await makeKey(database, simulator.url, environment);
}, 60_000);
afterAll(async () => {
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
  await database?.drop();
});
beforeEach(async () => {
  server = await startServerProcess(environment, folder);
  client = clientFor(server.url, key);
}, 30_000);
afterEach(async () => {
  if (server.child.exitCode === null && server.child.signalCode === null) await server.end('SIGKILL');
});

const submit = (prompt: string): Promise<{ status: number; body: TaskJson }> =>
  client.submit('image', 'gpt-image-2', { prompt });

const statuses = async (): Promise<Record<string, number>> => {
  const { rows } = await database.pool.query<{ status: string; n: number }>(
    'select status, count(*)::int as n from task group by status',
  );
  return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
};

describe('SIGTERM', () => {
  it('under load: whatever was stored was answered 202, nothing is left half sent, and the next server goes on', async () => {
    const answers = { accepted: [] as string[], refused: 0 };
    let isOver = false;
    const clients = Array.from({ length: 16 }, async (_, c) => {
      for (let n = 0; !isOver; n++) {
        const answer = await submit(`load-${c}-${n}-`).catch(() => null);
        if (answer?.status === 202) answers.accepted.push(answer.body.id);
        else answers.refused += 1;
        if (answer === null) await pause(5);
      }
    });
    while (answers.accepted.length < 150) await pause(5);
    const startedAt = performance.now();
    const code = await server.end('SIGTERM');
    isOver = true;
    await Promise.all(clients);

    expect(code).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS + 2_000);
    const { rows } = await database.pool.query<{ id: string }>('select id from task');
    expect(rows.map(({ id }) => id).sort()).toEqual([...answers.accepted].sort());
    expect(Object.keys(await statuses())).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/submitting|unconfirmed/)]),
    );

    // What was claimed is finished or given back, so nothing waits for its lease.
    const { rows: keptBack } = await database.pool.query(
      "select from task_timer where lane = 'submit' and due_at > clock_timestamp() + interval '5 seconds'",
    );
    expect(keptBack).toHaveLength(0);

    server = await startServerProcess(environment, folder);
    const open = async (): Promise<number> => {
      const { succeeded = 0, ...others } = await statuses();
      return succeeded === answers.accepted.length ? 0 : Object.values(others).reduce((sum, n) => sum + n, 0);
    };
    while ((await open()) > 0) await pause(100);
    expect(simulator.ledger.counts.submits).toBe(answers.accepted.length);
    expect(await server.end('SIGTERM')).toBe(0);
  }, 90_000);

  it('during a call: the answer that comes meanwhile is recorded', async () => {
    const answer = simulator.hold('submit-answer', { contains: 'answered-' });
    const { body } = await submit('answered-');
    await answer.reached();
    const ended = server.end('SIGTERM');
    await pause(200);
    answer.release();
    expect(await ended).toBe(0);
    const { rows } = await database.pool.query(
      'select type from event where stream_id = $1 order by version',
      [body.id],
    );
    expect(rows.map(({ type }: { type: string }) => type).slice(0, 3)).toEqual([
      'TaskSubmitted',
      'SubmissionStarted',
      'SubmissionAccepted',
    ]);
  }, 60_000);

  it('during a call that nobody answers: it says so and ends in time', async () => {
    const call = simulator.hold('submit', { contains: 'unanswered-' });
    const { body } = await submit('unanswered-');
    await call.reached();
    const startedAt = performance.now();
    expect(await server.end('SIGTERM')).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS);
    call.release();
    const { rows } = await database.pool.query('select status from task where id = $1', [body.id]);
    expect(rows).toEqual([{ status: 'unconfirmed' }]);
  }, 60_000);

  it('twice ends it at once', async () => {
    const call = simulator.hold('submit', { contains: 'impatient-' });
    await submit('impatient-');
    await call.reached();
    const startedAt = performance.now();
    const ended = server.end('SIGTERM');
    await pause(100);
    server.child.kill('SIGTERM');
    expect(await ended).toBe(143);
    // The call under way would have kept it for longer.
    expect(performance.now() - startedAt).toBeLessThan(SUBMIT_TIMEOUT_MS);
    call.release();
  }, 60_000);
});
