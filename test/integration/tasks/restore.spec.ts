import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandBus } from '@nestjs/cqrs';
import pg from 'pg';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import {
  Alerts,
  decidePauseSubmissions,
  decideResumeSubmissions,
  EraseTask,
  idOfIdempotencyKey,
  OrphanReport,
  ReceiveCallback,
  Recovery,
  ResumeTask,
  Submissions,
  TaskHistory,
  TaskWaiter,
  WaitReason,
  type TasksOptions,
  type TaskStatus,
  type TaskView,
} from '../../../src/tasks/index.js';
import { RestoreWatch } from '../../../src/tasks/submissions/restore-watch.js';
import { startCore, TASKS_FOR_TESTS } from '../../support/core-application.js';
import { createTestDatabase, testServer, type TestDatabase } from '../../support/postgres.js';

/*
 * A log that was put back to an earlier moment: it shows tasks as waiting that were sent since. Backup and restore are
 * copies of the whole database; restore.spec.ts of the e2e specs does the same with pg_dump and with the files.
 */

type Core = Awaited<ReturnType<typeof startCore>>;

const CAUSE = { actor: 'cli', correlationId: null };

let simulator: Simulator;
let database: TestDatabase;
let folder: string;
let core: Core | null = null;

beforeEach(async () => {
  simulator = await startSimulator({ speed: 2000, seed: 3 });
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'genledger-restore-'));
});
afterEach(async () => {
  await stop();
  await simulator.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const start = async (options: Partial<TasksOptions> = {}): Promise<Core> =>
  (core = await startCore(database, simulator.url, {
    logMarkFolder: folder,
    erasuresFile: join(folder, 'erasures.jsonl'),
    shutdownMs: 200,
    ...options,
  }));

const stop = async (): Promise<void> => {
  await core?.close();
  core = null;
};

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

/** On the server, with nobody connected to the database. */
const administer = async (...statements: string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: await testServer() });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

/** Ends every connection to a database, as a failover does. */
const cut = (name: string): string =>
  `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`;

const copyOf = (name: string): string => `${name}_copy`;

/** Needs a stopped application. */
const backUp = (): Promise<void> => {
  const name = nameOf(database.url);
  return administer(cut(name), `create database ${copyOf(name)} template ${name}`);
};

/** Puts the backup in the place of the database, also under a running application. */
const restore = (): Promise<void> => {
  const name = nameOf(database.url);
  return administer(
    `alter database ${name} allow_connections false`,
    cut(name),
    `drop database ${name} with (force)`,
    `alter database ${copyOf(name)} rename to ${name}`,
  );
};

const submit = (marker: string, core_ = core!): Promise<TaskView> =>
  core_.submit('gpt-image-2', { prompt: marker });
const ended = async (id: string): Promise<TaskView> =>
  (await core!.app.get(TaskWaiter).waitForEnd(id, 20_000))!;
const sent = (marker: string): number => simulator.ledger.submits({ contains: marker }).length;
const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
};
const reaches = (id: string, status: TaskStatus): Promise<void> =>
  until(async () => (await core!.find(id)).status === status);
const suspicion = (): readonly string[] => core!.app.get(Submissions).current.suspicion?.signs ?? [];
const recover = (nothingLost = false): ReturnType<Recovery['run']> =>
  core!.app.get(Recovery).run(nothingLost, CAUSE, () => undefined);

/** What the provider has of a marked submit. */
const providerTask = (marker: string): string =>
  simulator.ledger.submits({ contains: marker }).at(-1)!.taskId!;
/** A callback whose token was found good. */
const call = (taskId: string, attempt: number, providerTaskId: string): Promise<unknown> =>
  core!.app
    .get(CommandBus)
    .execute(
      new ReceiveCallback(
        taskId,
        attempt,
        Buffer.from(JSON.stringify({ task_id: providerTaskId, status: 'finished' })),
        {},
        { actor: 'provider', correlationId: null },
      ),
    );
const orphans = async (): Promise<object[]> => {
  const all: object[] = [];
  for await (const orphan of core!.app.get(OrphanReport).all()) all.push(orphan);
  return all;
};
const eventTypes = async (id: string): Promise<string[]> =>
  (await core!.app.get(TaskHistory).events(id, 0, 100)).map(({ type }) => type);

