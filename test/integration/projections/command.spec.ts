import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { randomLives, RecordedTasks } from './recorded-tasks.js';

/*
 * The command line of operators, as a process of its own.
 */

const LOADER = new URL('../../support/typescript.mjs', import.meta.url).href;
const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

let database: TestDatabase;
let id: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const tasks = new RecordedTasks(database);
  [id] = (await tasks.live(randomLives(10, 30))) as [string];
  await tasks.close();
});
afterAll(async () => {
  await database?.drop();
});

const projections = (
  ...args: readonly string[]
): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', LOADER, CLI, 'projections', ...args], {
      env: { PATH: process.env.PATH, DATABASE_URL: database.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
  });

it('verify says what differs and ends with 1; rebuild puts it right; then verify ends with 0', async () => {
  await database.pool.query(`update task set model = 'other', intent = 'a prompt' where id = $1`, [id]);

  const found = await projections('verify');
  expect(found).toMatchObject({ code: 1, err: '' });
  expect(found.out).toContain(`${id}  task.model: is "other", by the log "flux-2-pro"`);
  expect(found.out).toContain(`${id}  task.intent: differs from the log`);
  expect(found.out).not.toContain('a prompt');

  const rebuilt = await projections('rebuild', '--json');
  expect(rebuilt).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(rebuilt.out)).toMatchObject([{ projection: 'tasks', done: true, resumed_from: 0 }]);

  const fine = await projections('verify', '--json');
  expect(fine).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(fine.out)).toMatchObject({
    ok: true,
    projections: [{ streams: 10, differing: 0, differences: [] }],
  });
}, 60_000);

it.each(['rebuild', 'verify'])('%s refuses a name that is none as wrong usage', async (command) => {
  const { code, out, err } = await projections(command, 'task');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('tasks');
});
