import { jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandBus } from '@nestjs/cqrs';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { PG_POOL } from '../../../src/database/index.js';
import { EventStore } from '../../../src/event-store/index.js';
import { KeyRing } from '../../../src/tasks/sealing/key-ring.js';
import { openKeyedDigest } from '../../../src/tasks/sealing/keyed-digest.js';
import { TaskRepository } from '../../../src/tasks/stream/task-repository.js';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import {
  CancelTask,
  EraseTask,
  ErasureList,
  KeyedDigest,
  KeyRewrap,
  metadataDigest,
  OwnerEraser,
  SubmitTask,
  TaskHistory,
  TaskReader,
  TaskStatusConflictError,
  TaskWaiter,
  type TaskView,
} from '../../../src/tasks/index.js';
import { type CoreApplication, startCore } from '../../support/core-application.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/* What is private is nowhere in the database in the clear, and after an erasure nobody can open it. */

const CAUSE = { actor: 'key:test', correlationId: null };
const CANARY = 'canary-7f3a';
const MASTER = randomBytes(32).toString('base64');

let folder: string;
let database: TestDatabase;
let simulator: Simulator;
let core: CoreApplication & { close(): Promise<void> };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'genledger-erasure-'));
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 2000, seed: 7 });
  core = await startCore(database, simulator.url, {
    encryptionKeys: [MASTER],
    erasuresFile: join(folder, 'erasures.jsonl'),
  });
});
afterAll(async () => {
  await core?.close();
  await simulator?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const submit = async (owner = 'acme', app = core.app): Promise<TaskView> => {
  const body = {
    model: 'gpt-image-2-edit',
    input: { prompt: `Prompt ${CANARY}`, image_urls: [`https://media.example/${CANARY}.png`] },
  };
  const { task } = await app.get(CommandBus).execute(
    new SubmitTask(
      owner,
      'image',
      {
        ...body,
        metadata: { customer: `Name ${CANARY}` },
        notifyUrl: `https://notify.example/${CANARY}`,
      },
      body,
      null,
      CAUSE,
    ),
  );
  return task;
};

const ended = async (id: string): Promise<TaskView> =>
  (await core.app.get(TaskWaiter).waitForEnd(id, 20_000))!;

const erase = (id: string, reason: string | null = `Because of ${CANARY}`): Promise<void> =>
  core.app.get(CommandBus).execute(new EraseTask(id, null, reason, CAUSE));

const pool = (): pg.Pool => core.app.get<pg.Pool>(PG_POOL);

/** Everything the tables of the schema hold, as text. */
const dump = async (): Promise<string> => {
  const { rows } = await pool().query<{ tablename: string }>(
    'select tablename from pg_tables where schemaname = $1',
    [database.schema],
  );
  const tables = await Promise.all(
    rows.map(async ({ tablename }) => {
      const { rows: lines } = await pool().query<{ line: string }>(
        `select t::text as line from ${pg.escapeIdentifier(tablename)} t`,
      );
      return lines.map(({ line }) => line).join('\n');
    }),
  );
  return tables.join('\n');
};

/** Text as it would stand in a dump: as it is, as hex of a bytea, as base64 in both alphabets at any offset. */
const formsOf = (text: string): string[] => [
  text,
  Buffer.from(text).toString('hex'),
  ...[0, 1, 2].map((offset) =>
    Buffer.from('x'.repeat(offset) + text + 'xxx')
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -8),
  ),
];

it('nothing private stands in the database in the clear, not even before an erasure', async () => {
  const task = await ended((await submit()).id);
  expect(task).toMatchObject({ status: 'succeeded', input: { prompt: `Prompt ${CANARY}` } });
  const text = await dump();
  expect(text).toContain(task.id);
  const url = task.result!.files[0]!.url!;
  for (const secret of [CANARY, new URL(url).pathname, MASTER])
    for (const form of formsOf(secret)) expect(text).not.toContain(form);
});

it('finds tasks by metadata that it does not store, and only for whom has the key', async () => {
  const task = await submit('finder');
  const digest = metadataDigest(core.app.get(KeyedDigest), 'finder', 'customer', `Name ${CANARY}`);
  const { tasks } = await core.app
    .get(TaskReader)
    .list({ owner: 'finder', metadataDigests: [digest] }, 10, null);
  expect(tasks.map(({ id }) => id)).toEqual([task.id]);
});

it('an erasure destroys the key, empties the row, and leaves the history whole', async () => {
  const before = await ended((await submit('eraser')).id);
  const events = await core.app.get(EventStore).readStream(before.id);
  await erase(before.id);
  const after = await core.find(before.id);
  expect(after).toMatchObject({
    status: 'succeeded',
    input: null,
    metadata: null,
    version: before.version + 1,
    erasedAt: expect.any(Date) as unknown,
    provider: before.provider,
  });
  expect(after.result!.files.map(({ url }) => url)).toEqual(before.result!.files.map(() => null));
  expect((await pool().query('select from task_key where task_id = $1', [before.id])).rowCount).toBe(0);
  const { rows } = await pool().query(
    'select length(intent) as intent, outcome, metadata_digests from task where id = $1',
    [before.id],
  );
  expect(rows).toEqual([{ intent: 0, outcome: null, metadata_digests: null }]);

  const history = core.app.get(TaskHistory);
  expect((await core.app.get(EventStore).readStream(before.id)).slice(0, -1)).toEqual(events);
  const replay = await history.replay(before.id);
  expect({ ...replay!.task, lastCheckedAt: null }).toEqual({ ...after, lastCheckedAt: null });
  // Also what was true before the erasure tells nothing private any more.
  expect((await history.replay(before.id, { version: 1 }))!.task).toMatchObject({
    input: null,
    erasedAt: null,
  });
  expect(JSON.stringify(await history.events(before.id, 0, 100))).not.toContain(CANARY);
  expect(await core.app.get(ErasureList).all()).toContain(before.id);
});

it('refused because the task was sent again meanwhile, it does not come true later', async () => {
  const task = await ended((await submit('eraser')).id);
  const repository = core.app.get(TaskRepository, { strict: false });
  const list = core.app.get(ErasureList, { strict: false });
  const refused = new TaskStatusConflictError(task.id, 'erasing', 'queued', 'ended');
  const execute = jest.spyOn(repository, 'execute').mockRejectedValueOnce(refused);
  await expect(erase(task.id)).rejects.toBe(refused);
  execute.mockRestore();
  expect(await list.all()).not.toContain(task.id);
  await erase(task.id);
  expect(await list.all()).toContain(task.id);
});

it('again it changes nothing, and an open task is refused', async () => {
  const { id } = await ended((await submit('eraser')).id);
  await erase(id);
  const once = await core.find(id);
  await erase(id);
  expect(await core.find(id)).toEqual(once);

  const held = await core.submit('gpt-image-2', { prompt: 'Waits [[sim:submit=402]]' });
  await expect(erase(held.id)).rejects.toThrow(TaskStatusConflictError);
  await core.app.get(CommandBus).execute(new CancelTask(held.id, 'acme', CAUSE));
  await erase(held.id, null);
  expect(await core.find(held.id)).toMatchObject({ status: 'cancelled', input: null });
});

it('erases an owner task by task, and nobody else', async () => {
  const mine = await Promise.all([1, 2, 3].map(async () => (await ended((await submit('leaver')).id)).id));
  const other = await ended((await submit('stayer')).id);
  const eraser = core.app.get(OwnerEraser);
  expect(await eraser.erase('leaver', null, CAUSE, 2)).toEqual({ erased: 2, hasMore: true });
  expect(await eraser.erase('leaver', null, CAUSE, 100)).toEqual({ erased: 1, hasMore: false });
  for (const id of mine) expect(await core.find(id)).toMatchObject({ input: null });
  expect(await core.find(other.id)).toEqual(other);
});

it('a rotation: old keys open, the walk wraps them anew, then the old master key can go', async () => {
  const task = await ended((await submit('rotator')).id);
  const next = randomBytes(32).toString('base64');
  const opens = async (encryptionKeys: string[]): Promise<unknown> => {
    const other = await startCore(database, simulator.url, { encryptionKeys, isWorker: false });
    try {
      for await (const step of other.app.get(KeyRewrap).run()) void step;
      return (await other.find(task.id)).input;
    } finally {
      await other.close();
    }
  };
  const starts = (key: string): Promise<unknown> => openKeyedDigest(pool(), new KeyRing([key]));
  await expect(starts(next)).rejects.toThrow('ENCRYPTION_KEY');
  expect(await opens([next, MASTER])).toEqual(task.input);
  expect(await opens([next])).toEqual(task.input);
  await expect(starts(MASTER)).rejects.toThrow('ENCRYPTION_KEY');
});
