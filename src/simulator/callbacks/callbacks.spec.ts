import { createHmac } from 'node:crypto';
import { DEFAULT_CALLBACK_SECRET, type Simulator, type SimulatorOptions, startSimulator } from '../index.js';
import {
  type CallbackReceiver,
  ProviderCaller,
  startCallbackReceiver,
  type SubmitWish,
} from '../testing/index.js';

/** Tasks last minutes, retries and delays milliseconds: callbacks come when a test ends the task. */
const FAST_RETRIES: SimulatorOptions = {
  speed: 1,
  callbacks: { retryDelaysMs: [1, 2, 4], timeoutMs: 5_000 },
};

describe('callbacks', () => {
  let receiver: CallbackReceiver;
  let simulator: Simulator;
  let caller: ProviderCaller;

  const start = async (options: SimulatorOptions = {}): Promise<void> => {
    simulator = await startSimulator({ ...FAST_RETRIES, ...options });
    caller = new ProviderCaller(simulator);
  };

  beforeEach(async () => {
    receiver = await startCallbackReceiver();
    await start();
  });
  afterEach(async () => {
    await simulator.close();
    await receiver.close();
  });

  const submitted = (wish: SubmitWish = {}): Promise<string> =>
    caller.taskId({ callbackUrl: receiver.url, ...wish });

  const bodies = (): unknown[] => receiver.received.map(({ body }) => JSON.parse(body) as unknown);

  it('tell a success, wrapped like a status and without the credits', async () => {
    const id = await submitted();
    await simulator.finish(id);
    const { json } = await caller.status(id);
    const { credits_amount: _, ...data } = json.data!;
    expect(bodies()).toEqual([{ code: 200, data }]);
    expect(data).toMatchObject({ task_id: id, status: 'finished', progress: 100, error_message: null });
    expect(receiver.received[0]).toMatchObject({
      path: '/callback',
      headers: { 'content-type': 'application/json' },
    });
    expect(receiver.received[0]!.headers).not.toHaveProperty('authorization');
    expect(receiver.received[0]!.headers).not.toHaveProperty('x-webhook-signature');
  });

  it('tell a failure', async () => {
    const id = await submitted();
    await simulator.fail(id, 'Too red');
    expect(bodies()).toEqual([
      {
        code: 200,
        data: {
          task_id: id,
          status: 'failed',
          files: [],
          created_time: expect.any(String) as string,
          error_message: 'Too red',
        },
      },
    ]);
  });

  it('come by themselves when the time is up', async () => {
    await submitted({ prompt: '[[sim:duration=1]]' });
    await receiver.count(1);
  });

  it('are not sent without a callback_url', async () => {
    const id = await caller.taskId();
    await simulator.finish(id);
    expect(simulator.ledger.counts.callbacks).toBe(0);
  });

  it('can be flat for all', async () => {
    await simulator.close();
    await start({ callbacks: { shape: 'flat' } });
    const id = await submitted();
    await simulator.finish(id);
    expect(bodies()).toMatchObject([{ task_id: id, status: 'finished', files: [{ file_type: 'image' }] }]);
    expect(bodies()[0]).not.toHaveProperty('code');
  });

  describe('retries', () => {
    it('follow every answer but 2xx, with the same body, and end with the first 2xx', async () => {
      receiver.answerWith(500, 404, 202);
      const id = await submitted();
      await simulator.finish(id);
      await simulator.nextCallback({ after: 0 });
      await receiver.count(3);
      const attempts = await attemptsOf(3);
      expect(attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
        [1, 500],
        [2, 404],
        [3, 202],
      ]);
      expect(new Set(attempts.map(({ body }) => body)).size).toBe(1);
    });

    it('end after the last pause', async () => {
      receiver.answerWith(500, 500, 500, 500, 500, 500);
      await simulator.finish(await submitted());
      const attempts = await attemptsOf(4);
      expect(attempts.at(-1)).toMatchObject({ attempt: 4, status: 500 });
    });

    it('follow a receiver that cannot be reached or answers too late', async () => {
      await simulator.close();
      await start({ callbacks: { retryDelaysMs: [1], timeoutMs: 50 } });
      receiver.answerWith(0);
      await simulator.finish(await submitted());
      const [first, second] = await attemptsOf(2);
      expect(first).toMatchObject({ status: null, error: 'no answer within 50 ms' });
      expect(second).toMatchObject({ status: 200, error: null });

      const id = await caller.taskId({ callbackUrl: 'http://127.0.0.1:1/' });
      await simulator.finish(id);
      expect(simulator.ledger.callbacks({ taskId: id })[0]).toMatchObject({
        status: null,
        error: expect.stringContaining('ECONNREFUSED') as string,
      });
    });

    it.each(['ftp://127.0.0.1/', 'nonsense'])('do not make %s a place to send to', async (callbackUrl) => {
      const id = await caller.taskId({ callbackUrl });
      await simulator.finish(id);
      expect(simulator.ledger.callbacks({ taskId: id })[0]).toMatchObject({
        status: null,
        error: 'not an http(s) URL',
      });
    });

    const attemptsOf = async (count: number) => {
      let after = 0;
      for (let seen = 0; seen < count; seen += 1) after = (await simulator.nextCallback({ after })).seq;
      return simulator.ledger.callbacks();
    };
  });

  describe('signature', () => {
    const expected = (secret: string, id: string, timestamp: string): string =>
      createHmac('sha256', secret).update(`${id}.${timestamp}`).digest('base64');

    const headersOf = (index: number) => {
      const { headers } = receiver.received[index]!;
      return [headers['x-webhook-timestamp'] as string, headers['x-webhook-signature'] as string] as const;
    };

    it('covers task id and time when there is a secret', async () => {
      await simulator.close();
      await start({ callbacks: { secret: 'quiet' } });
      const id = await submitted();
      await simulator.finish(id);
      const [timestamp, signature] = headersOf(0);
      expect(signature).toBe(expected('quiet', id, timestamp));
      expect(Math.abs(Date.now() / 1_000 - Number(timestamp))).toBeLessThan(5);
      await simulator.finish(await submitted({ prompt: '[[sim:callback-signature=off]]' }));
      expect(headersOf(1)).toEqual([undefined, undefined]);
    });

    it.each([
      ['on', true, 0],
      ['wrong', false, 0],
      ['stale', true, 600],
    ])('callback-signature=%s', async (value, isRight, age) => {
      const id = await submitted({ prompt: `[[sim:callback-signature=${value}]]` });
      await simulator.finish(id);
      const [timestamp, signature] = headersOf(0);
      expect(signature === expected(DEFAULT_CALLBACK_SECRET, id, timestamp)).toBe(isRight);
      expect(Math.abs(Date.now() / 1_000 - age - Number(timestamp))).toBeLessThan(5);
    });
  });

  describe('faults', () => {
    it('callback-never', async () => {
      await simulator.finish(await submitted({ prompt: '[[sim:callback-never]]' }));
      await simulator.finish(await submitted());
      expect(receiver.received).toHaveLength(1);
    });

    it('callback-early: answered before the submit answer', async () => {
      const gate = simulator.hold('callback');
      let isAnswered = false;
      const submit = submitted({ prompt: '[[sim:callback-early]]' }).then((id) => {
        isAnswered = true;
        return id;
      });
      await gate.reached();
      expect(isAnswered).toBe(false);
      expect(simulator.ledger.counts.tasksCreated).toBe(1);
      gate.release();
      const id = await submit;
      expect(bodies()).toMatchObject([{ data: { task_id: id, status: 'finished' } }]);
    });

    it('callback-delay', async () => {
      const fast = await startSimulator({ speed: 1_000 });
      const id = await new ProviderCaller(fast).taskId({
        callbackUrl: receiver.url,
        prompt: '[[sim:duration=1000000;callback-delay=30000]]',
      });
      const before = performance.now();
      await fast.finish(id);
      expect(performance.now() - before).toBeGreaterThanOrEqual(29);
      await fast.close();
    });

    it.each(['flat', 'wrapped'])('callback-shape=%s', async (shape) => {
      await simulator.finish(await submitted({ prompt: `[[sim:callback-shape=${shape}]]` }));
      expect(bodies()[0]).toHaveProperty(shape === 'flat' ? 'status' : 'data.status');
    });

    it.each([
      ['callback-repeat', 2],
      ['callback-repeat=4', 5],
    ])('%s', async (fault, count) => {
      await simulator.finish(await submitted({ prompt: `[[sim:${fault}]]` }));
      await receiver.count(count);
      expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    });

    it('callback-replay', async () => {
      const id = await submitted({ prompt: '[[sim:callback-replay=20]]' });
      await simulator.finish(id);
      const replay = await simulator.nextCallback({ after: simulator.ledger.callbacks()[0]!.seq });
      expect(replay).toMatchObject({ taskId: id, reason: 'replay', body: receiver.received[0]!.body });
    });

    it.each([
      ['failed', 'finish'],
      ['finished', 'fail'],
      ['running', 'finish'],
    ] as const)('callback-state=%s after %s', async (state, end) => {
      const id = await submitted({ prompt: `[[sim:callback-state=${state}]]` });
      await simulator[end](id);
      expect(bodies()).toMatchObject([{ data: { task_id: id, status: state } }]);
      expect((await caller.status(id)).json.data?.status).not.toBe(state);
    });

    it('callback-files', async () => {
      const lying = await submitted({ prompt: '[[sim:callback-files=false]]' });
      await simulator.finish(lying);
      await simulator.finish(await submitted({ prompt: '[[sim:callback-files=none]]' }));
      expect(bodies()).toMatchObject([
        { data: { files: [{ file_url: `${simulator.url}/files/${lying}/invented.png` }] } },
        { data: { files: [] } },
      ]);
    });

    it('callback-id', async () => {
      const other = await submitted({ prompt: '[[sim:callback-id=other]]' });
      const newest = await submitted({ prompt: '[[sim:callback-id=none]]' });
      await simulator.finish(other);
      await simulator.finish(newest);
      expect(bodies()).toMatchObject([{ data: { task_id: newest } }, { data: { status: 'finished' } }]);
      expect(bodies()[1]).not.toHaveProperty('data.task_id');
    });

    it.each([
      ['text', /^finished$/],
      ['html', /^<html>/],
      ['array', /^\[\{.*\}\]$/],
      ['empty', /^$/],
      ['no-status', /^\{"code":200,"data":\{(?!.*"status").*\}\}$/],
    ])('callback-malformed=%s', async (kind, body) => {
      await simulator.finish(await submitted({ prompt: `[[sim:callback-malformed=${kind}]]` }));
      expect(receiver.received[0]!.body).toMatch(body);
    });

    it.each(['finished', 'failed', 'running'])(
      'callback-forged=%s comes before the end, in addition',
      async (state) => {
        const id = await submitted({ prompt: `[[sim:callback-forged=${state};duration=never]]` });
        const forged = await simulator.nextCallback({ after: 0 });
        expect(forged.reason).toBe('forged');
        expect(bodies()).toMatchObject([{ data: { task_id: id, status: state } }]);
        await simulator.finish(id);
        expect(receiver.received).toHaveLength(2);
      },
    );

    it('faults of the body form hold for callbacks too', async () => {
      await simulator.finish(await submitted({ prompt: '[[sim:files=output;word=success;code=text]]' }));
      expect(bodies()).toMatchObject([{ code: '200', data: { status: 'success', output: { files: [{}] } } }]);
    });
  });

  describe('by hand', () => {
    it('are sent again as they are', async () => {
      const id = await submitted();
      await simulator.finish(id);
      expect(await simulator.redeliver(id)).toMatchObject({
        reason: 'manual',
        status: 200,
        body: receiver.received[0]!.body,
      });
      expect(receiver.received).toHaveLength(2);
    });

    it('say what a test wants, to whom it wants', async () => {
      const id = await submitted();
      const record = await simulator.sendCallback(id, {
        status: 'finished',
        taskId: 'another',
        files: [],
        url: `${receiver.url}/elsewhere?x=1`,
      });
      expect(record.status).toBe(200);
      expect(receiver.received).toMatchObject([{ path: '/callback/elsewhere?x=1' }]);
      expect(bodies()).toMatchObject([{ data: { task_id: 'another', status: 'finished', files: [] } }]);
      expect((await caller.status(id)).json.data?.status).not.toBe('finished');
    });

    it('follow when an ended task is turned', async () => {
      const id = await submitted();
      await simulator.finish(id);
      await simulator.fail(id);
      await simulator.fail(id);
      expect(bodies()).toMatchObject([{ data: { status: 'finished' } }, { data: { status: 'failed' } }]);
    });
  });

  it('are held by a gate, and then told to who waits', async () => {
    const gate = simulator.hold('callback', { contains: 'marker' });
    const [held, free] = [await submitted({ prompt: 'marker' }), await submitted()];
    const finishing = simulator.finish(held);
    await gate.reached();
    await simulator.finish(free);
    expect(receiver.received).toHaveLength(1);
    const next = simulator.nextCallback({ taskId: held });
    gate.release();
    await finishing;
    expect(await next).toMatchObject({ taskId: held, status: 200, reason: 'verdict', attempt: 1 });
  });
});