/** Why nothing is sent, asked in every turn of the event loop until the work is done. */
const reasonsDuring = async (work: Promise<void>): Promise<Set<string | null>> => {
  const reasons = new Set<string | null>();
  let isOver = false;
  const over = work.finally(() => (isOver = true));
  while (!isOver) {
    reasons.add(core!.app.get(Submissions).stopped);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await over;
  return reasons;
};

/** Time enough for whatever would be sent by mistake. */
const idle = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await core!.saga.runOnce();
  await core!.saga.settled();
};

describe('a backup from before tasks were sent is put back', () => {
  it('none of them is sent again, whatever state the backup has it in; tasks accepted since are', async () => {
    await start();
    simulator.setFaults('submit=403/htmlx1');
    const held = await submit('case-held');
    await reaches(held.id, 'held');
    simulator.setFaults('submit=dropx1');
    const unconfirmed = await submit('case-unconfirmed');
    await reaches(unconfirmed.id, 'unconfirmed');
    const open = await submit('case-open [[sim:duration=never]]');
    await until(async () => (await core!.find(open.id)).provider.taskId !== null);
    const gate = simulator.hold('submit-answer', { contains: 'case-submitting' });
    const submitting = await submit('case-submitting');
    await gate.reached();
    await core!.app.get(Submissions).execute(decidePauseSubmissions, CAUSE);
    const queued = await submit('case-queued');
    await stop();
    gate.release();
    await backUp();

    // What the backup does not know: the queue was sent, the held task resumed, and one more accepted.
    await start();
    await core!.app.get(CommandBus).execute(new ResumeTask(held.id, null, 'operator', CAUSE));
    await core!.app.get(Submissions).execute(decideResumeSubmissions, CAUSE);
    const lost = await submit('case-lost');
    for (const { id } of [queued, held, lost]) expect((await ended(id)).status).toBe('succeeded');
    await stop();
    await restore();

    await start();
    expect(suspicion()).toEqual(['database', 'head_behind_mark']);
    expect(core!.app.get(Alerts).counts.get('restore_suspected')).toBe(1);
    const fresh = await submit('case-new');
    await core!.app.get(Submissions).execute(decideResumeSubmissions, CAUSE);
    expect(await reasonsDuring(core!.app.get(RestoreWatch).check())).toEqual(new Set(['restore_suspected']));
    await idle();
    expect([sent('case-queued'), sent('case-held'), sent('case-new')]).toEqual([1, 2, 0]);
    expect(core!.app.get(WaitReason).of(await core!.find(fresh.id))).toMatchObject({
      code: 'restore_suspected',
    });

    expect(await recover()).toMatchObject({ moved: 3, erased: 0 });
    for (const { id } of [queued, held, submitting, unconfirmed]) await reaches(id, 'unconfirmed');
    expect((await ended(fresh.id)).status).toBe('succeeded');
    await idle();
    expect(['case-queued', 'case-held', 'case-submitting', 'case-unconfirmed', 'case-new'].map(sent)).toEqual(
      [1, 2, 1, 1, 1],
    );
    expect(await eventTypes(queued.id)).toEqual(['TaskSubmitted', 'SubmissionPresumed']);

    // What had an id is still read, and the provider can still say what became of the others.
    await simulator.finish((await core!.find(open.id)).provider.taskId!);
    expect((await ended(open.id)).status).toBe('succeeded');
    await call(queued.id, 1, providerTask('case-queued'));
    expect((await ended(queued.id)).status).toBe('succeeded');
    await call(held.id, 2, providerTask('case-held'));
    expect((await ended(held.id)).status).toBe('succeeded');
    await expect(call(lost.id, 1, providerTask('case-lost'))).rejects.toMatchObject({ code: 'not_found' });
    expect(suspicion()).toEqual([]);
    expect(await orphans()).toMatchObject([
      { taskId: lost.id, reason: 'task_lost', providerTaskId: providerTask('case-lost'), isCertain: true },
      { taskId: unconfirmed.id, reason: 'outcome_unknown', providerTaskId: null },
      { taskId: submitting.id, reason: 'outcome_unknown' },
    ]);
    expect(sent('case-queued')).toBe(1);
  }, 60_000);

  it('with --nothing-lost after a clean dump and restore every task is sent, once', async () => {
    await start({ submits: false });
    const queued = await submit('clean-queued');
    await stop();
    await backUp();
    await restore();

    await start();
    await idle();
    expect(suspicion()).toEqual(['database']);
    expect(sent('clean-queued')).toBe(0);
    expect(await recover(true)).toMatchObject({ moved: 0 });
    expect((await ended(queued.id)).status).toBe('succeeded');
    expect(sent('clean-queued')).toBe(1);
    await stop();
    await start();
    expect(suspicion()).toEqual([]);
  }, 60_000);

  it('under a running worker: it stops before it sends anything from the other history', async () => {
    await start({ submits: false });
    const queued = await Promise.all(Array.from({ length: 20 }, (_, i) => submit(`failover-${i}-`)));
    await stop();
    await backUp();
    await start();
    for (const { id } of queued) expect((await ended(id)).status).toBe('succeeded');
    await restore();

    await until(() => suspicion().length > 0);
    expect(suspicion()).toContain('database');
    await idle();
    expect(queued.map((_, i) => sent(`failover-${i}-`))).toEqual(queued.map(() => 1));
    const fresh = await submit('failover-new');
    expect(await recover()).toMatchObject({ moved: 20 });
    expect((await ended(fresh.id)).status).toBe('succeeded');
    for (const { id } of queued) expect((await core!.find(id)).status).toBe('unconfirmed');
    expect(queued.map((_, i) => sent(`failover-${i}-`))).toEqual(queued.map(() => 1));
  }, 60_000);

  it('under UNCONFIRMED_POLICY=resubmit nothing is resubmitted, neither while stopped nor of what was moved', async () => {
    const policy = {
      ...TASKS_FOR_TESTS.policy,
      leaseMs: 100,
      unconfirmedWaitMs: 0,
      unconfirmedPolicy: 'resubmit',
    } as const;
    await start({ submits: false });
    const queued = await submit('policy-queued');
    await stop();
    await backUp();
    await start();
    await ended(queued.id);
    await stop();
    await restore();
    await start({ policy });
    await idle();
    await recover();
    await reaches(queued.id, 'unconfirmed');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await idle();
    expect(sent('policy-queued')).toBe(1);
  }, 60_000);

  it('erased tasks do not come back, whether they had ended in the backup or not', async () => {
    await start();
    const done = await submit('erase-done');
    await ended(done.id);
    await stop();
    await start({ submits: false });
    const open = await submit('erase-open');
    await stop();
    await backUp();
    await start();
    await ended(open.id);
    for (const { id } of [done, open])
      await core!.app.get(CommandBus).execute(new EraseTask(id, null, null, CAUSE));
    await stop();
    await restore();

    await start();
    expect((await core!.find(done.id)).input).not.toBeNull();
    expect(await recover()).toMatchObject({ erased: 2 });
    expect(await core!.find(done.id)).toMatchObject({ status: 'succeeded', input: null });
    expect(await core!.find(open.id)).toMatchObject({ status: 'cancelled', input: null });
  }, 60_000);
});

