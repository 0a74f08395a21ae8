import { FAULTS, type Simulator, startSimulator } from '../index.js';
import { type CallerAnswer, ProviderCaller } from '../testing/index.js';

/** Slow enough that nothing ends by itself while a test runs. */
const SLOW = 0.001;

/** Every fault but those of callbacks, which have a spec of their own: what a caller sees when it strikes. */
describe('faults', () => {
  let simulator: Simulator;
  let caller: ProviderCaller;

  beforeEach(async () => {
    simulator = await startSimulator({ speed: SLOW });
    caller = new ProviderCaller(simulator);
  });
  afterEach(() => simulator.close());

  /** The id of a task that has finished. */
  const finished = async (prompt = '', model = 'flux-dev'): Promise<string> => {
    const id = await caller.taskId({ prompt, model });
    await simulator.finish(id);
    return id;
  };

  const created = (): number => simulator.ledger.counts.tasksCreated;

  describe('errors, on submit, status, detail, balance and files alike', () => {
    const calls: Record<string, () => Promise<CallerAnswer>> = {
      submit: () => caller.submit(),
      status: async () => caller.status(await caller.taskId()),
      detail: async () => caller.detail(await caller.taskId({ model: 'generate-music' })),
      balance: () => caller.get('/api/user/balance'),
      file: async () => caller.get(`/files/${await finished()}/1.png`),
    };
    const errors = [
      [400, 'invalid_request_error'],
      [401, 'authentication_error'],
      [402, 'insufficient_credits_error'],
      [403, 'permission_denied_error'],
      [404, 'resource_not_found_error'],
      [408, 'timeout_error'],
      [409, 'invalid_request_error'],
      [422, 'validation_error'],
      [429, 'rate_limit_error'],
      [500, 'internal_error'],
      [502, 'upstream_error'],
      [503, 'service_error'],
    ] as const;

    it.each(
      Object.keys(calls).flatMap((fault) => errors.map(([status, type]) => [fault, status, type] as const)),
    )('%s=%i answers with that status and the type %s, without Retry-After', async (fault, status, type) => {
      simulator.setFaults(`${fault}=${status}`);
      const answer = await calls[fault]!();
      expect(answer.status).toBe(status);
      expect(answer.json).toEqual({ code: status, error: { message: expect.any(String) as string, type } });
      expect(answer.headers.get('retry-after')).toBeNull();
    });

    it.each([
      ['429:30', 429, '30'],
      ['503:7', 503, '7'],
      ['429:0', 429, '0'],
    ])('submit=%s carries Retry-After', async (value, status, seconds) => {
      simulator.setFaults(`submit=${value}`);
      const answer = await caller.submit();
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, seconds]);
    });

    it('submit=429:date30 carries Retry-After as a date', async () => {
      simulator.setFaults('submit=429:date30');
      const date = Date.parse((await caller.submit()).headers.get('retry-after')!);
      expect(date - Date.now()).toBeGreaterThan(25_000);
      expect(date - Date.now()).toBeLessThanOrEqual(30_000);
    });

    it.each([
      ['401/detail', 401, { detail: 'Unauthorized - Invalid API key' }],
      [
        '422/detail-list',
        422,
        { detail: [{ loc: ['body', 'input', 'prompt'], msg: 'Validation failed', type: 'value_error' }] },
      ],
      ['400/message', 400, { message: 'Invalid request' }],
      [
        '402/in-200',
        200,
        { code: 402, error: { message: 'Insufficient credits', type: 'insufficient_credits_error' } },
      ],
      [
        '429/in-200-text',
        200,
        { code: '429', error: { message: 'Too many requests', type: 'rate_limit_error' } },
      ],
    ])('submit=%s has another body', async (value, status, body) => {
      simulator.setFaults(`submit=${value}`);
      const answer = await caller.submit();
      expect([answer.status, answer.json]).toEqual([status, body]);
      expect(created()).toBe(0);
    });

    it.each([
      ['403/html', 403],
      ['502/html', 502],
      ['200/html', 200],
    ])('status=%s is a page', async (value, status) => {
      simulator.setFaults(`status=${value}`);
      const answer = await caller.status(await caller.taskId());
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('text/html');
      expect(answer.text).toMatch(/^<!doctype html>/);
    });

    it('status=500/empty has no body', async () => {
      simulator.setFaults('status=500/empty');
      const answer = await caller.status(await caller.taskId());
      expect([answer.status, answer.text]).toEqual([500, '']);
    });
  });

  describe('what a submit creates', () => {
    it.each([
      ['400', 0],
      ['408', 0],
      ['500', 0],
      ['redirect', 0],
      ['drop', 1],
      ['reset', 1],
      ['garbage', 1],
      ['truncated', 1],
      ['empty', 1],
      ['200/html', 1],
      ['slow:1', 1],
      ['trickle:0', 1],
      ['503+created', 1],
      ['408+created', 1],
      ['429+created', 1],
      ['drop+nothing', 0],
      ['garbage+nothing', 0],
    ])('submit=%s creates %i', async (value, tasks) => {
      simulator.setFaults(`submit=${value}`);
      await caller.submit().catch(() => undefined);
      expect(created()).toBe(tasks);
      expect(simulator.ledger.submits()[0]?.taskId === null).toBe(tasks === 0);
    });
  });

  describe('broken answers', () => {
    it.each(['drop', 'reset', 'truncated'])('%s breaks the connection', async (value) => {
      simulator.setFaults(`submit=${value}`);
      await expect(caller.submit()).rejects.toThrow();
      expect(simulator.ledger.submits()[0]).toMatchObject({ fault: value, answer: value });
      const id = simulator.ledger.submits()[0]!.taskId!;
      simulator.setFaults(`status=${value}`);
      await expect(caller.status(id)).rejects.toThrow();
    });

    it('hang answers nothing until the caller leaves', async () => {
      simulator.setFaults('submit=hang');
      const leaving = new AbortController();
      const call = fetch(`${simulator.url}/api/generate/submit`, {
        method: 'POST',
        signal: leaving.signal,
        headers: { authorization: 'Bearer sk' },
        body: JSON.stringify({ model: 'flux-dev', input: {} }),
      });
      const failed = expect(call).rejects.toThrow('aborted');
      await simulator.nextSubmit({ after: 0 });
      // A later call over another connection is answered while the first one still waits.
      await caller.status('nobody');
      expect(simulator.ledger.submits()[0]).toMatchObject({
        answer: 'hang',
        taskId: expect.any(String) as string,
      });
      leaving.abort();
      await failed;
    });

    it('garbage and empty are 200 without readable JSON', async () => {
      simulator.setFaults('submit=garbage', 'status=empty');
      const garbage = await caller.submit();
      expect(garbage.status).toBe(200);
      expect(() => JSON.parse(garbage.text) as unknown).toThrow();
      const empty = await caller.status(simulator.ledger.submits()[0]!.taskId!);
      expect([empty.status, empty.text]).toEqual([200, '']);
    });

    it('redirect leads to the same place, so that following it is a second submit', async () => {
      simulator.setFaults('submit=redirect');
      const answer = await caller.submit();
      expect([answer.status, answer.headers.get('location')]).toEqual([307, '/api/generate/submit']);
      simulator.setFaults('submit=redirectx1');
      const followed = await fetch(`${simulator.url}/api/generate/submit`, {
        method: 'POST',
        headers: { authorization: 'Bearer sk' },
        body: JSON.stringify({ model: 'flux-dev', input: {} }),
      });
      expect(followed.status).toBe(200);
      expect(simulator.ledger.counts).toMatchObject({ submits: 3, tasksCreated: 1 });
    });

    it('slow and trickle give the right answer, late', async () => {
      simulator.setFaults('submit=slow:30', 'status=trickle:1');
      const start = performance.now();
      const id = await caller.taskId();
      const between = performance.now();
      const answer = await caller.status(id);
      expect(between - start).toBeGreaterThanOrEqual(29);
      expect(answer.json.data?.task_id).toBe(id);
      expect(performance.now() - between).toBeGreaterThanOrEqual(answer.text.length);
    });
  });

  describe('the id in a submit answer', () => {
    it.each([
      ['empty', ''],
      ['number', 1_757_165_031],
      ['unusable', expect.stringMatching(/\/ x$/)],
      ['none', undefined],
    ])('submit-id=%s', async (value, id) => {
      simulator.setFaults(`submit-id=${value}`);
      const { status, json } = await caller.submit();
      expect(status).toBe(200);
      expect(json.data?.task_id).toEqual(id);
      expect('task_id' in (json.data ?? {})).toBe(value !== 'none');
      expect(created()).toBe(1);
    });

    it('submit-id=other names the task created before', async () => {
      const first = await caller.taskId();
      simulator.setFaults('submit-id=other');
      expect(await caller.taskId()).toBe(first);
      expect(created()).toBe(2);
    });

    it('submit-id=other makes an id up when there is no other task', async () => {
      simulator.setFaults('submit-id=other');
      const id = await caller.taskId();
      expect(id).toMatch(/^task-unified-/);
      expect(id).not.toBe(simulator.ledger.submits()[0]!.taskId);
    });

    it('error-with-id is HTTP 500 that names the task', async () => {
      simulator.setFaults('error-with-id');
      const { status, json } = await caller.submit();
      expect([status, json.code]).toEqual([500, 500]);
      expect(json.data?.task_id).toBe(simulator.ledger.submits()[0]!.taskId);
    });
  });

  describe('the fate of a task', () => {
    it.each([
      ['fail=Too red', 'Too red'],
      ['fail', 'The prompt violates our content policy'],
    ])('%s', async (fault, message) => {
      const id = await caller.taskId({ prompt: `[[sim:${fault};duration=0]]` });
      await simulator.settled(id);
      expect((await caller.status(id)).json.data).toMatchObject({ status: 'failed', error_message: message });
      expect(simulator.creditsCharged).toBe(0);
    });

    it('duration says how long it takes', async () => {
      const id = await caller.taskId({ prompt: '[[sim:duration=0]]' });
      expect((await caller.status(id)).json.data?.status).toBe('finished');
    });

    it('duration=never has no verdict of its own', async () => {
      const fast = await startSimulator({ speed: 1e9, faults: ['duration=never'] });
      const impatient = new ProviderCaller(fast);
      const id = await impatient.taskId();
      const other = await impatient.taskId({ prompt: '[[sim:duration=300000]]' });
      await fast.settled(other);
      expect((await impatient.status(id)).json.data).toMatchObject({ status: 'running', progress: 0 });
      await fast.finish(id);
      await fast.close();
    });

    it.each([
      ['gpt-image-1.5', 1],
      ['flux-dev', 0],
      ['seedance-2', 3],
    ])('count sets the number of files of %s to %i', async (model, count) => {
      const id = await caller.taskId({ model, prompt: `[[sim:count=${count}]]`, input: { n: 4 } });
      await simulator.finish(id);
      expect((await caller.status(id)).json.data?.files).toHaveLength(count);
    });

    it.each([
      ['late-files', [0, 1, 1]],
      ['late-files=2', [0, 0, 1]],
    ])('%s shows the files later', async (fault, counts) => {
      const id = await finished(`[[sim:${fault}]]`);
      const seen = [];
      for (const _ of counts) {
        const { data } = (await caller.status(id)).json;
        expect(data?.status).toBe('finished');
        seen.push(data?.files?.length);
      }
      expect(seen).toEqual(counts);
    });

    it('late files are late in the detail too', async () => {
      const id = await finished('[[sim:late-files]]', 'generate-music');
      const detailFiles = async () => (await caller.detail(id)).json.data?.files?.length;
      expect(await detailFiles()).toBe(0);
      await caller.status(id);
      expect(await detailFiles()).toBe(2);
    });

    it('reads that a fault swallows do not count', async () => {
      const id = await finished('[[sim:late-files; status=503x2]]');
      const seen = [];
      for (let read = 0; read < 4; read += 1) {
        const { status, json } = await caller.status(id);
        seen.push([status, json.data?.files?.length]);
      }
      expect(seen).toEqual([
        [503, undefined],
        [503, undefined],
        [200, 0],
        [200, 1],
      ]);
    });

    it.each([
      ['flip', 'finish', ['finished', 'failed', 'failed']],
      ['flip', 'fail', ['failed', 'finished', 'finished']],
      ['flip=2', 'finish', ['finished', 'finished', 'failed']],
      ['flip=0', 'finish', ['failed', 'failed', 'failed']],
      ['flip=1:running', 'finish', ['finished', 'running', 'running']],
    ] as const)('%s after %s reads %j', async (fault, end, words) => {
      const id = await caller.taskId({ prompt: `[[sim:${fault}]]` });
      await simulator[end](id);
      const seen = [];
      for (const _ of words) seen.push((await caller.status(id)).json.data?.status);
      expect(seen).toEqual(words);
    });
  });

  describe('the form of a body', () => {
    it('files=output moves the files, files=both shows them twice', async () => {
      const id = await finished();
      const { files } = (await caller.status(id)).json.data!;
      simulator.setFaults('files=output');
      const moved = (await caller.status(id)).json.data!;
      expect(moved.output).toEqual({ files });
      expect('files' in moved).toBe(false);
      simulator.setFaults('files=both');
      const both = (await caller.status(id)).json.data!;
      expect([both.files, both.output]).toEqual([files, { files }]);
    });

    it('envelope=none leaves code and data off, on submit, status and detail', async () => {
      simulator.setFaults('envelope=none');
      const { json } = await caller.submit({ model: 'generate-music' });
      const id = json['task_id'] as string;
      expect(json).toMatchObject({ task_id: expect.any(String) as string, status: 'not_started' });
      expect((await caller.status(id)).json).toMatchObject({ task_id: id, status: 'not_started' });
      expect((await caller.detail(id)).json).toMatchObject({ task_id: id, status: 'not_started' });
    });

    it.each([
      ['0', 0],
      ['text', '200'],
      ['none', undefined],
    ])('code=%s', async (value, code) => {
      simulator.setFaults(`code=${value}`);
      const { json } = await caller.submit();
      expect(json.code).toBe(code);
      expect(json.data?.task_id).toEqual(expect.any(String));
    });

    it('omit and null take fields away', async () => {
      const id = await finished('[[sim:omit=progress+credits; null=status+created_time]]');
      const data = (await caller.status(id)).json.data!;
      expect(Object.keys(data).sort()).toEqual([
        'created_time',
        'error_message',
        'files',
        'status',
        'task_id',
      ]);
      expect([data.status, data['created_time']]).toEqual([null, null]);
      simulator.setFaults('omit=status');
      expect((await caller.submit()).json.data).not.toHaveProperty('status');
    });

    it.each([
      ['text', '4'],
      ['fraction', 4.5],
    ])('credits=%s', async (value, credits) => {
      const id = await finished(`[[sim:credits=${value}]]`);
      expect((await caller.status(id)).json.data?.['credits_amount']).toBe(credits);
    });

    it('credits=text changes the balance too', async () => {
      simulator.setFaults('credits=text');
      expect((await caller.get('/api/user/balance')).json.data?.['credits_amount']).toBe('1000000');
    });

    it.each([
      ['pending', ['pending', 'running', 'finished', 'failed']],
      ['queued', ['queued', 'running', 'finished', 'failed']],
      ['processing', ['not_started', 'processing', 'finished', 'failed']],
      ['success', ['not_started', 'running', 'success', 'failed']],
      ['cancelled', ['not_started', 'running', 'finished', 'cancelled']],
      ['canceled', ['not_started', 'running', 'finished', 'canceled']],
      ['warming_up', ['not_started', 'warming_up', 'finished', 'failed']],
      ['queued+processing+success', ['queued', 'processing', 'success', 'failed']],
    ])('word=%s', async (words, expected) => {
      const id = await caller.taskId({ prompt: `[[sim:word=${words}]]` });
      const seen: unknown[] = [];
      const look = async () => seen.push((await caller.status(id)).json.data?.status);
      await look();
      simulator.run(id, 50);
      await look();
      await simulator.finish(id);
      await look();
      await simulator.fail(id);
      await look();
      expect(seen).toEqual(expected);
    });

    it('status-id names another task, or none', async () => {
      const [id, newest] = [await finished(), await caller.taskId()];
      simulator.setFaults('status-id=other');
      expect((await caller.status(id)).json.data?.task_id).toBe(newest);
      expect((await caller.status(newest)).json.data?.task_id).not.toBe(newest);
      simulator.setFaults('status-id=none');
      expect((await caller.status(id)).json.data).not.toHaveProperty('task_id');
    });

    it.each([
      ['finished', 2],
      ['failed', 0],
      ['running', 0],
    ])('detail-state=%s contradicts the status', async (state, files) => {
      const id = await caller.taskId({ model: 'generate-music', prompt: `[[sim:detail-state=${state}]]` });
      expect((await caller.detail(id)).json.data?.status).toBe('not_started');
      await (state === 'finished' ? simulator.fail(id) : simulator.finish(id));
      const { data } = (await caller.detail(id)).json;
      expect([data?.status, data?.files?.length]).toEqual([state, files]);
      expect((await caller.status(id)).json.data?.status).toBe(state === 'finished' ? 'failed' : 'finished');
    });
  });

  describe('switching', () => {
    it('counts down, then lets the next switch of that name speak', async () => {
      simulator.setFaults('submit=503x2', 'submit=429x1');
      const statuses = [];
      for (let call = 0; call < 4; call += 1) statuses.push((await caller.submit()).status);
      expect(statuses).toEqual([503, 503, 429, 200]);
      expect(simulator.faults()).toEqual([]);
    });

    it('lets a directive win over what is on for everybody, for its task alone', async () => {
      simulator.setFaults('status=500');
      const [own, other] = [await caller.taskId({ prompt: '[[sim:status=403x1]]' }), await caller.taskId()];
      expect([(await caller.status(own)).status, (await caller.status(own)).status]).toEqual([403, 500]);
      expect((await caller.status(other)).status).toBe(500);
    });

    it('finds directives in any text of the input, and nowhere else', async () => {
      const inLyrics = await caller.submit({ input: { nested: [{ lyrics: 'la [[sim:submit=402]] la' }] } });
      expect(inLyrics.status).toBe(402);
      const inModel = await caller.submit({ model: '[[sim:submit=402]]' });
      expect(inModel.status).toBe(200);
    });

    it('tells who misspells a directive', async () => {
      const { status, json } = await caller.submit({ prompt: '[[sim:submitt=drop]]' });
      expect(status).toBe(400);
      expect(json.error?.message).toMatch(/^Unknown fault "submitt=drop"\. Known are: submit, status, /);
    });
  });

  it('file faults hold for one task when they are its own', async () => {
    const [gone, there] = [await finished('[[sim:file=404]]'), await finished()];
    const statusOf = async (id: string) => (await fetch(`${simulator.url}/files/${id}/1.png`)).status;
    expect([await statusOf(gone), await statusOf(there)]).toEqual([404, 200]);
  });

  it('an answer fault reaches even ids that nobody knows', async () => {
    simulator.setFaults('status=503');
    expect((await caller.status('nobody')).status).toBe(503);
  });

  it('the catalogue tells for each fault what it does and takes examples of its own grammar', () => {
    for (const [name, fault] of Object.entries(FAULTS)) {
      expect([name, fault.does.length > 10]).toEqual([name, true]);
      expect([name, fault.accepts('no such value at all')]).toEqual([name, name === 'fail']);
    }
  });
});
