import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import 'reflect-metadata';
import { KeyService } from '../../src/access/index.js';
import { readConfig } from '../../src/config/index.js';
import { startServer, type RunningServer } from '../../src/server/start-server.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { blocksOf, readPage, sectionOf } from './pages.js';

/*
 * The README's shell lines, run word by word against a server as `npm start` starts it; only address and key are filled in.
 */

const readme = readPage('README.md');
const kinds = blocksOf(sectionOf(readme, '## A round trip for each kind'), 'sh');
const faults = blocksOf(sectionOf(readme, '## Trying faults'), 'sh');

let database: TestDatabase;
let folder: string;
let server: RunningServer;
let preparation: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'round-trips-'));
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
    LOG_LEVEL: 'fatal',
    SIMULATOR_SPEED: '2000',
    FAILURE_RECHECK_MS: '50',
  });
  server = await startServer(config, 'json');
  const { key } = await server.app
    .get(KeyService, { strict: false })
    .create({ owner: 'reader', scopes: ['tasks:write', 'tasks:read', 'audit:read'] });
  preparation = kinds[0]!.replace(/^URL=.*$/m, `URL=${server.address}`).replace(/^KEY=.*$/m, `KEY=${key}`);
});

afterAll(async () => {
  await server?.stop();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const run = async (...blocks: string[]): Promise<string> => {
  const script = [preparation, ...blocks].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder });
  return stdout.trim();
};

it.each([
  ['image', 1, 'bicycle.png', /^\x89PNG/],
  ['video', 2, 'bicycle.mp4', /^....ftyp/s],
  ['music', 3, 'guitar.wav', /^RIFF....WAVE/s],
  ['3d', 4, 'stool.glb', /^glTF/],
])('%s: the block downloads a real file', async (domain, block, file, beginning) => {
  expect(kinds[block]).toContain(`/v1/${domain}/tasks`);
  await run(kinds[block]!);
  expect((await readFile(join(folder, file))).toString('latin1')).toMatch(beginning);
});

it('the history and the replay answer', async () => {
  const [events, replay] = (await run(kinds[1]!, kinds[5]!.replace(/^curl.*$/gm, '$&; echo'))).split('\n');
  const { data } = JSON.parse(events!) as { data: { type: string }[] };
  expect(data.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['TaskSubmitted', 'SubmissionStarted', 'TaskSucceeded']),
  );
  expect(JSON.parse(replay!)).toMatchObject({ as_of_version: 2, task: { status: 'submitting' } });
});

it('the task with the failing directive fails', async () => {
  expect(await run(faults[0]!)).toBe('failed');
});
