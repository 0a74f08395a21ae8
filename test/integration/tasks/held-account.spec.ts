import { CommandBus } from '@nestjs/cqrs';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import {
  CancelTask,
  ProviderAccount,
  ResumeAccount,
  ResumeTask,
  TaskWaiter,
  WaitReason,
  type TaskView,
} from '../../../src/tasks/index.js';
import { startCore } from '../../support/core-application.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * A long queue and an account that refuses: how many calls the provider sees while everything waits, and how the work goes
 * on afterwards. Two replicas, each with the usual 16 calls at once.
 */

type Core = Awaited<ReturnType<typeof startCore>>;

const QUEUED = 10_000;
const CAUSE = { actor: 'cli', correlationId: null };
/** What two replicas may have under way when the first refusal comes. */
const HANDFUL = 8;

let database: TestDatabase;
let simulator: Simulator;
let cores: Core[] = [];

/** Accepted with nobody sending. */
const queue = async (count: number): Promise<TaskView[]> => {
  const core = await startCore(database, simulator.url, { submits: false });
  try {
    const tasks: TaskView[] = [];
    for (let from = 0; from < count; from += 1_000) {
      const some = Array.from({ length: Math.min(1_000, count - from) }, () =>
        core.submit('gpt-image-2', { prompt: 'A red bicycle' }),
      );
      tasks.push(...(await Promise.all(some)));
    }
    return tasks;
  } finally {
    await core.close();
  }
};

const startReplica = async (options: Parameters<typeof startCore>[2] = {}): Promise<void> => {
  cores.push(await startCore(database, simulator.url, options));
};
const startReplicas = async (options: Parameters<typeof startCore>[2] = {}): Promise<void> => {
  for (let i = 0; i < 2; i++) await startReplica(options);
};
const account = (core: Core): ProviderAccount => core.app.get(ProviderAccount);
const calls = (): number => simulator.ledger.counts.submits;
const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const settled = async (): Promise<void> => {
  await Promise.all(cores.map((core) => core.saga.settled()));
};
/** Twenty ticks in which a call could be made by mistake. */
const ticks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_000));
/** Shorter than a call may take: what the gate holds is still waited for. */
const someTicks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));
const resume = (): Promise<unknown> => cores[0]!.app.get(CommandBus).execute(new ResumeAccount(CAUSE));
const count = async (status: string): Promise<number> => {
  const { rows } = await database.pool.query<{ n: number }>(
    'select count(*)::int as n from task where status = $1',
    [status],
  );
  return rows[0]!.n;
};

beforeEach(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 5_000, seed: 9 });
});
afterEach(async () => {
  for (const core of cores) await core.close();
  cores = [];
  await simulator.close();
  await database.drop();
});

it.each([
  ['401', 'key'],
  ['402', 'credits'],
])(
  '%s with 10,000 queued tasks: a handful of calls, then silence; the queue stays queued and says why',
  async (status, scope) => {
    const tasks = await queue(QUEUED);
    simulator.setFaults(`submit=${status}`);
    await startReplicas();
    await until(() => cores.every((core) => account(core).current.pause !== null));
    expect(account(cores[0]!).current.pause!.scope).toBe(scope);
    await settled();
    const made = calls();
    expect(made).toBeLessThanOrEqual(HANDFUL);
    await ticks();
    expect(calls()).toBe(made);
    expect(await count('held')).toBe(made);
    expect(await count('queued')).toBe(QUEUED - made);
    for (const core of cores)
      expect(core.app.get(WaitReason).of({ ...tasks[0]!, status: 'queued' })).toMatchObject({
        code: 'account_paused',
      });

    // Still refused: one call of each replica finds out.
    await resume();
    await until(() => cores.every((core) => account(core).current.pause !== null) && calls() > made);
    await settled();
    await ticks();
    expect(calls() - made).toBeLessThanOrEqual(status === '401' ? 2 : 4);
  },
  100_000,
);

it('a resume begins with one call of each replica, also of one that met no refusal, and doubles from there', async () => {
  await queue(200);
  simulator.setFaults('submit=401');
  await startReplica();
  await until(() => account(cores[0]!).current.pause !== null);
  await settled();
  await startReplica();
  await ticks();
  simulator.setFaults();
  const gate = simulator.hold('submit');
  await resume();
  await gate.reached(2);
  await someTicks();
  expect(gate.waiting).toBe(2);
  gate.releaseOne();
  await gate.reached(4);
  await someTicks();
  expect(gate.waiting).toBe(3);
  gate.release();
  await until(() => simulator.ledger.counts.tasksCreated === 200);
  expect(await count('held')).toBe(0);
}, 60_000);

