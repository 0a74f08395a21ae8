import { randomBytes } from 'node:crypto';
import { callbackToken } from '../../../src/callbacks/callback-token.js';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { KeyRing } from '../../../src/tasks/sealing/key-ring.js';
import { type Front, startFront } from '../../support/front.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import {
  type Answer,
  clientFor,
  type Client,
  startTestServer,
  type TaskJson,
  type TestServer,
} from '../../support/server.js';

/*
 * Secrets are rotated while two replicas are under load, in the order that SECURITY.md tells: the new one is first known
 * everywhere (old,new), then used (new,old), then alone (new). Each step restarts one replica after the other behind a
 * proxy that drains them. No request and no callback may fail on the way.
 *
 * API keys: keys.spec.ts.
 */

const CLIENTS = 6;
/** Tasks that have to end under each setting before the next one is rolled out. */
const ENOUGH = 15;

let database: TestDatabase;
let simulator: Simulator;
let front: Front;
let replicas: TestServer[];

beforeEach(async () => {
  database = await createTestDatabase();
  // Images take half a second to two: a task often ends under another setting than it was submitted under.
  simulator = await startSimulator({ speed: 60, seed: 8 });
  front = await startFront();
  replicas = [];
});
afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await front?.close();
  await simulator?.close();
  await database?.drop();
});

const start = async (environment: Record<string, string>): Promise<TestServer> => {
  const replica = await startTestServer(database, simulator.url, {
    PUBLIC_URL: front.url,
    // A callback that is refused leaves its task open for the whole test.
    POLL_EXPECTED_MS: '600000',
    POLL_INITIAL_MS: '600000',
    POLL_MAX_MS: '600000',
    ...environment,
  });
  front.add(replica.url);
  return replica;
};

/** One replica after the other gets the new environment; in between both settings are at work side by side. */
const roll = async (clients: Load, environment: Record<string, string>): Promise<void> => {
  for (const [index, replica] of replicas.entries()) {
    if (index > 0) await clients.more(ENOUGH);
    await front.drain(replica.url);
    await replica.stop();
    replicas[index] = await start(environment);
  }
};

interface Load {
  /** Tasks of each setting, by the index of the setting under which they were submitted. */
  readonly ended: TaskJson[];
  /** Resolves when so many more tasks have ended. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Clients that submit, wait for the end through the API, and look everything up again. Any answer but the right one is thrown. */
const load = (client: Client): Load => {
  const ended: TaskJson[] = [];
  const waiting = new Set<() => void>();
  let isOver = false;
  let count = 0;

  const right = <T>(answer: Answer<T>, status: number): T => {
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status });
    return answer.body;
  };
  const caller = async (): Promise<void> => {
    while (!isOver) {
      const n = (count += 1);
      const wish = { model: 'gpt-image-2', input: { prompt: `rotation-${n}` }, metadata: { order: `${n}` } };
      let task = right(await client.call<TaskJson>('POST', '/v1/image/tasks', wish), 202);
      while (task.status !== 'succeeded')
        task = right(await client.call<TaskJson>('GET', `/v1/tasks/${task.id}?wait=10`), 200);
      expect(task.input).toEqual(wish.input);
      ended.push(task);

      // Any earlier task as well: sealed and found whatever the settings were then.
      const earlier = ended[(n * 7) % ended.length]!;
      const again = right(await client.call<TaskJson>('GET', `/v1/tasks/${earlier.id}`), 200);
      expect(again.input).toEqual(earlier.input);
      const order = (earlier.metadata as { order: string }).order;
      const found = right(
        await client.call<{ data: TaskJson[] }>('GET', `/v1/tasks?metadata.order=${order}`),
        200,
      );
      expect(found.data.map(({ id }) => id)).toEqual([earlier.id]);
      for (const wake of waiting) wake();
    }
  };
  const callers = Promise.all(Array.from({ length: CLIENTS }, caller));
  // Whoever waits for more tasks learns at once when a caller has given up.
  const failed = callers.then(() => new Promise<never>(() => undefined));
  failed.catch(() => undefined);
  return {
    ended,
    more: (wanted) => {
      const goal = ended.length + wanted;
      return Promise.race([
        failed,
        new Promise<void>((resolve) => {
          const wake = (): void => {
            if (ended.length < goal) return;
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        }),
      ]);
    },
    stop: async () => {
      isOver = true;
      await callers;
    },
  };
};

