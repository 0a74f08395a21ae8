import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { FaultSyntaxError, type Simulator, SimulatorControlError, startSimulator } from './index.js';
import { ProviderCaller } from './testing/index.js';

/** Slow enough that nothing ends by itself while a test runs. */
const SLOW = 0.001;

describe('startSimulator', () => {
  it('names every bad option at once', async () => {
    await expect(
      startSimulator({ port: -1, speed: 0, callbacks: { timeoutMs: 0, retryDelaysMs: [1, -1] } }),
    ).rejects.toThrow(
      new TypeError(
        [
          'port is -1 and must be 0 to 65535.',
          'speed is 0 and must be a number above 0.',
          'callbacks.timeoutMs is 0 and must be more than 0 milliseconds.',
          'callbacks.retryDelaysMs[1] is -1 and must be 0 or more milliseconds.',
        ].join('\n'),
      ),
    );
  });

  it('refuses faults it does not know', async () => {
    await expect(startSimulator({ faults: ['submit=drop', 'submt=drop'] })).rejects.toThrow(FaultSyntaxError);
  });

  it('says so when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startSimulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
  });

  it('repeats durations and probabilities for the same seed', async () => {
    const run = async (seed: number): Promise<unknown[]> => {
      const simulator = await startSimulator({ seed, faults: ['submit=503@0.5'] });
      const caller = new ProviderCaller(simulator);
      const statuses = [];
      for (let call = 0; call < 20; call += 1) statuses.push((await caller.submit()).status);
      await simulator.close();
      return statuses;
    };
    const [first, again, other] = [await run(7), await run(7), await run(8)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 503]));
  });

  it('closes with requests under way, and twice', async () => {
    const simulator = await startSimulator({ faults: ['submit=hang'] });
    const call = new ProviderCaller(simulator).submit();
    const failed = expect(call).rejects.toThrow();
    await simulator.nextSubmit({ after: 0 });
    await Promise.all([simulator.close(), simulator.close()]);
    await failed;
    await expect(fetch(simulator.url)).rejects.toThrow();
  });

  it('refuses unknown models only when it is strict', async () => {
    const strict = await startSimulator({ strictModels: true });
    const caller = new ProviderCaller(strict);
    expect((await caller.submit({ model: 'unheard-of' })).json.error?.message).toBe(
      'Unknown model unheard-of',
    );
    expect((await caller.submit({ model: 'flux-dev' })).status).toBe(200);
    await strict.close();
    const lenient = await startSimulator();
    expect((await new ProviderCaller(lenient).submit({ model: 'unheard-of' })).status).toBe(200);
    await lenient.close();
  });

  it('waits as long as its latencies say', async () => {
    const simulator = await startSimulator({ submitLatencyMs: 40, statusLatencyMs: 40 });
    const caller = new ProviderCaller(simulator);
    const before = performance.now();
    const id = await caller.taskId();
    const between = performance.now();
    await caller.status(id);
    expect(between - before).toBeGreaterThanOrEqual(39);
    expect(performance.now() - between).toBeGreaterThanOrEqual(39);
    await simulator.close();
  });

  it('forgets the oldest ended tasks beyond its limit, never open ones', async () => {
    const simulator = await startSimulator({ taskLimit: 2 });
    const caller = new ProviderCaller(simulator);
    const open = await caller.taskId();
    const ended = [];
    for (let count = 0; count < 3; count += 1) {
      const id = await caller.taskId();
      await simulator.finish(id);
      ended.push(id);
    }
    const statuses = await Promise.all([open, ...ended].map(async (id) => (await caller.status(id)).status));
    expect(statuses).toEqual([200, 404, 200, 200]);
    await simulator.close();
  });

  it('recalls tasks of a former life as finished when told to', async () => {
    const first = await startSimulator();
    const caller = new ProviderCaller(first);
    const image = await caller.taskId({ model: 'gpt-4o-image', input: { n: 3 } });
    const model = await caller.taskId({ model: 'meshy-6-text-to-3d' });
    await first.close();

    const second = await startSimulator({ recallTasks: true });
    const again = new ProviderCaller(second);
    const filesOf = async (id: string) => (await again.status(id)).json.data?.files ?? [];
    expect((await filesOf(image)).map(({ file_type }) => file_type)).toEqual(['image', 'image', 'image']);
    expect((await filesOf(model)).map(({ file_type }) => file_type)).toEqual(['model', 'image']);
    expect((await fetch((await filesOf(model))[0]!.file_url)).status).toBe(200);
    expect((await again.status('made-up')).status).toBe(404);
    expect((await again.status('task-unified-9999999999-0aaaaaaa')).status).toBe(404);
    expect(second.creditsCharged).toBe(0);
    await second.close();
  });
});

