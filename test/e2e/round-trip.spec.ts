import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TaskJson, type TestServer } from '../support/server.js';

/*
 * From the request to the files, for each of the four kinds, over real HTTP on both sides.
 */

const KINDS: readonly [string, string, object][] = [
  ['image', 'gpt-image-2', { prompt: 'A red bicycle' }],
  ['video', 'seedance-2', { prompt: 'A red bicycle rolls', duration: 5, resolution: '720p' }],
  ['music', 'minimax-music-2.6', { prompt: 'Slow acoustic guitar', is_instrumental: true }],
  ['3d', 'meshy-6-text-to-3d', { prompt: 'A small stool', mode: 'full' }],
];

describe.each([
  ['with callbacks', {}],
  ['by polling alone, PUBLIC_URL unset', { PUBLIC_URL: undefined }],
])('%s', (_how, environment) => {
  let database: TestDatabase;
  let simulator: Simulator;
  let server: TestServer;
  let acme: Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    simulator = await startSimulator({ speed: 500, seed: 3 });
    server = await startTestServer(database, simulator.url, environment);
    acme = await server.client();
  });
  afterAll(async () => {
    await server?.stop();
    await simulator?.close();
    await database?.drop();
  });

  it.each(KINDS)('%s: %s', async (domain, model, input) => {
    const accepted = await acme.submit(domain, model, input);
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/v1/tasks/${accepted.body.id}`);
    expect(accepted.body).toMatchObject({ object: 'task', domain, model, status: 'queued', input });
    const done = await acme.ended(accepted.body.id);
    expect(done).toMatchObject({ status: 'succeeded', progress: 100, error: null });
    for (const file of done.result!.files) {
      const download = await fetch(file.url);
      expect(download.status).toBe(200);
      expect((await download.arrayBuffer()).byteLength).toBeGreaterThan(0);
    }
    const replay = await acme.call('GET', `/v1/tasks/${done.id}/replay`);
    expect(replay.body.task).toEqual({
      ...(await acme.get(done.id)),
      last_checked_at: (replay.body.task as TaskJson).last_checked_at,
    });
    const { body } = await acme.call<{
      data: { verdict: string; confirmed: boolean; effect_version: number | null }[];
    }>('GET', `/v1/tasks/${done.id}/callbacks`);
    if ('PUBLIC_URL' in environment) expect(body.data).toEqual([]);
    else
      expect(body.data[0]).toMatchObject({
        verdict: 'accepted',
        confirmed: true,
        effect_version: done.version,
      });
  });

  it('sends the provider what was accepted, and nothing else', async () => {
    const input = { prompt: 'Exactly this, ü and 😀', quality: 'low' };
    const { body } = await acme.submit('image', 'gpt-image-2', input);
    await acme.ended(body.id);
    const sent = simulator.ledger.submits({ contains: 'Exactly this' });
    expect(sent).toHaveLength(1);
    expect(sent[0]!.input).toEqual(input);
  });
});
