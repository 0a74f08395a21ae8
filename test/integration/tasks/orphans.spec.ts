import { CommandBus } from '@nestjs/cqrs';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import {
  Alerts,
  CancelTask,
  EraseTask,
  OrphanReport,
  ResubmitTask,
  TaskWaiter,
  type Alert,
  type ReportedOrphan,
  type TaskView,
} from '../../../src/tasks/index.js';
import { startCore, TASKS_FOR_TESTS } from '../../support/core-application.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * What was paid for nobody, found again; and what somebody is told while it happens. Which attempt is an orphan and why is
 * in src/tasks/domain/orphans.spec.ts.
 */

type Core = Awaited<ReturnType<typeof startCore>>;
let database: TestDatabase;
let simulator: Simulator;
let core: Core;

const CAUSE = { actor: 'key:test', correlationId: null };

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 2000, seed: 7 });
  core = await startCore(database, simulator.url, {
    policy: { ...TASKS_FOR_TESTS.policy, resultGraceMs: 100 },
  });
});
afterEach(() => simulator.setFaults());
afterAll(async () => {
  await core?.close();
  await simulator?.close();
  await database?.drop();
});

const submit = (directive: string): Promise<TaskView> =>
  core.submit('gpt-image-2', { prompt: `A bicycle [[sim:${directive}]]` });
const ended = async (id: string): Promise<TaskView> =>
  (await core.app.get(TaskWaiter).waitForEnd(id, 20_000))!;
const until = async (id: string, isWanted: (task: TaskView) => boolean): Promise<TaskView> => {
  for (;;) {
    const task = await core.find(id);
    if (isWanted(task)) return task;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
const execute = (command: CancelTask | EraseTask | ResubmitTask): Promise<unknown> =>
  core.app.get(CommandBus).execute(command);
const orphansOf = async (id: string): Promise<ReportedOrphan[]> => {
  const found: ReportedOrphan[] = [];
  for await (const orphan of core.app.get(OrphanReport).all()) if (orphan.taskId === id) found.push(orphan);
  return found;
};
const counted = async (reason: ReportedOrphan['reason']): Promise<number> =>
  (await core.app.get(OrphanReport).counts()).get(reason) ?? 0;
const raised = (alert: Alert): number => core.app.get(Alerts).counts.get(alert)!;

it('a delivered task leaves none', async () => {
  const task = await submit('envelope=none');
  expect((await ended(task.id)).status).toBe('succeeded');
  expect(await orphansOf(task.id)).toEqual([]);
});

it('a cancelled task that the provider finished: paid, with its credits; also after it was erased', async () => {
  const task = await submit('duration=400000');
  await until(task.id, (view) => view.provider.taskId !== null);
  const before = await counted('cancelled');
  await execute(new CancelTask(task.id, 'acme', CAUSE));
  expect(await orphansOf(task.id)).toMatchObject([{ reason: 'cancelled', isCertain: false, credits: null }]);
  const done = await until(task.id, (view) => view.provider.status === 'finished');
  const found = {
    taskId: task.id,
    owner: 'acme',
    model: 'gpt-image-2',
    status: 'cancelled',
    attempt: 1,
    providerTaskId: done.provider.taskId,
    reason: 'cancelled',
    isCertain: true,
    credits: expect.any(Number) as number,
    since: done.submittedAt,
  };
  expect(await orphansOf(task.id)).toEqual([found]);
  await execute(new EraseTask(task.id, 'acme', null, CAUSE));
  expect(await orphansOf(task.id)).toEqual([found]);
  expect(await counted('cancelled')).toBe(before + 1);
});

it('a call in doubt: until it is known, and for ever when another attempt was delivered instead', async () => {
  simulator.setFaults('submit=dropx1');
  const alerts = raised('unconfirmed_without_callbacks');
  const task = await core.submit('gpt-image-2', { prompt: 'in doubt' });
  // There is no callback URL here: nobody but an operator can end the doubt, so somebody is told, as soon as it is stored.
  const isTold = (): boolean => raised('unconfirmed_without_callbacks') > alerts;
  await until(task.id, ({ status }) => status === 'unconfirmed' && isTold());
  expect(raised('unconfirmed_without_callbacks')).toBe(alerts + 1);
  expect(await orphansOf(task.id)).toMatchObject([
    { attempt: 1, reason: 'outcome_unknown', providerTaskId: null },
  ]);
  await execute(new ResubmitTask(task.id, 'acme', 'we accept', null, CAUSE));
  expect((await ended(task.id)).status).toBe('succeeded');
  expect(await orphansOf(task.id)).toMatchObject([
    { attempt: 1, reason: 'outcome_unknown', status: 'succeeded' },
  ]);
});

it('an answer that names another task’s id: not bound, reported, and somebody is told', async () => {
  const first = await submit('duration=never');
  await until(first.id, (view) => view.provider.taskId !== null);
  const alerts = raised('conflicting_outcome');
  const task = await submit('submit-id=other');
  await until(task.id, ({ status }) => status === 'unconfirmed');
  expect(await orphansOf(task.id)).toMatchObject([
    { reason: 'outcome_unknown', providerTaskId: null },
    { reason: 'id_in_use', providerTaskId: (await core.find(first.id)).provider.taskId },
  ]);
  expect(raised('conflicting_outcome')).toBe(alerts + 1);
});

it('finished, but the files never came', async () => {
  const task = await submit('count=0');
  expect(await ended(task.id)).toMatchObject({ status: 'failed', error: { code: 'result_missing' } });
  expect(await orphansOf(task.id)).toMatchObject([{ reason: 'result_missing', isCertain: true }]);
});

it('reads that the account is refused are no verdict, and somebody is told', async () => {
  const alerts = raised('status_refused');
  const task = await submit('status=401x2');
  expect((await ended(task.id)).status).toBe('succeeded');
  expect(raised('status_refused')).toBe(alerts + 1);
});

it('report and count find the few by an index that holds them alone', async () => {
  const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(
    `explain select id, position from task where facts ->> 'orphans' is not null and position > 0
      order by position limit 200`,
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('task_orphans');
});
