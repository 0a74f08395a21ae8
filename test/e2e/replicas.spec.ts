import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { type Front, startFront } from '../support/front.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import {
  type Answer,
  clientFor,
  freePort,
  makeKey,
  type TaskJson,
  testEnvironment,
} from '../support/server.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';

/*
 * Several server processes on one PostgreSQL: work is shared, restarts are not noticed, and a frozen process that wakes
 * does nothing but tell what it knows.
 */

const SECRETS = { ENCRYPTION_KEY: randomBytes(32).toString('base64') };
const LEASE_MS = 6_000;

let database: TestDatabase;
let simulator: Simulator;
let folder: string;
let key: string;
let front: Front;
const running = new Set<ServerProcess>();

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 200, seed: 3, submitLatencyMs: 20 });
  folder = await mkdtemp(join(tmpdir(), 'genledger-replicas-'));
  key = await makeKey(database, simulator.url, { ...SECRETS, DATA_DIR: folder });
  front = await startFront();
});
afterAll(async () => {
  await front?.close();
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
  await database?.drop();
});
afterEach(async () => {
  simulator.setFaults();
  await Promise.all([...running].map(kill));
});

/** A replica with a folder and a port of its own; started again on the same ones, it is the same replica. */
const environmentOf = async (name: string): Promise<Record<string, string | undefined>> =>
  testEnvironment(database, simulator.url, {
    ...SECRETS,
    PORT: String(await freePort()),
    DATA_DIR: join(folder, name),
    LEASE_MS: String(LEASE_MS),
    POLL_EXPECTED_MS: '1000',
    LOG_LEVEL: 'error',
  });

const start = async (environment: Record<string, string | undefined>): Promise<ServerProcess> => {
  const port = environment.PORT!;
  const replica = await startServerProcess(
    { ...environment, PUBLIC_URL: `http://127.0.0.1:${port}` },
    folder,
  );
  running.add(replica);
  return replica;
};

const stop = async (replica: ServerProcess): Promise<void> => {
  running.delete(replica);
  expect(await replica.end('SIGTERM')).toBe(0);
};

const kill = async (replica: ServerProcess): Promise<void> => {
  running.delete(replica);
  await replica.end('SIGKILL');
};

const submitsWith = (text: string): number => simulator.ledger.submits({ contains: text }).length;