describe('steering by hand', () => {
  let simulator: Simulator;
  let caller: ProviderCaller;

  beforeEach(async () => {
    simulator = await startSimulator({ speed: SLOW });
    caller = new ProviderCaller(simulator);
  });
  afterEach(() => simulator.close());

  it('rejects for tasks it does not have and callbacks that go nowhere', async () => {
    const id = await caller.taskId();
    await expect(simulator.finish('nobody')).rejects.toThrow(SimulatorControlError);
    await expect(simulator.fail('nobody')).rejects.toThrow(SimulatorControlError);
    await expect(simulator.settled('nobody')).rejects.toThrow(SimulatorControlError);
    await expect(simulator.redeliver(id)).rejects.toThrow(`Task ${id} was submitted without a callback_url.`);
    expect(() => simulator.expireFiles('nobody')).toThrow(SimulatorControlError);
  });

  it('tells who waits for a verdict', async () => {
    const id = await caller.taskId();
    const settled = Promise.all([simulator.settled(id), simulator.settled(id)]);
    await simulator.fail(id);
    await settled;
    await simulator.settled(id);
  });
});

describe('the ledger', () => {
  let simulator: Simulator;
  let caller: ProviderCaller;

  beforeEach(async () => {
    simulator = await startSimulator({ speed: SLOW, ledgerLimit: 5 });
    caller = new ProviderCaller(simulator);
  });
  afterEach(() => simulator.close());

  it('says which submits created a task, whatever their answer was', async () => {
    await caller.submit({ prompt: 'marker-a [[sim:submit=503+created]]' });
    await caller.submit({ prompt: 'marker-a [[sim:submit=503]]' });
    await caller.submit({ prompt: 'marker-b' });
    const [first, second, ...none] = simulator.ledger.submits({ contains: 'marker-a' });
    expect(none).toEqual([]);
    expect(first).toMatchObject({
      taskId: expect.stringMatching(/^task-/) as string,
      answer: '503',
      fault: '503+created',
    });
    expect(second).toMatchObject({ taskId: null, answer: '503', fault: '503' });
    expect(simulator.ledger.counts).toMatchObject({ submits: 3, tasksCreated: 2 });
  });

  it('keeps what a test asks about: body, headers, connection; never the key', async () => {
    const sent = { model: 'flux-dev', callback_url: 'http://127.0.0.1:9/cb', input: { prompt: 'A red fox' } };
    await caller.send('/api/generate/submit', sent, {
      headers: { authorization: 'Bearer sk-secret-1234', 'idempotency-key': 'abc' },
    });
    const [record] = simulator.ledger.submits();
    expect(record).toMatchObject({
      model: 'flux-dev',
      input: { prompt: 'A red fox' },
      callbackUrl: 'http://127.0.0.1:9/cb',
      text: JSON.stringify(sent),
      connection: 1,
      headers: { 'idempotency-key': 'abc', authorization: '…1234', 'content-type': 'application/json' },
    });
    expect(JSON.stringify(record)).not.toContain('sk-secret');
  });

  it('writes down every read with what it told', async () => {
    const id = await caller.taskId({ prompt: 'marker' });
    await caller.status(id);
    await simulator.finish(id);
    await caller.status(id);
    await caller.status('nobody');
    expect(
      simulator.ledger
        .reads({ contains: 'marker' })
        .map(({ operation, told, answer }) => [operation, told, answer]),
    ).toEqual([
      ['status', 'not_started', '200'],
      ['status', 'finished', '200'],
    ]);
    expect(simulator.ledger.reads({ taskId: 'nobody' })).toMatchObject([{ told: null, answer: '404' }]);
  });

  it('forgets its oldest records and no total', async () => {
    for (let count = 0; count < 8; count += 1) await caller.submit({ prompt: `number ${count}` });
    expect(simulator.ledger.submits().map(({ input }) => input?.['prompt'])).toEqual(
      [3, 4, 5, 6, 7].map((count) => `number ${count}`),
    );
    expect(simulator.ledger.counts.submits).toBe(8);
    simulator.ledger.reset();
    expect(simulator.ledger.submits()).toEqual([]);
    expect(simulator.ledger.counts.submits).toBe(0);
  });

  it('counts how many calls were under way at once', async () => {
    const gate = simulator.hold('submit-answer');
    const calls = [caller.submit(), caller.submit(), caller.submit()];
    await gate.reached(3);
    gate.release();
    await Promise.all(calls);
    await caller.submit();
    expect(simulator.ledger.counts.mostConcurrent).toMatchObject({ submit: 3, status: 0 });
  });

  it('says when the caller has gone before the answer', async () => {
    const gate = simulator.hold('submit-answer');
    const leaving = new AbortController();
    const call = fetch(`${simulator.url}/api/generate/submit`, {
      method: 'POST',
      signal: leaving.signal,
      headers: { authorization: 'Bearer sk' },
      body: JSON.stringify({ model: 'flux-dev', input: {} }),
    });
    const gone = expect(call).rejects.toThrow();
    await gate.reached();
    leaving.abort();
    await gone;
    const [record] = simulator.ledger.submits();
    // Each turn is a call that was answered; the server learns of the lost connection between two of them.
    while (record!.answer === null) await caller.status('nobody');
    gate.release();
    await caller.status('nobody');
    expect(simulator.ledger.submits()[0]).toMatchObject({
      answer: 'caller gone',
      taskId: expect.any(String) as string,
    });
  });

  it('tells the next submit and the next read, or an earlier one when asked from a point on', async () => {
    const next = simulator.nextSubmit({ contains: 'second' });
    await caller.submit({ prompt: 'first' });
    const id = await caller.taskId({ prompt: 'second' });
    expect((await next).taskId).toBe(id);
    expect((await simulator.nextSubmit({ after: 0, contains: 'first' })).input?.['prompt']).toBe('first');
    const read = simulator.nextRead({ taskId: id });
    await caller.status(id);
    expect((await read).told).toBe('not_started');
  });
});

