import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TestServer } from '../support/server.js';

/*
 * Lyrics, timestamps, styles and personas are no files. Such a task succeeds all the same, and its owner reads the words.
 */

const folder = mkdtempSync(join(tmpdir(), 'genledger-words-'));
let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 500, seed: 7 });
  server = await startTestServer(database, simulator.url, {
    ALLOW_FOREIGN_PROVIDER_IDS: 'true',
    DATA_DIR: folder,
  });
  client = await server.client();
});
afterAll(async () => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
  rmSync(folder, { recursive: true });
});

const track = { task_id: 'task-1', audio_id: 'track-1' };

it.each([
  ['generate-lyrics', { prompt: 'A song about rain' }, { lyrics: expect.any(String) as unknown }],
  ['boost-music-style', { content: 'Folk' }, { enhanced_style: expect.any(String) as unknown }],
  [
    'get-timestamped-lyrics',
    track,
    { timestamped_lyrics: [{ start: 0, end: 2, text: expect.any(String) as unknown }] },
  ],
  [
    'generate-persona',
    { ...track, name: 'Quiet', description: 'Low' },
    { persona_id: expect.any(String) as unknown },
  ],
])('%s', async (model, input, words) => {
  const { body } = await client.submit('music', model, input);
  const task = await client.ended(body.id);
  expect(task).toMatchObject({
    status: 'succeeded',
    error: null,
    result: { files: [], answers: [{ status: 'finished' }, { status: 'finished', files: [words] }] },
  });

  const events = await client.events(body.id);
  expect(events.find(({ type }) => type === 'TaskSucceeded')!.data).toMatchObject({
    expected_files: 0,
    answers: [{}, { files: [words] }],
  });
});

it('the answers are gone after an erasure', async () => {
  const { body } = await client.submit('music', 'generate-lyrics', { prompt: 'A song about rain' });
  await client.ended(body.id);
  const erased = await client.call('POST', `/v1/tasks/${body.id}/erase`, { reason: 'asked for' });
  expect(erased).toMatchObject({ status: 200 });
  const task = await client.get(body.id);
  expect(task.result).not.toHaveProperty('answers');
  expect(JSON.stringify(task)).not.toContain('lyrics":');
});
