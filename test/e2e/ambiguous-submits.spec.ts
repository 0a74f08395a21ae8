import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TaskJson, type TestServer } from '../support/server.js';

/*
 * Every way a paid call can end so that nobody knows whether it created a task, and every way out of the doubt: the
 * callback of that very attempt, an operator, the policy, or the end of the wait. Our own death is in crash.spec.ts. Each provider task is real: `+created` makes it although the
 * answer says nothing.
 */

/** As the simulator says it, and how the attempt's outcome is recorded. */
const UNKNOWN: readonly (readonly [fault: string, reason: string])[] = [
  ['submit=hang+created', 'timeout'],
  ['submit=drop+created', 'connection_lost'],
  ['submit=reset+created', 'connection_lost'],
  ['submit=408+created', 'server_error'],
  ['submit=408/html+created', 'server_error'],
  ['submit=500+created', 'server_error'],
  ['submit=502/html+created', 'server_error'],
  ['submit=503/empty+created', 'server_error'],
  ['submit=500/in-200+created', 'server_error'],
  ['submit=504/message+created', 'server_error'],
  ['submit=redirect+created', 'redirect'],
  ['submit=garbage', 'unreadable_answer'],
  ['submit=truncated', 'connection_lost'],
  ['submit=empty', 'unreadable_answer'],
  ['submit=200/html+created', 'unreadable_answer'],
  ['submit-id=none', 'no_task_id'],
  ['submit-id=empty', 'no_task_id'],
  ['submit-id=unusable', 'unusable_task_id'],
];

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer | null = null;
let acme: Client;

const start = async (environment: Record<string, string> = {}): Promise<void> => {
  server = await startTestServer(database, simulator.url, {
    SUBMIT_TIMEOUT_MS: '1000',
    ...environment,
  });
  acme = await server.client();
};
const stop = async (): Promise<void> => {
  await server?.stop();
  server = null;
};

beforeAll(async () => {
  database = await createTestDatabase();
  // So slow that nothing ends by itself: the tests decide.
  simulator = await startSimulator({ speed: 0.001 });
});
afterEach(() => simulator.setFaults());
afterAll(async () => {
  await stop();
  await simulator?.close();
  await database?.drop();
});

let made = 0;
/** A task whose call ended in doubt, and the provider task that nobody was told of. */
const inDoubt = async (fault: string): Promise<{ task: TaskJson; marker: string; providerId: string }> => {
  const marker = `doubt-${++made}-`;
  const { body } = await acme.submit('image', 'gpt-image-2', { prompt: `${marker} [[sim:${fault}]]` });
  const task = await acme.until(body.id, ({ status }) => !['queued', 'submitting'].includes(status));
  const [record] = simulator.ledger.submits({ contains: marker });
  return { task, marker, providerId: record!.taskId! };
};
const submits = (marker: string): number => simulator.ledger.submits({ contains: marker }).length;
const dataOf = async (id: string, type: string): Promise<Record<string, unknown>> =>
  (await acme.events(id)).find((event) => event.type === type)!.data;

describe('in doubt', () => {
  beforeAll(() => start({ BREAKER_FAILURES: '1000' }));
  afterAll(stop);

  it.each(UNKNOWN)(
    '%s: unconfirmed, and the callback of that very attempt ends it',
    async (fault, reason) => {
      const { task, marker, providerId } = await inDoubt(fault);
      expect(task).toMatchObject({
        status: 'unconfirmed',
        provider: { task_id: null },
        error: { code: 'submission_unconfirmed' },
      });
      expect(await dataOf(task.id, 'SubmissionOutcomeUnknown')).toMatchObject({ attempt: 1, reason });
      await server!.settled();
      expect(submits(marker)).toBe(1);

      await simulator.finish(providerId);
      expect(await acme.ended(task.id)).toMatchObject({
        status: 'succeeded',
        attempts: 1,
        provider: { task_id: providerId },
      });
      expect((await dataOf(task.id, 'SubmissionAccepted')).learned_from).toBe('callback');
      expect(submits(marker)).toBe(1);
    },
  );

  it('a callback of an attempt in doubt says "failed": two signs, then it has failed', async () => {
    const { task, providerId } = await inDoubt('submit=drop+created');
    await simulator.fail(providerId);
    expect(await acme.ended(task.id)).toMatchObject({ status: 'failed', error: { code: 'provider_failed' } });
  });

  it('an operator resubmits; the callback of the first attempt comes first, wins, and the second is a surplus', async () => {
    simulator.setFaults('submit=drop+createdx1');
    const { task, marker, providerId } = await inDoubt('callback-delay=0');
    const body = { accept_duplicate_risk: true, reason: 'we cannot wait' };
    expect((await acme.call('POST', `/v1/tasks/${task.id}/resubmit`, body)).status).toBe(200);
    await acme.until(task.id, ({ attempts, provider }) => attempts === 2 && provider.task_id !== null);
    await simulator.finish(providerId);
    expect(await acme.ended(task.id)).toMatchObject({
      status: 'succeeded',
      provider: { task_id: providerId },
    });
    expect(submits(marker)).toBe(2);
    const metrics = await (await fetch(`${server!.url}/metrics`)).text();
    expect(metrics).toContain('genledger_orphans{reason="surplus"} 1');
  });
});

describe('UNCONFIRMED_POLICY=resubmit', () => {
  beforeAll(() =>
    start({
      UNCONFIRMED_POLICY: 'resubmit',
      LEASE_MS: '2000',
      SUBMIT_TIMEOUT_MS: '1000',
      STATUS_TIMEOUT_MS: '1000',
      UNCONFIRMED_WAIT_MS: '100',
    }),
  );
  afterAll(stop);

  it('sends it once more, and not a third time', async () => {
    const marker = 'policy-doubt';
    simulator.setFaults('submit=drop+created');
    const { body } = await acme.submit('image', 'gpt-image-2', { prompt: marker });
    await acme.until(body.id, ({ status, attempts }) => status === 'unconfirmed' && attempts === 2);
    const resubmitted = await dataOf(body.id, 'TaskResubmitted');
    expect(resubmitted).toMatchObject({ by_policy: true, attempt: 2 });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await server!.settled();
    expect(submits(marker)).toBe(2);
    const [, second] = simulator.ledger.submits({ contains: marker });
    await simulator.finish(second!.taskId!);
    expect(await acme.ended(body.id)).toMatchObject({ status: 'succeeded', attempts: 2 });
  }, 20_000);
});

it('expires when nothing ever comes, and a late callback still counts', async () => {
  await start({ TASK_EXPIRES_MS: '500' });
  const { task, providerId } = await inDoubt('submit=drop+created');
  await acme.until(task.id, ({ status }) => status === 'expired');
  await simulator.finish(providerId);
  await acme.until(task.id, ({ status }) => status === 'succeeded');
  expect(await acme.get(task.id)).toMatchObject({ late: true });
  await stop();
}, 20_000);