describe('gates', () => {
  let simulator: Simulator;
  let caller: ProviderCaller;

  beforeEach(async () => {
    simulator = await startSimulator({ speed: SLOW });
    caller = new ProviderCaller(simulator);
  });
  afterEach(() => simulator.close());

  it('hold a submit before anything is created', async () => {
    const gate = simulator.hold('submit');
    const call = caller.submit();
    await gate.reached();
    expect(simulator.ledger.counts.tasksCreated).toBe(0);
    gate.release();
    expect((await call).status).toBe(200);
  });

  it('hold a submit answer after the task was created', async () => {
    const gate = simulator.hold('submit-answer');
    const call = caller.submit();
    await gate.reached();
    const { taskId } = simulator.ledger.submits()[0]!;
    await simulator.finish(taskId!);
    gate.release();
    expect((await call).json.data).toMatchObject({ task_id: taskId, status: 'not_started' });
  });

  it('hold a status before or after the state is read', async () => {
    const id = await caller.taskId();
    const [before, after] = [simulator.hold('status'), simulator.hold('status-answer')];
    const first = caller.status(id);
    await before.reached();
    before.release();
    await after.reached();
    await simulator.finish(id);
    after.release();
    expect((await first).json.data?.status).toBe('not_started');

    const again = simulator.hold('status');
    const second = caller.status(id);
    await again.reached();
    await simulator.fail(id);
    again.release();
    expect((await second).json.data?.status).toBe('failed');
  });

  it('hold only whom they concern', async () => {
    const gate = simulator.hold('submit', { contains: 'marker' });
    const held = caller.submit({ prompt: 'marker' });
    await gate.reached();
    const id = await caller.taskId();
    const other = await caller.taskId();
    const statusGate = simulator.hold('status', { taskId: id });
    const heldStatus = caller.status(id);
    await statusGate.reached();
    expect((await caller.status(other)).status).toBe(200);
    gate.release();
    statusGate.release();
    expect([(await held).status, (await heldStatus).status]).toEqual([200, 200]);
  });

  it('let one through and stay closed', async () => {
    const gate = simulator.hold('submit');
    const calls = [caller.submit(), caller.submit()];
    await gate.reached(2);
    gate.releaseOne();
    await Promise.race(calls);
    expect(gate.waiting).toBe(1);
    expect(simulator.ledger.counts.submits).toBe(1);
    gate.release();
    await Promise.all(calls);
  });
});