/** A client of the front, whose key is made by any replica. */
const clientOf = async (): Promise<Client> => clientFor(front.url, (await replicas[0]!.client()).key);

it('CALLBACK_SECRET: no callback is refused while it is rotated, and none of the old secret is taken afterwards', async () => {
  const [old, young] = [
    'the-old-callback-secret-of-32-characters',
    'the-new-callback-secret-of-32-characters',
  ];
  const logId = (await database.pool.query<{ id: string }>('select id from log_identity')).rows[0]!.id;
  const secretOf = (path: string): 'old' | 'young' => {
    const [, taskId, attempt, token] = /apidot\/([^/]+)\/(\d+)\/([^/]+)$/.exec(path)!;
    const subject = { logId, taskId: taskId!, attempt: Number(attempt) };
    return token === callbackToken(old, subject) ? 'old' : 'young';
  };
  const arrivedSince = (seq: number): { old: number; young: number; refused: unknown[] } => {
    const callbacks = simulator.ledger.callbacks({ after: seq });
    return {
      old: callbacks.filter(({ url }) => secretOf(url) === 'old').length,
      young: callbacks.filter(({ url }) => secretOf(url) === 'young').length,
      refused: callbacks.filter(({ status }) => status !== 200),
    };
  };

  replicas.push(await start({ CALLBACK_SECRET: old }), await start({ CALLBACK_SECRET: old }));
  const clients = load(await clientOf());
  await clients.more(ENOUGH);
  expect(arrivedSince(0)).toMatchObject({ young: 0, refused: [] });

  for (const list of [`${old},${young}`, `${young},${old}`]) {
    await roll(clients, { CALLBACK_SECRET: list });
    const seq = simulator.ledger.head;
    await clients.more(ENOUGH);
    // The provider replays callbacks of long ago: those of the old secret keep coming.
    const [first] = clients.ended;
    await simulator.redeliver((first!.provider as { task_id: string }).task_id);
    const arrived = arrivedSince(seq);
    expect(arrived.old).toBeGreaterThan(0);
    if (list.startsWith(young)) expect(arrived.young).toBeGreaterThan(ENOUGH / 2);
  }
  await roll(clients, { CALLBACK_SECRET: young });
  await clients.more(ENOUGH);
  await clients.stop();
  expect(arrivedSince(0)).toMatchObject({ refused: [] });

  const eventsOf = async (): Promise<number> =>
    (await database.pool.query<{ n: number }>('select count(*)::int as n from event')).rows[0]!.n;
  const before = await eventsOf();
  const early = clients.ended[0]!.provider.task_id!;
  expect(await simulator.redeliver(early)).toMatchObject({ status: 404 });
  expect(await eventsOf()).toBe(before);
  expect(await simulator.redeliver(clients.ended.at(-1)!.provider.task_id!)).toMatchObject({ status: 200 });
}, 120_000);

it('ENCRYPTION_KEY: everything stays readable and is found while it is rotated and rewrapped in the background', async () => {
  const [old, young] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64')) as [
    string,
    string,
  ];
  const wrappedBy = async (key: string): Promise<number> => {
    const { rows } = await database.pool.query<{ n: number }>(
      `select (select count(*) from task_key where key_id = $1)::int + (select count(*) from log_key where key_id = $1)::int as n`,
      [new KeyRing([key]).newest],
    );
    return rows[0]!.n;
  };

  replicas.push(await start({ ENCRYPTION_KEY: old }), await start({ ENCRYPTION_KEY: old }));
  const client = await clientOf();
  const clients = load(client);
  await clients.more(ENOUGH);
  await roll(clients, { ENCRYPTION_KEY: `${old},${young}` });
  await clients.more(ENOUGH);
  expect(await wrappedBy(young)).toBe(0);

  await roll(clients, { ENCRYPTION_KEY: `${young},${old}` });
  // The walk of the replica that started last, beside the load, meets everything that was wrapped by the old key.
  while ((await wrappedBy(old)) > 0) await clients.more(1);
  await clients.more(ENOUGH);
  expect(await wrappedBy(old)).toBe(0);

  await roll(clients, { ENCRYPTION_KEY: young });
  await clients.more(ENOUGH);
  await clients.stop();
  for (const { id, input } of clients.ended) expect((await client.get(id)).input).toEqual(input);
  expect(await wrappedBy(young)).toBe(clients.ended.length + 1);
}, 120_000);