describe('something comes about what the log does not know', () => {
  const strayTask = async (): Promise<string> => {
    const response = await fetch(`${simulator.url}/api/generate/submit`, {
      method: 'POST',
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-image-2', input: { prompt: 'stray' } }),
    });
    return ((await response.json()) as { data: { task_id: string } }).data.task_id;
  };
  const UNKNOWN = '0199f3c2-0000-7000-8000-000000000001';

  it('a callback for a task: everything stops; after a recovery more of them are old news, after --nothing-lost not', async () => {
    await start();
    await expect(call(UNKNOWN, 1, 'p-1')).rejects.toMatchObject({ code: 'not_found' });
    expect(suspicion()).toEqual(['unknown_task']);
    const waits = await submit('stray-wait');
    await idle();
    expect(sent('stray-wait')).toBe(0);

    await recover();
    await expect(call(UNKNOWN, 2, 'p-2')).rejects.toMatchObject({ code: 'not_found' });
    expect(suspicion()).toEqual([]);
    expect(await orphans()).toMatchObject([
      { taskId: UNKNOWN, attempt: 1, reason: 'task_lost' },
      { taskId: UNKNOWN, attempt: 2, reason: 'task_lost' },
    ]);
    expect((await ended(waits.id)).status).toBe('succeeded');

    await recover(true);
    await expect(call(UNKNOWN, 3, 'p-3')).rejects.toMatchObject({ code: 'not_found' });
    expect(suspicion()).toEqual(['unknown_task']);
  }, 60_000);

  it('a client repeats a lost intent with its idempotency key: what was sent for it is not sent again', async () => {
    await start();
    const id = idOfIdempotencyKey('acme', 'order-17');
    const provider = await strayTask();
    await expect(call(id, 1, provider)).rejects.toMatchObject({ code: 'not_found' });
    await recover();
    const again = await core!.submit('gpt-image-2', { prompt: 'repeated-key' }, { key: 'order-17' });
    expect(again.id).toBe(id);
    await reaches(id, 'unconfirmed');
    await call(id, 1, provider);
    expect((await ended(id)).status).toBe('succeeded');
    expect(sent('repeated-key')).toBe(0);
  }, 60_000);

  it('a callback for an attempt of a queued task: everything stops, and it is followed to its end', async () => {
    await start({ submits: false });
    const queued = await submit('stray-attempt');
    await call(queued.id, 2, await strayTask());
    expect(suspicion()).toEqual(['unknown_attempt']);
    expect(await ended(queued.id)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect((await eventTypes(queued.id)).slice(0, 4)).toEqual([
      'TaskSubmitted',
      'SubmissionPresumed',
      'CallbackReceived',
      'SubmissionAccepted',
    ]);
    expect(sent('stray-attempt')).toBe(0);
  }, 60_000);

  it('answers that an earlier process kept: those of lost attempts bind, those of lost tasks are reported', async () => {
    await start({ submits: false });
    const queued = await submit('kept-answer');
    await stop();
    const file = join(folder, 'unsaved-outcomes.jsonl');
    const kept = (taskId: string, providerTaskId: string): string =>
      JSON.stringify({ taskId, attempt: 1, outcome: { kind: 'accepted', providerTaskId, note: null } });
    const known = await strayTask();
    await writeFile(file, `${kept(queued.id, known)}\n${kept(UNKNOWN, 'p-lost')}\n`);

    await start({ unsavedOutcomesFile: file });
    expect([...suspicion()].sort()).toEqual(['unknown_attempt', 'unknown_task']);
    expect(await ended(queued.id)).toMatchObject({ status: 'succeeded', provider: { taskId: known } });
    expect(await orphans()).toMatchObject([{ taskId: UNKNOWN, providerTaskId: 'p-lost' }]);
    expect(sent('kept-answer')).toBe(0);
    expect(await readdir(folder)).not.toContain('unsaved-outcomes.jsonl');
  }, 60_000);
});

describe('the mark', () => {
  const markFile = async (): Promise<string> =>
    join(
      folder,
      (await readdir(folder)).find((name) => name.startsWith('log-mark-'))!,
    );

  it('is private, stands at the head after a stop, and no replica moves it back', async () => {
    await start();
    const task = await submit('mark');
    await ended(task.id);
    const other = await startCore(database, simulator.url, { logMarkFolder: folder });
    await stop();
    const { rows } = await database.pool.query<{ head: number }>(
      'select max(position)::int as head from event',
    );
    const written = JSON.parse(await readFile(await markFile(), 'utf8')) as {
      bookmark: { position: number };
    };
    expect(written.bookmark.position).toBe(rows[0]!.head);
    expect((await stat(await markFile())).mode & 0o777).toBe(0o600);
    await other.close();
    expect(JSON.parse(await readFile(await markFile(), 'utf8'))).toMatchObject({
      bookmark: { position: rows[0]!.head },
    });
  }, 60_000);

  it('of a replica that slept through a recovery is no news', async () => {
    await start({ submits: false });
    await stop();
    await backUp();
    await start();
    await ended((await submit('asleep')).id);
    await stop();
    const old = await readFile(await markFile(), 'utf8');
    await restore();
    await start();
    expect(suspicion()).toContain('head_behind_mark');
    await recover();
    await stop();

    await writeFile(await markFile(), old);
    await start();
    expect(suspicion()).toEqual([]);
  }, 60_000);

  it('that cannot be read stops nobody', async () => {
    await start();
    await stop();
    await writeFile(await markFile(), '{"bookmark"');
    await start();
    expect((await ended((await submit('unreadable-mark')).id)).status).toBe('succeeded');
    expect(suspicion()).toEqual([]);
  }, 60_000);
});

it('an operator pauses all replicas, and tasks say why they wait', async () => {
  await start();
  const other = await startCore(database, simulator.url);
  try {
    await other.app.get(Submissions).execute(decidePauseSubmissions, CAUSE);
    await until(() => core!.app.get(Submissions).stopped !== null);
    const task = await submit('paused');
    await idle();
    expect(sent('paused')).toBe(0);
    expect(core!.app.get(WaitReason).of(task)).toMatchObject({ code: 'paused_by_operator' });
    await other.app.get(Submissions).execute(decideResumeSubmissions, CAUSE);
    expect((await ended(task.id)).status).toBe('succeeded');
    expect(core!.app.get(WaitReason).of(await core!.find(task.id))).toBeNull();
  } finally {
    await other.close();
  }
}, 60_000);
