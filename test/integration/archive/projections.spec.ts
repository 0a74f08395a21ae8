import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archive, rebuild, type RebuildOptions, verifyProjection } from '../../../src/event-store/index.js';
import { erased } from '../../../src/tasks/domain/testing/facts.js';
import { taskArchiveGuard, taskProjection } from '../../../src/tasks/index.js';
import { partitionBy } from '../../support/partitions.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { randomLives, readModel, RecordedTasks } from '../projections/recorded-tasks.js';

/*
 * Read models of a log whose beginning is archived. Which tasks have ended matters to nobody here, so the guard lets all of
 * them go.
 */

let database: TestDatabase;
let tasks: RecordedTasks;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  await partitionBy(database, 100);
  tasks = new RecordedTasks(database);
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
});
afterEach(async () => {
  await tasks.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

const place = (): { url: string; schema: string } => ({ url: database.url, schema: database.schema });

const archiveUpTo = (before: number) =>
  archive({ connection: place(), guard: { ...taskArchiveGuard, refusal: async () => null }, folder, before });

const rebuildTasks = (options: Partial<RebuildOptions> = {}) =>
  rebuild(taskProjection, {
    connection: place(),
    programVersion: 'spec',
    limits: { rangeSize: 40 },
    ...options,
  });

it('a rebuild keeps the rows of archived tasks, and makes all others', async () => {
  await tasks.live(randomLives(60, 1));
  const before = await readModel(database);
  expect((await archiveUpTo(300)).length).toBeGreaterThanOrEqual(2);
  expect(await rebuildTasks()).toMatchObject({ isDone: true });
  expect(await readModel(database)).toEqual(before);
  // Rows that the log does make are made, not taken over.
  await database.pool.query(
    `update task set facts = '{}' where position > (select max(last_position) from log_archive)`,
  );
  await rebuildTasks();
  expect(await readModel(database)).toEqual(before);
});

it('a rebuild that was interrupted goes on with them, and takes what happened to them meanwhile', async () => {
  const ids = await tasks.live(randomLives(60, 2));
  await archiveUpTo(300);
  const stopping = new AbortController();
  const first = await rebuildTasks({ signal: stopping.signal, onProgress: () => stopping.abort() });
  expect(first.isDone).toBe(false);
  for (const id of ids.slice(0, 10)) await tasks.append(id, [erased()]);
  const before = await readModel(database);
  expect(await rebuildTasks()).toMatchObject({ isDone: true, resumedFrom: first.position });
  expect(await readModel(database)).toEqual(before);
});

it('a comparison says what it cannot compare, and still finds what differs', async () => {
  await tasks.live(randomLives(60, 3));
  const whole = await verifyProjection(taskProjection, { connection: place(), pageSize: 7 });
  expect(whole).toMatchObject({ archived: 0, differing: 0 });
  await archiveUpTo(300);
  const { rows } = await database.pool.query<{ count: number }>(
    'select count(*)::int from stream where first_position <= (select max(last_position) from log_archive)',
  );
  const left = await verifyProjection(taskProjection, { connection: place(), pageSize: 7 });
  expect(left).toMatchObject({
    archived: rows[0]!.count,
    differing: 0,
    streams: whole.streams - rows[0]!.count,
  });
  await database.pool.query(
    `update task set model = 'other' where id = (select id from task order by position desc limit 1)`,
  );
  expect(await verifyProjection(taskProjection, { connection: place() })).toMatchObject({ differing: 1 });
});