it('403 pauses the model alone: 10,000 tasks of it wait, and those of another model pass them', async () => {
  await queue(QUEUED);
  simulator.setFaults('submit=403');
  await startReplicas();
  await until(() => cores.every((core) => account(core).current.pausedModels.size === 1));
  await settled();
  const made = calls();
  expect(made).toBeLessThanOrEqual(HANDFUL);
  simulator.setFaults();
  const other = await cores[0]!.submit('flux-2-pro', { prompt: 'A bicycle', size: '1:1', resolution: '1K' });
  const done = await cores[0]!.app.get(TaskWaiter).waitForEnd(other.id, 20_000);
  expect(done!.status).toBe('succeeded');
  expect(calls()).toBe(made + 1);
}, 100_000);

it('402 on one task holds that one alone: it may be too dear for what is left', async () => {
  simulator.setFaults('submit=402x1');
  await startReplicas();
  const dear = await cores[0]!.submit('gpt-image-2', { prompt: 'too dear' });
  await until(() => calls() === 1);
  await settled();
  const cheap = await cores[0]!.submit('gpt-image-2', { prompt: 'cheap' });
  expect((await cores[0]!.app.get(TaskWaiter).waitForEnd(cheap.id, 20_000))!.status).toBe('succeeded');
  expect(await cores[0]!.find(dear.id)).toMatchObject({
    status: 'held',
    error: { code: 'insufficient_credits' },
  });
  expect(account(cores[0]!).current.pause).toBeNull();
}, 60_000);

it('an empty account is probed by one replica with one task, and goes on by itself when it is filled', async () => {
  await queue(50);
  simulator.setFaults('submit=402');
  await startReplicas({ accountProbeMs: 500 });
  await until(() => cores.every((core) => account(core).current.pause !== null));
  await settled();
  const made = calls();
  await until(() => calls() >= made + 2);
  const probes = await database.pool.query("select from event where type = 'AccountProbed'");
  expect(calls() - made).toBeLessThanOrEqual(probes.rowCount!);
  simulator.setFaults();
  await until(() => simulator.ledger.counts.tasksCreated === 50);
  expect(account(cores[0]!).current.pause).toBeNull();
}, 60_000);

/** An empty account: two tasks held, one waiting behind them. */
const emptied = async (): Promise<[first: TaskView, second: TaskView, behind: TaskView]> => {
  simulator.setFaults('submit=402');
  await startReplica({ accountProbeMs: 300 });
  const [core] = cores as [Core];
  const first = await core.submit('gpt-image-2', { prompt: 'first' });
  await until(() => calls() === 1);
  await settled();
  const second = await core.submit('gpt-image-2', { prompt: 'second' });
  await until(() => account(core).current.pause !== null);
  return [first, second, await core.submit('gpt-image-2', { prompt: 'behind' })];
};
const succeeds = async ({ id }: TaskView): Promise<void> =>
  expect((await cores[0]!.app.get(TaskWaiter).waitForEnd(id, 20_000))!.status).toBe('succeeded');

it('goes on being probed when no task is held any more: put off by a probe', async () => {
  const tasks = await emptied();
  simulator.setFaults('submit=429');
  const made = calls();
  await until(() => calls() >= made + 3);
  simulator.setFaults();
  for (const task of tasks) await succeeds(task);
}, 60_000);

it('goes on being probed when no task is held any more: resumed or cancelled by hand', async () => {
  const [first, second, behind] = await emptied();
  await settled();
  const commands = cores[0]!.app.get(CommandBus);
  await commands.execute(new CancelTask(second.id, 'acme', CAUSE));
  // Unless a probe has just taken it.
  await commands.execute(new ResumeTask(first.id, 'acme', 'operator', CAUSE)).catch(() => undefined);
  simulator.setFaults();
  await succeeds(behind);
  await succeeds(first);
}, 60_000);

it('is not probed any more when the key is refused meanwhile', async () => {
  await emptied();
  simulator.setFaults('submit=401');
  await until(() => account(cores[0]!).current.pause?.scope === 'key');
  await settled();
  const made = calls();
  await ticks();
  expect(calls()).toBe(made);
}, 60_000);