const submitCallsOf = async ({ url }: ServerProcess): Promise<number> => {
  // Not kept alive: a kept connection would be used again just when the server closes it.
  const text = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text();
  return [...text.matchAll(/^genledger_provider_calls_total\{operation="submit".* (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
};

it('three replicas under load, each restarted once: no client sees an error, and no task is sent twice', async () => {
  const environments = await Promise.all(['a', 'b', 'c'].map(environmentOf));
  const replicas = await Promise.all(environments.map(start));
  for (const { url } of replicas) front.add(url);
  // Not kept alive, so that each request goes to the replica whose turn it is.
  const ask = (method: string, path: string, body?: object): Promise<Answer<TaskJson>> =>
    clientFor(front.url, key).call<TaskJson>(method, path, body, { connection: 'close' });
  const spread: number[] = [];
  let isOver = false;
  let submitted = 0;
  let ended = 0;
  const reached = new Map<number, () => void>();
  const after = (more: number): Promise<void> => new Promise((resolve) => reached.set(ended + more, resolve));
  const client = async (): Promise<void> => {
    while (!isOver) {
      const n = submitted++;
      const input = { prompt: `roll-${n}- ` };
      const { status, body } = await ask('POST', '/v1/image/tasks', { model: 'gpt-image-2', input });
      expect([n, status]).toEqual([n, 202]);
      for (let task = body; task.status !== 'succeeded';) {
        const answer = await ask('GET', `/v1/tasks/${task.id}?wait=10`);
        expect([n, answer.status, answer.body.status]).toEqual([n, 200, expect.not.stringMatching('failed')]);
        task = answer.body;
      }
      reached.get(++ended)?.();
    }
  };
  const restarts = async (): Promise<void> => {
    for (const [index, environment] of environments.entries()) {
      await after(50);
      spread.push(await submitCallsOf(replicas[index]!));
      // As an operator does it: no request goes to a replica that is about to be stopped.
      await front.drain(replicas[index]!.url);
      await stop(replicas[index]!);
      await after(20);
      replicas[index] = await start(environment);
      front.add(replicas[index].url);
    }
    await after(50);
    isOver = true;
  };
  await Promise.all([restarts(), ...Array.from({ length: 12 }, client)]);

  expect(ended).toBe(submitted);
  for (let n = 0; n < submitted; n++) expect([n, submitsWith(`roll-${n}-`)]).toEqual([n, 1]);
  expect(simulator.ledger.counts.tasksCreated).toBe(submitted);
  // Each did its part before it was stopped.
  for (const calls of spread) expect(calls).toBeGreaterThan(0);
  await Promise.all(replicas.map(stop));
}, 240_000);

describe('a frozen replica', () => {
  let frozen: ServerProcess;
  let other: ServerProcess;
  const freeze = (): void => void frozen.child.kill('SIGSTOP');
  const wake = (): void => void frozen.child.kill('SIGCONT');

  beforeEach(async () => {
    frozen = await start(await environmentOf(`frozen-${randomBytes(3).toString('hex')}`));
  });

  const types = async (id: string): Promise<string[]> =>
    (await clientFor(other.url, key).events(id)).map(({ type }) => type);

  it('that holds an answer of the provider records it when it wakes, after the lease has run out', async () => {
    const gate = simulator.hold('submit-answer', { contains: 'answer-held-' });
    const { body } = await clientFor(frozen.url, key).submit('image', 'gpt-image-2', {
      prompt: 'answer-held- [[sim:callback-never;duration=1000]]',
    });
    await gate.reached();
    freeze();
    gate.release();
    other = await start(await environmentOf('other-1'));
    const client = clientFor(other.url, key);
    await client.until(body.id, ({ status }) => status === 'unconfirmed');
    wake();
    expect((await client.until(body.id, ({ status }) => status === 'succeeded')).status).toBe('succeeded');
    expect(submitsWith('answer-held-')).toBe(1);
    expect((await types(body.id)).slice(0, 4)).toEqual([
      'TaskSubmitted',
      'SubmissionStarted',
      'SubmissionOutcomeUnknown',
      'SubmissionAccepted',
    ]);
  }, 60_000);

  it('whose attempt was recorded while it stood still does not call when it wakes', async () => {
    // The first answer is 429, so that there is time to close the log before the second attempt.
    simulator.setFaults('submit=429:1x1');
    const first = simulator.nextSubmit({ contains: 'started-frozen-' });
    const { body } = await clientFor(frozen.url, key).submit('image', 'gpt-image-2', {
      prompt: 'started-frozen- [[sim:callback-never;duration=1000]]',
    });
    await first;
    await clientFor(frozen.url, key).until(
      body.id,
      ({ status, version }) => status === 'queued' && version >= 3,
    );
    const lock = await database.pool.connect();
    await lock.query('select pg_advisory_lock(log_lock_key())');
    await appendWaits();
    freeze();
    await lock.query('select pg_advisory_unlock(log_lock_key())');
    lock.release();

    other = await start(await environmentOf('other-2'));
    const client = clientFor(other.url, key);
    await client.until(body.id, ({ status }) => status === 'unconfirmed');
    expect(submitsWith('started-frozen-')).toBe(1);
    wake();
    await client.until(body.id, ({ status }) => status === 'succeeded');
    expect((await types(body.id)).slice(0, 8)).toEqual([
      'TaskSubmitted',
      'SubmissionStarted',
      'SubmissionDeferred',
      'SubmissionStarted',
      'SubmissionOutcomeUnknown',
      'SubmissionDeferred',
      'SubmissionStarted',
      'SubmissionAccepted',
    ]);
    expect(submitsWith('started-frozen-')).toBe(2);
  }, 60_000);

  /** Resolves when an append stands at the closed log. */
  const appendWaits = async (): Promise<void> => {
    for (let isWaiting = false; !isWaiting;) {
      const { rowCount } = await database.pool.query(
        `select from pg_locks where locktype = 'advisory' and not granted
           and database = (select oid from pg_database where datname = current_database())`,
      );
      isWaiting = rowCount! > 0;
    }
  };
});
