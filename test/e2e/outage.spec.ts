import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, clientFor, freePort, startTestServer, type TestServer } from '../support/server.js';

/*
 * The provider is away: requests are accepted up to the backlog, and what waited is sent step by step when it is back.
 */

const MAX_OPEN = 60;
const REPLICAS = 2;
const SUBMIT_LATENCY_MS = 200;

let database: TestDatabase;
let folder: string;
let port: number;
let simulator: Simulator | null = null;
let replicas: TestServer[];
let clients: Client[];

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'genledger-outage-'));
  port = await freePort();
  const environment = {
    ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    MAX_OPEN_TASKS: String(MAX_OPEN),
    BREAKER_FAILURES: '3',
    BREAKER_OPEN_MS: '300',
    SUBMIT_RETRY_MAX_MS: '50',
  };
  replicas = [];
  for (let n = 0; n < REPLICAS; n++) {
    const own = { ...environment, DATA_DIR: join(folder, String(n)) };
    replicas.push(await startTestServer(database, `http://127.0.0.1:${port}`, own));
  }
  const { key } = await replicas[0]!.client();
  clients = replicas.map(({ url }) => clientFor(url, key));
});
afterAll(async () => {
  await Promise.all((replicas ?? []).map((replica) => replica.stop()));
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
  await database?.drop();
});

const submit = (client: Client, n: number) =>
  client.submit('image', 'gpt-image-2', { prompt: `outage-${n}- ` });

/**
 * Asks until the answer is this one: a replica learns within a second what the others took, and that a submit which was stored
 * while it counted is one and not two.
 */
const submitUntil = async (client: Client, wanted: number, n = 1_000) => {
  for (;;) {
    const answer = await submit(client, n);
    if (answer.status === wanted) return answer;
    expect(answer.status).toBe(202 + 503 - wanted);
  }
};

it('accepts on up to the backlog, refuses clearly beyond it on every replica, and comes back without a stampede', async () => {
  const ids: string[] = [];
  for (let n = 0; n < MAX_OPEN; n++) {
    const { body } = await submitUntil(clients[0]!, 202, n);
    ids.push(body.id);
  }
  const refused = await submit(clients[0]!, 1_000);
  expect([refused.status, refused.body.code]).toEqual([503, 'overloaded']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  // The other replica was not asked yet: it counts what is there before it takes its first.
  expect((await submit(clients[1]!, 1_000)).status).toBe(503);

  simulator = await startSimulator({ port, speed: 2_000, submitLatencyMs: SUBMIT_LATENCY_MS });
  for (const id of ids) expect((await clients[0]!.ended(id)).status).toBe('succeeded');
  await submitUntil(clients[0]!, 202);

  const calls = simulator.ledger.submits().map(({ at }) => at);
  expect(calls.length).toBeGreaterThanOrEqual(MAX_OPEN);
  // Each replica begins with one call; twice as many follow when they have come through, and so on.
  for (const [step, most] of [1, 3, 7].entries()) {
    const until = calls[0]! + (step + 1) * SUBMIT_LATENCY_MS;
    expect(calls.filter((at) => at < until).length).toBeLessThanOrEqual(REPLICAS * most);
  }
  for (let n = 0; n < MAX_OPEN; n++)
    expect([n, simulator.ledger.submits({ contains: `outage-${n}-` }).length]).toEqual([n, 1]);
}, 90_000);
