import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyProjection } from '../../src/event-store/index.js';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { taskProjection } from '../../src/tasks/index.js';
import { type AppendGate, createAppendGate } from '../support/append-gate.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';
import {
  type Answer,
  type Client,
  clientFor,
  freePort,
  makeKey,
  type TaskJson,
  testEnvironment,
} from '../support/server.js';

/*
 * The crash table: at each line a real process is killed, or frozen for longer than its lease, between two named steps.
 * Afterwards nothing accepted is missing, no intent was created twice, what may have been created says so, and every row
 * equals the replay of its stream.
 *
 * Steps are reached by holding: the provider holds a call or its answer, the database holds the append of an event (which
 * then commits without its sender, or never was). Nothing waits for a while and hopes.
 *
 * Two lines of the table lie elsewhere: the middle of a rebuild is killed in test/integration/projections, PostgreSQL is
 * stopped under load in crash-table-postgres.spec.ts.
 */

const LEASE_MS = 2_000;

let database: TestDatabase;
let gate: AppendGate;
let simulator: Simulator;
let folder: string;
let environment: Record<string, string | undefined>;
let client: Client;
let server: ServerProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  gate = await createAppendGate(database);
  simulator = await startSimulator({ seed: 5, callbacks: { retryDelaysMs: [] } });
  folder = await mkdtemp(join(tmpdir(), 'genledger-crash-table-'));
  const ENCRYPTION_KEY = randomBytes(32).toString('base64');
  const key = await makeKey(database, simulator.url, { DATA_DIR: folder, ENCRYPTION_KEY });
  const port = String(await freePort());
  environment = await testEnvironment(database, simulator.url, {
    ENCRYPTION_KEY,
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: join(folder, 'first'),
    SUBMIT_TIMEOUT_MS: '1000',
    STATUS_TIMEOUT_MS: '1000',
    LEASE_MS: String(LEASE_MS),
    POLL_EXPECTED_MS: '200',
    LOG_LEVEL: 'error',
  });
  server = await startServerProcess(environment, folder);
  client = clientFor(server.url, key);
}, 60_000);
afterAll(async () => {
  await server?.end('SIGKILL');
  await simulator?.close();
  await gate?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const kill = async (): Promise<void> => void (await server.end('SIGKILL'));

const restart = async (): Promise<void> => {
  server = await startServerProcess(environment, folder);
};

/** One intent, told by its marker from all others, at the provider too. It ends there when it is told to. */
class Intent {
  private static count = 0;
  private readonly marker = `intent-${(Intent.count += 1)}-`;
  id = '';

  /** Again and again, as an honest client does: always the same task. */
  async submit(): Promise<Answer<TaskJson>> {
    const input = { prompt: `${this.marker} [[sim:duration=never]]` };
    const answer = await client.submit('image', 'gpt-image-2', input, { 'idempotency-key': this.marker });
    this.id = answer.body.id;
    return answer;
  }

  /** For a submit whose server dies. */
  async submitInVain(): Promise<void> {
    await expect(this.submit()).rejects.toThrow();
  }

  hold(point: Parameters<Simulator['hold']>[0]): ReturnType<Simulator['hold']> {
    return simulator.hold(point, { contains: this.marker });
  }

  /** Calls to submit that the provider received. */
  get calls(): number {
    return simulator.ledger.submits({ contains: this.marker }).length;
  }

  /** The provider's id of the only task it made for this intent. */
  get providerId(): string {
    const made = simulator.ledger.submits({ contains: this.marker }).filter(({ taskId }) => taskId !== null);
    expect(made).toHaveLength(1);
    return made[0]!.taskId!;
  }

  async finish(): Promise<void> {
    await simulator.nextSubmit({ contains: this.marker, after: 0 });
    await simulator.finish(this.providerId);
  }

  until(status: string): Promise<TaskJson> {
    return client.until(this.id, (task) => task.status === status);
  }

  async events(): Promise<string[]> {
    return (await client.events(this.id)).map(({ type }) => type);
  }

  /** The end of every line: delivered, and paid once. */
  async expectDelivered(): Promise<void> {
    const task = await this.until('succeeded');
    expect(task.provider.task_id).toBe(this.providerId);
    const { body } = await client.call('GET', `/v1/tasks/${this.id}/replay`);
    expect(body.task).toEqual(await client.get(this.id));
  }
}

const expectEveryRowEqualsItsReplay = async (): Promise<void> => {
  const { url, schema } = database;
  const verification = await verifyProjection(taskProjection, { connection: { url, schema } });
  expect(verification).toMatchObject({ isComplete: true, differences: [] });
};

interface Line {
  readonly point: string;
  /** Brings the server to the point and kills it there. */
  readonly kill: (intent: Intent) => Promise<void>;
  /** After the restart, until it is delivered. */
  readonly recover: (intent: Intent) => Promise<void>;
}

/** Nobody knows whether it was created, and it says so; the provider's callback settles it. */
const settledByCallback = async (intent: Intent): Promise<void> => {
  const { error } = await intent.until('unconfirmed');
  expect(error!.code).toBe('submission_unconfirmed');
  await intent.finish();
};

const KILLED: readonly Line[] = [
  {
    point: 'before TaskSubmitted commits',
    kill: async (intent) => {
      const append = await gate.hold('TaskSubmitted');
      const submit = intent.submitInVain();
      await append.reached();
      await kill();
      await append.discard();
      await submit;
    },
    recover: async (intent) => {
      const again = await intent.submit();
      expect(again.status).toBe(202);
      expect(again.headers.get('idempotency-replayed')).toBeNull();
      await intent.finish();
    },
  },
  {
    point: 'after TaskSubmitted was committed, before the 202',
    kill: async (intent) => {
      const append = await gate.hold('TaskSubmitted');
      const submit = intent.submitInVain();
      await append.reached();
      await kill();
      await append.letThrough();
      await submit;
    },
    recover: async (intent) => {
      const again = await intent.submit();
      expect(again.status).toBe(202);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      await intent.finish();
    },
  },
  {
    point: 'after SubmissionStarted, before the call',
    kill: async (intent) => {
      const append = await gate.hold('SubmissionStarted');
      await intent.submit();
      await append.reached();
      await kill();
      await append.letThrough();
    },
    recover: async (intent) => {
      await intent.until('unconfirmed');
      expect(intent.calls).toBe(0);
      const risk = { accept_duplicate_risk: true, reason: 'the provider knows nothing of it' };
      expect((await client.call('POST', `/v1/tasks/${intent.id}/resubmit`, risk)).status).toBe(200);
      await intent.finish();
      expect(await intent.events()).toContain('TaskResubmitted');
    },
  },
  {
    point: 'during the call, before the provider has created anything',
    kill: async (intent) => {
      const call = intent.hold('submit');
      await intent.submit();
      await call.reached();
      await kill();
      call.release();
    },
    recover: settledByCallback,
  },
  {
    point: 'during the call, after the provider has created the task',
    kill: async (intent) => {
      const answer = intent.hold('submit-answer');
      await intent.submit();
      await answer.reached();
      await kill();
      answer.release();
    },
    recover: settledByCallback,
  },
  {
    point: 'after the call, before SubmissionAccepted',
    kill: async (intent) => {
      const append = await gate.hold('SubmissionAccepted');
      await intent.submit();
      await append.reached();
      await kill();
      await append.discard();
    },
    recover: settledByCallback,
  },
  {
    point: 'after SubmissionAccepted was committed, before anything else',
    kill: async (intent) => {
      const append = await gate.hold('SubmissionAccepted');
      await intent.submit();
      await append.reached();
      await kill();
      await append.letThrough();
    },
    recover: (intent) => intent.finish(),
  },
  {
    point: 'after CallbackReceived, before the 200',
    kill: async (intent) => {
      await intent.submit();
      await intent.until('submitted');
      const append = await gate.hold('CallbackReceived');
      const callback = intent.finish();
      await append.reached();
      await kill();
      await append.letThrough();
      await callback;
    },
    recover: async (intent) => {
      // Nobody told the provider that it had arrived.
      const again = await simulator.redeliver(intent.providerId);
      expect(again.status).toBe(200);
      await intent.until('succeeded');
      const { body } = await client.call<{ data: { verdict: string }[] }>(
        'GET',
        `/v1/tasks/${intent.id}/callbacks`,
      );
      expect(body.data.map(({ verdict }) => verdict)).toEqual(['accepted', 'duplicate']);
    },
  },
  {
    point: 'after a poll, before its event',
    kill: async (intent) => {
      await intent.submit();
      const append = await gate.hold('StatusPolled');
      await append.reached();
      await kill();
      await append.discard();
    },
    recover: (intent) => intent.finish(),
  },
];

it.each(KILLED)(
  'killed $point',
  async (line) => {
    const intent = new Intent();
    await line.kill(intent);
    await restart();
    await line.recover(intent);
    await intent.expectDelivered();
    await expectEveryRowEqualsItsReplay();
  },
  60_000,
);

describe('Frozen for longer than the lease, while another replica works', () => {
  let other: ServerProcess;

  beforeAll(async () => {
    const port = String(await freePort());
    other = await startServerProcess(
      { ...environment, PORT: port, DATA_DIR: join(folder, 'second') },
      folder,
    );
    client = clientFor(other.url, client.key);
    other.child.kill('SIGSTOP');
  }, 60_000);
  afterEach(() => void other?.child.kill('SIGSTOP'));
  afterAll(async () => void (await other?.end('SIGKILL')));

  /** Submitted through the server that is frozen next. */
  const submitHere = async (intent: Intent): Promise<void> => {
    const there = client;
    client = clientFor(server.url, there.key);
    await intent.submit();
    client = there;
  };

  const freeze = (): void => {
    server.child.kill('SIGSTOP');
    other.child.kill('SIGCONT');
  };

  const thaw = (): void => void server.child.kill('SIGCONT');

  it('before SubmissionStarted is committed: the other one submits, and it does not', async () => {
    const intent = new Intent();
    const append = await gate.hold('SubmissionStarted');
    await submitHere(intent);
    await append.reached();
    freeze();
    await append.discard();
    await intent.until('submitted');
    thaw();
    await intent.finish();
    await intent.expectDelivered();
    expect(intent.calls).toBe(1);
    expect((await intent.events()).filter((type) => type === 'SubmissionStarted')).toHaveLength(1);
    await expectEveryRowEqualsItsReplay();
  }, 60_000);

  it('after SubmissionStarted, before the call: it wakes and does not call', async () => {
    const intent = new Intent();
    const append = await gate.hold('SubmissionStarted');
    await submitHere(intent);
    await append.reached();
    freeze();
    await append.letThrough();
    await intent.until('unconfirmed');
    thaw();
    // It says that it has sent nothing, which is a fact, and so the task may be sent again.
    await intent.until('submitted');
    const events = await client.events(intent.id);
    expect(events.slice(0, 5).map(({ type }) => type)).toEqual([
      'TaskSubmitted',
      'SubmissionStarted',
      'SubmissionOutcomeUnknown',
      'SubmissionDeferred',
      'SubmissionStarted',
    ]);
    expect(events[3]!.data).toMatchObject({ attempt: 1, reason: 'not_sent' });
    expect(intent.calls).toBe(1);
    await intent.finish();
    await intent.expectDelivered();
    await expectEveryRowEqualsItsReplay();
  }, 60_000);

  it('during the call: nothing is sent again', async () => {
    const intent = new Intent();
    const call = intent.hold('submit');
    await submitHere(intent);
    await call.reached();
    freeze();
    await intent.until('unconfirmed');
    thaw();
    call.release();
    await intent.finish();
    await intent.expectDelivered();
    expect(intent.calls).toBe(1);
    await expectEveryRowEqualsItsReplay();
  }, 60_000);

  it('after the call, before SubmissionAccepted: the answer it still holds is recorded', async () => {
    const intent = new Intent();
    const append = await gate.hold('SubmissionAccepted');
    await submitHere(intent);
    await append.reached();
    freeze();
    await append.discard();
    await intent.until('unconfirmed');
    thaw();
    await intent.until('submitted');
    const types = await intent.events();
    expect(types.indexOf('SubmissionAccepted')).toBeGreaterThan(types.indexOf('SubmissionOutcomeUnknown'));
    await intent.finish();
    await intent.expectDelivered();
    expect(intent.calls).toBe(1);
    await expectEveryRowEqualsItsReplay();
  }, 60_000);
});
