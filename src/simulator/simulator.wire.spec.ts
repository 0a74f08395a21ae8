import { type Simulator, startSimulator } from './index.js';
import { ProviderCaller } from './testing/index.js';

/** Fields of the documented bodies. The values are the simulator's own. */
const SUBMIT_OK = ['created_time', 'status', 'task_id'];
const STATUS_OPEN = ['created_time', 'error_message', 'files', 'progress', 'status', 'task_id'];
const STATUS_FINISHED = [
  'created_time',
  'credits_amount',
  'error_message',
  'files',
  'progress',
  'status',
  'task_id',
];
const STATUS_FAILED = ['created_time', 'error_message', 'files', 'status', 'task_id'];
const TASK_ID = /^task-(unified|music)-\d{10}-[0-9a-z]{8}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;

/** Slow enough that nothing ends by itself while a test runs. */
const SLOW = 0.001;

const fields = (data: object | undefined): string[] => Object.keys(data ?? {}).sort();

describe('the wire of the simulated provider', () => {
  let simulator: Simulator;
  let provider: ProviderCaller;

  beforeEach(async () => {
    simulator = await startSimulator({ speed: SLOW });
    provider = new ProviderCaller(simulator);
  });
  afterEach(() => simulator.close());

  describe('submit', () => {
    it('answers with an id, not_started and a time without a zone', async () => {
      const { status, json } = await provider.submit();
      expect(status).toBe(200);
      expect(json.code).toBe(200);
      expect(fields(json.data)).toEqual(SUBMIT_OK);
      expect(json.data).toEqual({
        task_id: expect.stringMatching(TASK_ID) as string,
        status: 'not_started',
        created_time: expect.stringMatching(TIME) as string,
      });
    });

    it('gives music tasks ids of their own', async () => {
      expect(await provider.taskId({ model: 'generate-music' })).toMatch(/^task-music-/);
      expect(await provider.taskId({ model: 'veo3.1-fast' })).toMatch(/^task-unified-/);
    });

    it.each([
      ['no JSON', '{', 'The body must be a JSON object'],
      ['a list', [], 'The body must be a JSON object'],
      ['no model', { input: {} }, 'model is required'],
      ['an empty model', { model: '', input: {} }, 'model is required'],
      ['no input', { model: 'flux-dev' }, 'input is required'],
      [
        'a callback_url that is no text',
        { model: 'flux-dev', input: {}, callback_url: 7 },
        'callback_url must be a string',
      ],
    ])('refuses %s with 400', async (_, body, message) => {
      const { status, json } = await provider.send('/api/generate/submit', body);
      expect(status).toBe(400);
      expect(json).toEqual({ code: 400, error: { message, type: 'invalid_request_error' } });
      expect(simulator.ledger.counts).toMatchObject({ submits: 1, tasksCreated: 0 });
    });

    it('refuses a body beyond 10 MiB with 413', async () => {
      const { status } = await provider.submit({ prompt: 'x'.repeat(10 * 1024 * 1024) });
      expect(status).toBe(413);
    });

    it('refuses with 402 when the credits do not cover the task, until there are more', async () => {
      simulator.creditsLeft = 3;
      const { status, json } = await provider.submit();
      expect(status).toBe(402);
      expect(json).toEqual({
        code: 402,
        error: { message: 'Insufficient credits', type: 'insufficient_credits_error' },
      });
      simulator.creditsLeft = 4;
      expect((await provider.submit()).status).toBe(200);
    });
  });

  describe('keys', () => {
    const refusal = {
      code: 401,
      error: { message: 'Unauthorized - Invalid API key', type: 'authentication_error' },
    };

    it.each([{}, { authorization: 'Bearer ' }, { authorization: 'Basic c2s=' }])(
      'refuses %j on every call',
      async (headers) => {
        for (const path of [
          '/api/generate/status/x',
          '/api/generate/detail/music?task_id=x',
          '/api/user/balance',
        ]) {
          const { status, json } = await provider.get(path, headers as Record<string, string>);
          expect([status, json]).toEqual([401, refusal]);
        }
        const { status, json } = await provider.send(
          '/api/generate/submit',
          {},
          { headers: headers as never },
        );
        expect([status, json]).toEqual([401, refusal]);
      },
    );

    it('accepts only the configured keys', async () => {
      const strict = await startSimulator({ apiKey: ['sk-old', 'sk-new'] });
      const caller = new ProviderCaller(strict);
      const statusFor = async (key: string) =>
        (await caller.get('/api/user/balance', { authorization: `Bearer ${key}` })).status;
      expect([await statusFor('sk-old'), await statusFor('sk-new'), await statusFor('sk-test')]).toEqual([
        200, 200, 401,
      ]);
      await strict.close();
    });
  });

  describe('status', () => {
    it('shows a new task as not_started', async () => {
      const { status, json } = await provider.status(await provider.taskId());
      expect(status).toBe(200);
      expect(fields(json.data)).toEqual(STATUS_OPEN);
      expect(json.data).toMatchObject({ status: 'not_started', files: [], progress: 0, error_message: null });
    });

    it('shows progress while the task runs', async () => {
      const id = await provider.taskId();
      simulator.run(id, 45);
      const { json } = await provider.status(id);
      expect(fields(json.data)).toEqual(STATUS_OPEN);
      expect(json.data).toMatchObject({ status: 'running', files: [], progress: 45, error_message: null });
    });

    it('goes from not_started over growing progress to finished by itself', async () => {
      const fast = await startSimulator({ speed: 200, seed: 3 });
      const caller = new ProviderCaller(fast);
      const id = await caller.taskId();
      const seen: string[] = [];
      const progress: number[] = [];
      while (seen.at(-1) !== 'finished') {
        const { data } = (await caller.status(id)).json;
        if (seen.at(-1) !== data?.status) seen.push(data?.status as string);
        progress.push(data?.['progress'] as number);
      }
      expect(seen.slice(-2)).toEqual(['running', 'finished']);
      expect(progress).toEqual(progress.toSorted((a, b) => a - b));
      await fast.close();
    });

    it('shows the files and the credits of a finished task', async () => {
      const id = await provider.taskId();
      await simulator.finish(id);
      const { json } = await provider.status(id);
      expect(fields(json.data)).toEqual(STATUS_FINISHED);
      expect(json.data).toMatchObject({
        status: 'finished',
        progress: 100,
        error_message: null,
        credits_amount: 4,
        files: [{ file_url: `${simulator.url}/files/${id}/1.png`, file_type: 'image' }],
      });
    });

    it('answers HTTP 200 and code 200 for a failed task', async () => {
      const id = await provider.taskId();
      await simulator.fail(id, 'The prompt violates our content policy');
      const { status, json } = await provider.status(id);
      expect([status, json.code]).toEqual([200, 200]);
      expect(fields(json.data)).toEqual(STATUS_FAILED);
      expect(json.data).toMatchObject({
        status: 'failed',
        files: [],
        error_message: 'The prompt violates our content policy',
      });
    });

    it('knows no other task', async () => {
      const { status, json } = await provider.status('task-unified-1757165031-uyujaw3d');
      expect(status).toBe(404);
      expect(json).toEqual({
        code: 404,
        error: { message: 'Task not found', type: 'resource_not_found_error' },
      });
    });

    it('ends a task when its time is up', async () => {
      const fast = await startSimulator({ speed: 10_000 });
      const caller = new ProviderCaller(fast);
      const id = await caller.taskId();
      await fast.settled(id);
      expect((await caller.status(id)).json.data?.status).toBe('finished');
      await fast.close();
    });
  });

  describe('results of each kind', () => {
    it.each([
      ['gpt-image-1.5', { n: 3 }, ['image', 'image', 'image']],
      ['flux-dev', {}, ['image']],
      ['seedance-2', {}, ['video']],
      ['generate-music', {}, ['audio', 'audio']],
      ['minimax-music-2.6', {}, ['audio']],
      ['generate-midi', {}, ['file']],
      ['meshy-6-text-to-3d', {}, ['model', 'image']],
    ])('%s with %j ends with %j', async (model, input, types) => {
      const id = await provider.taskId({ model, input });
      await simulator.finish(id);
      const { json } = await provider.status(id);
      expect(json.data?.files?.map(({ file_type }) => file_type)).toEqual(types);
    });

    it('labels the files of a 3D task', async () => {
      const id = await provider.taskId({ model: 'tripo3d-h3.1-text-to-3d' });
      await simulator.finish(id);
      const { json } = await provider.status(id);
      expect(json.data?.files).toEqual([
        {
          file_url: `${simulator.url}/files/${id}/1.glb`,
          file_type: 'model',
          label: 'model_glb',
          format: 'glb',
          content_type: 'model/gltf-binary',
          file_name: 'model_glb.glb',
          file_size: expect.any(Number) as number,
        },
        {
          file_url: `${simulator.url}/files/${id}/2.png`,
          file_type: 'image',
          label: 'thumbnail',
          format: 'png',
        },
      ]);
    });
  });

  describe('music detail', () => {
    it('shows an open task without files', async () => {
      const { status, json } = await provider.detail(await provider.taskId({ model: 'generate-music' }));
      expect(status).toBe(200);
      expect(fields(json.data)).toEqual(STATUS_OPEN);
      expect(json.data?.files).toEqual([]);
    });

    it('shows two takes with their ids', async () => {
      const id = await provider.taskId({
        model: 'generate-music',
        prompt: 'Slow piano',
        input: { style: 'Classical, calm', title: 'Morning Room' },
      });
      await simulator.finish(id);
      const { json } = await provider.detail(id);
      expect(fields(json.data)).toEqual(STATUS_OPEN);
      expect(json.data?.files).toEqual(
        [1, 2].map((take) => ({
          audio_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
          audio_url: `${simulator.url}/files/${id}/${take}.wav`,
          title: 'Morning Room',
          duration: 2,
          prompt: 'Slow piano',
          style: 'Classical, calm',
        })),
      );
      const ids = json.data?.files?.map((file) => file['audio_id']);
      expect(new Set(ids).size).toBe(2);
    });

    it.each([
      ['separate-vocals', ['vocals_url', 'instrumental_url']],
      ['generate-midi', ['midi_url']],
      ['create-music-video', ['video_url']],
      ['generate-lyrics', ['lyrics']],
      ['generate-persona', ['persona_id']],
      ['boost-music-style', ['enhanced_style']],
      ['get-timestamped-lyrics', ['timestamped_lyrics']],
    ])('shows %s with %j', async (model, names) => {
      const id = await provider.taskId({ model });
      await simulator.finish(id);
      const { json } = await provider.detail(id);
      expect(Object.keys(json.data?.files?.[0] ?? {})).toEqual(names);
    });

    it('does not exist for other tasks, other ids or no id', async () => {
      const image = await provider.taskId();
      for (const path of [`?task_id=${image}`, '?task_id=nobody', '']) {
        expect((await provider.get(`/api/generate/detail/music${path}`)).status).toBe(404);
      }
    });
  });

  describe('balance and credits', () => {
    it('takes the price of a success, once, and nothing for a failure', async () => {
      const [good, bad] = [await provider.taskId({ model: 'seedance-2' }), await provider.taskId()];
      await simulator.finish(good);
      await simulator.finish(good);
      await simulator.fail(good);
      await simulator.finish(good);
      await simulator.fail(bad);
      expect(simulator.creditsCharged).toBe(40);
      const { json } = await provider.get('/api/user/balance');
      expect(json).toEqual({
        code: 200,
        data: { email: 'user@example.com', credits_amount: 1_000_000 - 40 },
      });
    });
  });

  describe('result files', () => {
    const finished = async (model = 'flux-dev'): Promise<string> => {
      const id = await provider.taskId({ model });
      await simulator.finish(id);
      return `${simulator.url}/files/${id}/1.${model === 'flux-dev' ? 'png' : 'mp4'}`;
    };

    it('are served without a key, with type and length', async () => {
      const response = await fetch(await finished());
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('image/png');
      expect(response.headers.get('content-length')).toBe(`${bytes.length}`);
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    });

    it('can be asked for by HEAD', async () => {
      const response = await fetch(await finished(), { method: 'HEAD' });
      expect(response.status).toBe(200);
      expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100);
      expect(await response.text()).toBe('');
    });

    it.each([
      ['bytes=0-3', 206, [0, 4]],
      ['bytes=4-', 206, [4, undefined]],
      ['bytes=-5', 206, [-5, undefined]],
      ['bytes=2-999999999', 206, [2, undefined]],
      ['bytes=999999999-', 416, [0, 0]],
      ['bytes=5-2', 416, [0, 0]],
      ['bytes=-0', 416, [0, 0]],
      ['bytes=0-1,4-5', 200, [0, undefined]],
      ['lines=1-2', 200, [0, undefined]],
    ])('answer %s with %i', async (range, status, [from, to]) => {
      const url = await finished();
      const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
      const response = await fetch(url, { headers: { range } });
      expect(response.status).toBe(status);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(whole.subarray(from, to));
      if (status === 206) {
        const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(
          response.headers.get('content-range')!,
        )!;
        expect(Number(last) - Number(first) + 1).toBe(whole.subarray(from, to).length);
        expect(Number(total)).toBe(whole.length);
      }
    });

    it('do not exist before the end, after a failure, beyond their number or by another name', async () => {
      const id = await provider.taskId();
      const statusOf = async (name: string) => (await fetch(`${simulator.url}/files/${id}/${name}`)).status;
      expect(await statusOf('1.png')).toBe(404);
      await simulator.finish(id);
      expect(await Promise.all(['1.png', '2.png', '0.png', '1.mp4', 'x'].map(statusOf))).toEqual([
        200, 404, 404, 404, 404,
      ]);
      await simulator.fail(id);
      expect(await statusOf('1.png')).toBe(404);
    });

    it('are gone by hand, and when they are too old', async () => {
      const url = await finished();
      simulator.expireFiles(/task-[^/]+/.exec(url)![0]);
      expect((await fetch(url)).status).toBe(404);

      const forgetful = await startSimulator({ resultTtlMs: 0 });
      const caller = new ProviderCaller(forgetful);
      const id = await caller.taskId();
      await forgetful.finish(id);
      const { json } = await caller.status(id);
      expect((await fetch(json.data!.files![0]!.file_url)).status).toBe(404);
      await forgetful.close();
    });

    it('name the public address when there is one', async () => {
      const behind = await startSimulator({ publicUrl: 'https://files.example/' });
      const caller = new ProviderCaller(behind);
      const id = await caller.taskId();
      await behind.finish(id);
      const { json } = await caller.status(id);
      expect(json.data?.files?.[0]?.file_url).toBe(`https://files.example/files/${id}/1.png`);
      await behind.close();
    });
  });

  it.each(['/api/generate/detail/video', '/api/generate/list', '/nothing', '/api/generate/status/%E0%A4%A'])(
    'knows no %s',
    async (path) => {
      const { status, json } = await provider.get(path);
      expect([status, json.code]).toEqual([404, 404]);
    },
  );
});
