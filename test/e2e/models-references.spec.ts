import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TaskJson, type TestServer } from '../support/server.js';

/*
 * Ids of the provider inside inputs come from succeeded tasks of the same owner, or the input is refused.
 */

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let acme: Client;
let globex: Client;
let song: TaskJson;
let taskId: string;
let audioId: string;

const SONG = { prompt: 'A song about rain', custom_mode: false, instrumental: false, mv: 'V5' };
const extension = (audio_id: string) => ({ default_param_flag: false, audio_id, mv: 'V5' });
const ofTrack = (task_id: string, audio_id: string) => ({ task_id, audio_id });

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 500, seed: 7 });
  server = await startTestServer(database, simulator.url);
  acme = await server.client('acme');
  globex = await server.client('globex');
  const { body } = await acme.submit('music', 'generate-music', SONG);
  song = await acme.ended(body.id);
  taskId = song.provider.task_id!;
  audioId = (song.result!.files[0] as unknown as { provider_file_id: string }).provider_file_id;
});
afterAll(async () => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
});

const refusals = async (client: Client, model: string, input: object): Promise<string[]> => {
  const { status, body } = await client.submit('music', model, input);
  expect(status).toBe(422);
  return (body.errors as { pointer: string; code: string }[]).map(
    ({ pointer, code }) => `${pointer} ${code}`,
  );
};

it('a finished song tells the ids of its tracks', () => {
  expect(song).toMatchObject({ status: 'succeeded' });
  expect(song.result!.files.map((file) => (file as { provider_file_id?: string }).provider_file_id)).toEqual([
    expect.stringMatching(/^[0-9a-f-]{36}$/),
    expect.stringMatching(/^[0-9a-f-]{36}$/),
  ]);
  expect(audioId).toBeTruthy();
});

it('the owner goes on with it, by the track alone or with its task', async () => {
  expect((await acme.submit('music', 'extend-music', extension(audioId))).status).toBe(202);
  expect((await acme.submit('music', 'convert-to-wav', ofTrack(taskId, audioId))).status).toBe(202);
});

it('another owner does not', async () => {
  expect(await refusals(globex, 'extend-music', extension(audioId))).toEqual([
    '/input/audio_id foreign_reference',
  ]);
  expect(await refusals(globex, 'convert-to-wav', ofTrack(taskId, audioId))).toEqual([
    '/input/task_id foreign_reference',
    '/input/audio_id foreign_reference',
  ]);
});

it('made-up ids are refused, also those that mean something to a database', async () => {
  for (const id of [
    '0f3c6c1e-0000-4000-8000-000000000001',
    '%',
    '$.files',
    '["x"]',
    '\u0001',
    'ü'.repeat(500),
  ])
    expect(await refusals(acme, 'extend-music', extension(id))).toEqual([
      '/input/audio_id foreign_reference',
    ]);
});

it('a task that has not succeeded is nothing to go on with', async () => {
  // Nobody hears how it went until the gates open.
  const gates = (['status', 'callback'] as const).map((point) =>
    simulator.hold(point, { contains: 'not yet' }),
  );
  const { body } = await acme.submit('music', 'generate-music', { ...SONG, prompt: 'not yet' });
  const { provider } = await acme.until(body.id, (task) => task.provider.task_id !== null);
  const input = ofTrack(provider.task_id!, audioId);
  expect(await refusals(acme, 'convert-to-wav', input)).toEqual(['/input/task_id foreign_reference']);
  for (const gate of gates) gate.release();
  await acme.ended(body.id);
  expect((await acme.submit('music', 'convert-to-wav', input)).status).toBe(202);
});

it('a persona id is refused, and the message says why and what an operator can do', async () => {
  const input = { ...SONG, custom_mode: true, style: 'Folk', title: 'Rain', persona_id: 'persona-1' };
  const { status, body } = await acme.submit('music', 'generate-music', input);
  expect(status).toBe(422);
  expect(body.errors).toEqual([
    {
      pointer: '/input/persona_id',
      code: 'unprovable_reference',
      message: expect.stringContaining('ALLOW_FOREIGN_PROVIDER_IDS') as string,
    },
  ]);
});

it('the lookup of a track is by index', async () => {
  await database.pool.query('set enable_seqscan = off');
  const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(
    `explain select 1 from event where type = 'TaskSucceeded'
       and jsonb_path_exists(data::jsonb, '$.files[*].provider_file_id')
       and jsonb_path_query_array(data::jsonb, '$.files[*].provider_file_id') @> to_jsonb('x'::text)`,
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
    /Index Scan on event_from_1_result_file_ids/,
  );
});
