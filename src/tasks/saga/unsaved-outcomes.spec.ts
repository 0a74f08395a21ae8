import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANSWERS } from '../domain/testing/provider-words.js';
import { type TasksOptions } from '../tasks.options.js';
import { UnsavedOutcomes } from './unsaved-outcomes.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unsaved-'));
});
afterEach(() => rm(folder, { recursive: true }));

const FILE = 'unsaved-outcomes.jsonl';
const aProcess = (): UnsavedOutcomes =>
  new UnsavedOutcomes({ unsavedOutcomesFile: join(folder, FILE) } as TasksOptions);

const unsaved = (id: string) => ({ taskId: `task-${id}`, attempt: 1, outcome: ANSWERS.accepted(id) });
const databaseIsDown = (): Promise<never> => Promise.reject(new Error('down'));

const recovered = async (): Promise<string[]> => {
  const ids: string[] = [];
  await aProcess().recover(async ({ taskId }) => void ids.push(taskId));
  return ids.sort();
};

it('two processes that stop with the same folder keep both their answers; the next start saves them once', async () => {
  for (const id of ['p-1', 'p-2']) {
    const stopping = aProcess();
    const saving = stopping.untilSaved(unsaved(id), databaseIsDown);
    await stopping.keep();
    expect(await saving).toBeNull();
  }
  expect(await recovered()).toEqual(['task-p-1', 'task-p-2']);
  expect(await readdir(folder)).toEqual([]);
});

it('an answer that comes when the others are kept already is kept as well', async () => {
  const stopping = aProcess();
  const first = stopping.untilSaved(unsaved('p-1'), databaseIsDown);
  await stopping.keep();
  await Promise.all([first, stopping.untilSaved(unsaved('p-2'), databaseIsDown)]);
  expect(await recovered()).toEqual(['task-p-1', 'task-p-2']);
});

it('what was saved in the end is in no file', async () => {
  const stopping = aProcess();
  expect(await stopping.untilSaved(unsaved('p-1'), () => Promise.resolve('saved'))).toBe('saved');
  await stopping.keep();
  expect(await readdir(folder)).toEqual([]);
});

it('other files are left alone; the one name of earlier versions is known', async () => {
  await writeFile(join(folder, 'unsaved-outcomes.other'), 'x');
  await writeFile(join(folder, FILE), `${JSON.stringify(unsaved('p-1'))}\n`);
  expect(await recovered()).toEqual(['task-p-1']);
  expect(await readdir(folder)).toEqual(['unsaved-outcomes.other']);
});

it('what cannot be read is not removed, and keeps nothing else back', async () => {
  const unreadable = join(folder, 'unsaved-outcomes.0.jsonl');
  await mkdir(unreadable);
  await writeFile(join(folder, FILE), `${JSON.stringify(unsaved('p-1'))}\n`);
  expect(await recovered()).toEqual(['task-p-1']);
  expect(await readdir(folder)).toEqual(['unsaved-outcomes.0.jsonl']);
});
