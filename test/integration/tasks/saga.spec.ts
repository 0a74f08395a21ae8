import { jest } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import {
  CancelTask,
  Provider,
  ProviderAccount,
  ReceiveCallback,
  ResubmitTask,
  ResumeAccount,
  ResumeTask,
  TaskHistory,
  TaskWaiter,
  type TaskView,
} from '../../../src/tasks/index.js';
import { RecordReading } from '../../../src/tasks/commands/record-reading/record-reading.command.js';
import { startCore, TASKS_FOR_TESTS } from '../../support/core-application.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * The saga against the simulator over real HTTP, without callbacks: what polling alone must achieve, and what every way a
 * submit can end leads to.
 */

type Core = Awaited<ReturnType<typeof startCore>>;
let database: TestDatabase;
let simulator: Simulator;
let core: Core;

const CAUSE = { actor: 'key:test', correlationId: null };

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 2000, seed: 7 });
  core = await startCore(database, simulator.url);
});
afterEach(() => simulator.setFaults());
afterAll(async () => {
  await core?.close();
  await simulator?.close();
  await database?.drop();
});

const submit = (directive = '', prompt = 'A red bicycle'): Promise<TaskView> =>
  core.submit('gpt-image-2', { prompt: directive ? `${prompt} [[sim:${directive}]]` : prompt });

const ended = async (id: string): Promise<TaskView> =>
  (await core.app.get(TaskWaiter).waitForEnd(id, 20_000))!;

/** Waits for commits until the task looks as wanted. */
const until = async (id: string, isWanted: (task: TaskView) => boolean): Promise<TaskView> => {
  for (;;) {
    const task = await core.find(id);
    if (isWanted(task)) return task;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const reaches = (id: string, status: TaskView['status']): Promise<TaskView> =>
  until(id, (task) => task.status === status);

const eventTypes = async (id: string): Promise<string[]> =>
  (await core.app.get(TaskHistory).events(id, 0, 1000)).map((event) => event.type);

const submitsWith = (text: string): number =>
  simulator.ledger.submits().filter((s) => s.text.includes(text)).length;

describe('a task that goes well', () => {
  it('is carried from the intent to its files by polling alone, and its row is what the log says', async () => {
    const task = await submit();
    expect(task.status).toBe('queued');
    const done = await ended(task.id);
    expect(done).toMatchObject({ status: 'succeeded', progress: 100, attempts: 1, error: null });
    expect(done.result!.files).toHaveLength(1);
    expect((await fetch(done.result!.files[0]!.url!)).status).toBe(200);
    const replay = await core.app.get(TaskHistory).replay(task.id);
    expect({ ...replay!.task, lastCheckedAt: null }).toEqual({ ...done, lastCheckedAt: null });
  });

  it.each([
    ['image', 'flux-2-pro', { prompt: 'A red bicycle', size: '1:1', resolution: '1K' }, 1],
    ['video', 'seedance-2', { prompt: 'A red bicycle rolls', duration: 5, resolution: '720p' }, 1],
    ['music', 'generate-music', { prompt: 'A song', custom_mode: false, instrumental: false, mv: 'V4' }, 2],
    ['3d', 'meshy-6-text-to-3d', { prompt: 'A small stool', mode: 'full' }, 2],
  ])('%s: %s ends with its files', async (domain, model, input, files) => {
    const task = await core.submit(model, input, { domain });
    const done = await ended(task.id);
    expect(done.status).toBe('succeeded');
    expect(done.result!.files).toHaveLength(files);
  });

  it.each([
    'files=output',
    'envelope=none',
    'code=0',
    'code=text',
    'omit=progress+credits_amount',
    'credits=text',
    'word=success',
    'word=processing',
  ])('succeeds also when the provider says it in another way: %s', async (directive) => {
    const task = await submit(directive);
    expect((await ended(task.id)).status).toBe('succeeded');
  });
});

describe('a submit whose outcome is certain', () => {
  it('refused by the provider: failed, never sent again', async () => {
    const task = await submit('submit=400', 'refuse-me');
    const done = await ended(task.id);
    expect(done).toMatchObject({ status: 'failed', error: { code: 'provider_rejected', retryable: false } });
    expect(submitsWith('refuse-me')).toBe(1);
    await expect(
      core.app.get(CommandBus).execute(new ResubmitTask(task.id, 'acme', 'why not', null, CAUSE)),
    ).rejects.toMatchObject({ category: 'conflict' });
  });

  it('429 first: deferred, then sent again and carried to the end', async () => {
    simulator.setFaults('submit=429x2');
    const task = await submit('', 'too-many');
    expect((await ended(task.id)).status).toBe('succeeded');
    expect(
      (await eventTypes(task.id)).filter((type) => type === 'SubmissionDeferred').length,
    ).toBeGreaterThan(0);
  });

  it('failed by the provider: needs two reads, then failed', async () => {
    const task = await submit('fail=Nothing to see');
    const done = await ended(task.id);
    expect(done).toMatchObject({
      status: 'failed',
      error: { code: 'provider_failed', message: 'Nothing to see' },
    });
    const types = await eventTypes(task.id);
    expect(types.filter((type) => type === 'StatusPolled').length).toBeGreaterThanOrEqual(2);
  });
});

describe('a submit whose outcome is unknown', () => {
  it.each([
    'submit=drop',
    'submit=500',
    'submit=garbage',
    'submit=200/html',
    'submit-id=none',
    'submit=redirect',
    'submit=408',
  ])('%s: unconfirmed, nothing is sent again by itself', async (directive) => {
    const marker = `unknown-${directive}`;
    const task = await submit(directive, marker);
    const stuck = await reaches(task.id, 'unconfirmed');
    expect(stuck.error).toMatchObject({ code: 'submission_unconfirmed', retryable: true });
    await core.saga.runOnce();
    expect(submitsWith(marker)).toBe(1);
  });

  it('resubmitted by somebody who accepts the risk: a second attempt, and a success', async () => {
    simulator.setFaults('submit=dropx1');
    const task = await submit('', 'again-please');
    await reaches(task.id, 'unconfirmed');
    await core.app.get(CommandBus).execute(new ResubmitTask(task.id, 'acme', 'we accept', null, CAUSE));
    const done = await ended(task.id);
    expect(done).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(await eventTypes(task.id)).toContain('TaskResubmitted');
  });

  it('resubmitted, and a callback of the first attempt comes after the second was claimed: it is looked at, nothing is sent', async () => {
    simulator.setFaults('submit=drop+createdx1');
    const task = await submit('', 'just-in-time');
    await reaches(task.id, 'unconfirmed');
    const { taskId: providerId } = simulator.ledger.submits({ contains: 'just-in-time' })[0]!;
    const provider = core.app.get(Provider);
    const admit = provider.admit.bind(provider);
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const isClaimed = new Promise<void>((resolve) => {
      jest.spyOn(provider, 'admit').mockImplementation(async (operation) => {
        if (operation === 'submit') {
          resolve();
          await gate;
        }
        return admit(operation);
      });
    });
    try {
      const commands = core.app.get(CommandBus);
      await commands.execute(new ResubmitTask(task.id, 'acme', 'we accept', null, CAUSE));
      await isClaimed;
      const body = Buffer.from(
        JSON.stringify({ code: 200, data: { task_id: providerId, status: 'finished' } }),
      );
      await commands.execute(new ReceiveCallback(task.id, 1, body, {}, CAUSE));
      goOn();
      expect(await ended(task.id)).toMatchObject({ status: 'succeeded', attempts: 1 });
      expect(simulator.ledger.submits({ contains: 'just-in-time' })).toHaveLength(1);
    } finally {
      goOn();
      jest.restoreAllMocks();
    }
  });

  it('resubmitted and kept waiting by its account: what the provider finished meanwhile is found, nothing is sent', async () => {
    const ownDatabase = await createTestDatabase();
    const slow = await startSimulator({ speed: 0.001 });
    const policy = { ...TASKS_FOR_TESTS.policy, expiresMs: 300 };
    const own = await startCore(ownDatabase, slow.url, { policy });
    const commands = own.app.get(CommandBus);
    const waiter = own.app.get(TaskWaiter);
    const make = (prompt: string): Promise<TaskView> => own.submit('gpt-image-2', { prompt });
    try {
      const first = await make('paid-once');
      expect((await waiter.waitForEnd(first.id, 20_000))!.status).toBe('expired');
      slow.setFaults('submit=401x1');
      const refused = await make('refused');
      while ((await own.find(refused.id)).status !== 'held' || !own.app.get(ProviderAccount).current.pause)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await commands.execute(new ResubmitTask(first.id, 'acme', 'we accept', null, CAUSE));
      expect((await own.find(first.id)).status).toBe('queued');
      const paid = slow.ledger.submits({ contains: 'paid-once' })[0]!.taskId!;
      await slow.finish(paid);
      await new Promise((resolve) => setTimeout(resolve, TASKS_FOR_TESTS.timing.pollCapMs! + 50));
      await commands.execute(new ResumeAccount(CAUSE));
      expect(await waiter.waitForEnd(first.id, 20_000)).toMatchObject({ status: 'succeeded', attempts: 1 });
      expect(slow.ledger.submits({ contains: 'paid-once' })).toHaveLength(1);
    } finally {
      await own.close();
      await slow.close();
      await ownDatabase.drop();
    }
  });

  it('the policy is silent about a task whose turn it is not, or no longer', async () => {
    simulator.setFaults('submit=dropx1');
    const task = await submit('', 'not-its-turn');
    await reaches(task.id, 'unconfirmed');
    const byPolicy = new ResubmitTask(task.id, null, 'no callback came', new Date(), CAUSE);
    await core.app.get(CommandBus).execute(byPolicy);
    expect(await eventTypes(task.id)).not.toContain('TaskResubmitted');
  });

  it('failed because its files never came: resubmitted although the provider goes on saying finished', async () => {
    const policy = { ...TASKS_FOR_TESTS.policy, resultGraceMs: 100 };
    const impatient = await startCore(database, simulator.url, { policy });
    try {
      const task = await submit('count=0');
      expect((await ended(task.id)).error).toMatchObject({ code: 'result_missing', retryable: true });
      await core.app.get(CommandBus).execute(new ResubmitTask(task.id, 'acme', 'we accept', null, CAUSE));
      expect(await eventTypes(task.id)).toContain('TaskResubmitted');
    } finally {
      await impatient.close();
    }
  });

  it('an id in the answer counts, however odd the answer', async () => {
    const task = await submit('error-with-id');
    expect((await ended(task.id)).status).toBe('succeeded');
  });

  it('an id that belongs to a task of another owner is not bound, also under another key', async () => {
    const theirs = await core.submit('gpt-image-2', { prompt: 'theirs' }, { owner: 'other' });
    await ended(theirs.id);
    const id = (await core.find(theirs.id)).provider.taskId!;
    simulator.setFaults('submit=dropx1');
    const task = await submit('', 'not-theirs');
    await reaches(task.id, 'unconfirmed');
    const provider = core.app.get(Provider, { strict: false });
    const reading = await provider.status(id);
    expect(reading.kind).toBe('read');
    for (const account of [provider.account, 'f'.repeat(16)]) {
      const own = jest.replaceProperty(provider, 'account', account);
      const look = { checks: 0, misses: 0 };
      await core.app
        .get(CommandBus)
        .execute(new RecordReading(task.id, 1, id, reading, 'status', false, null, new Date(), look));
      own.restore();
      expect(await core.find(task.id)).toMatchObject({ status: 'unconfirmed', provider: { taskId: null } });
    }
    expect(await eventTypes(task.id)).toContain('ConflictingOutcomeObserved');
  });

  it('an id that belongs to another task is not bound', async () => {
    const first = await submit('duration=never');
    await reaches(first.id, 'running').catch(() => undefined);
    const task = await submit('submit-id=other');
    const stuck = await reaches(task.id, 'unconfirmed');
    expect(stuck.provider.taskId).toBeNull();
    const [unknown] = (await core.app.get(TaskHistory).events(task.id, 0, 100)).filter(
      (event) => event.type === 'SubmissionOutcomeUnknown',
    );
    expect(unknown!.data.reason).toBe('id_in_use');
  });
});

describe('results that come oddly', () => {
  it('finished without files is read again until they are there', async () => {
    const task = await submit('late-files=2');
    expect((await ended(task.id)).result!.files).toHaveLength(1);
  });

  it('fewer files than expected: one more read, then what there is', async () => {
    const task = await core.submit(
      'generate-music',
      { prompt: 'A song [[sim:count=1]]', custom_mode: false, instrumental: false, mv: 'V4' },
      { domain: 'music' },
    );
    const done = await ended(task.id);
    expect(done.result!.files).toHaveLength(1);
  });

  it('failed first and finished afterwards is a success', async () => {
    const task = await submit('fail=early;flip=1');
    expect((await ended(task.id)).status).toBe('succeeded');
  });

  it('status that answers 404, 500, HTML or garbage for a while delays the verdict, and never is one', async () => {
    for (const fault of [
      'status=404x2',
      'status=500x2',
      'status=200/htmlx2',
      'status=garbagex2',
      'status-id=otherx2',
    ]) {
      simulator.setFaults(fault);
      const task = await submit();
      expect((await ended(task.id)).status).toBe('succeeded');
    }
  });
});

describe('cancelling', () => {
  it('before anything was sent: not charged', async () => {
    const gate = simulator.hold('submit');
    const busy = await Promise.all(Array.from({ length: 16 }, (_, i) => submit('', `busy ${i}`)));
    await gate.reached(4);
    const task = await submit('', 'cancel-me');
    await core.app.get(CommandBus).execute(new CancelTask(task.id, 'acme', CAUSE));
    gate.release();
    expect(await core.find(task.id)).toMatchObject({ status: 'cancelled', mayBeCharged: false });
    for (const one of busy) expect((await ended(one.id)).status).toBe('succeeded');
    expect(submitsWith('cancel-me')).toBe(0);
  });

  it('while the provider works: the verdict is recorded with its credits, and not applied', async () => {
    const task = await submit('duration=400000');
    await until(task.id, (view) => view.provider.taskId !== null);
    await core.app.get(CommandBus).execute(new CancelTask(task.id, 'acme', CAUSE));
    const done = await until(task.id, (view) => view.provider.status === 'finished');
    expect(done).toMatchObject({ status: 'cancelled', mayBeCharged: true, result: null });
  });
});

describe('the account', () => {
  afterEach(async () => {
    simulator.setFaults();
    await core.app.get(CommandBus).execute(new ResumeAccount(CAUSE));
  });

  it('401 holds the task, pauses the key, keeps the others queued; resuming frees them all', async () => {
    simulator.setFaults('submit=401');
    const before = simulator.ledger.counts.submits;
    const tasks = await Promise.all(Array.from({ length: 40 }, () => submit()));
    const account = core.app.get(ProviderAccount);
    while (!account.current.pause) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(account.current.pause.scope).toBe('key');
    await core.saga.settled();
    const sent = simulator.ledger.counts.submits - before;
    expect(sent).toBeLessThanOrEqual(16);
    const views = await Promise.all(tasks.map((task) => core.find(task.id)));
    expect(views.filter((view) => view.status === 'held')).toHaveLength(sent);
    expect(views.filter((view) => view.status === 'queued')).toHaveLength(40 - sent);
    simulator.setFaults();
    await core.app.get(CommandBus).execute(new ResumeAccount(CAUSE));
    for (const task of tasks) expect((await ended(task.id)).status).toBe('succeeded');
  });

  it('402 holds its task alone; a second one on another task pauses the account', async () => {
    simulator.setFaults('submit=402x2');
    const first = await submit('', 'no credits');
    await reaches(first.id, 'held');
    expect(core.app.get(ProviderAccount).current.pause).toBeNull();
    const second = await submit('', 'no credits');
    await reaches(second.id, 'held');
    while (!core.app.get(ProviderAccount).current.pause)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(core.app.get(ProviderAccount).current.pause!.scope).toBe('credits');
    await core.app.get(CommandBus).execute(new ResumeAccount(CAUSE));
    expect((await ended(first.id)).status).toBe('succeeded');
    expect((await ended(second.id)).status).toBe('succeeded');
  });

  it('403 pauses the model, never the account', async () => {
    simulator.setFaults('submit=403x1');
    const refused = await submit('', 'forbidden');
    await reaches(refused.id, 'held');
    const other = await core.submit('flux-2-pro', { prompt: 'A red bicycle', size: '1:1', resolution: '1K' });
    expect((await ended(other.id)).status).toBe('succeeded');
    const same = await submit();
    await core.saga.settled();
    expect((await core.find(same.id)).status).toBe('queued');
    expect(core.app.get(ProviderAccount).current.pausedModels.has('gpt-image-2')).toBe(true);
  });

  it('a page of some gateway holds the task for an operator and pauses nothing', async () => {
    simulator.setFaults('submit=403/htmlx1');
    const task = await submit('', 'gateway page');
    const held = await reaches(task.id, 'held');
    expect(held.error!.code).toBe('unrecognised_refusal');
    expect(core.app.get(ProviderAccount).current.pause).toBeNull();
    await core.app.get(CommandBus).execute(new ResumeTask(task.id, 'acme', 'operator', CAUSE));
    expect((await ended(task.id)).status).toBe('succeeded');
  });
});

it('a thousand tasks at high speed finish without an error, each row equal to its replay', async () => {
  const tasks = await Promise.all(Array.from({ length: 1000 }, (_, i) => submit('', `many ${i}`)));
  const history = core.app.get(TaskHistory);
  for (const task of tasks) {
    const done = await ended(task.id);
    expect(done.status).toBe('succeeded');
    const replay = await history.replay(task.id);
    expect({ ...replay!.task, lastCheckedAt: null }).toEqual({ ...done, lastCheckedAt: null });
  }
  expect(simulator.ledger.submits().filter((s) => s.text.includes('many ')).length).toBe(1000);
}, 120_000);
