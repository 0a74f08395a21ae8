import { FAULTS, type Simulator, startSimulator } from '../index.js';
import {
  type CallbackReceiver,
  type CallerAnswer,
  ProviderCaller,
  startCallbackReceiver,
} from '../testing/index.js';

describe('the routes below /_simulator', () => {
  let simulator: Simulator;
  let receiver: CallbackReceiver;
  let caller: ProviderCaller;

  beforeEach(async () => {
    receiver = await startCallbackReceiver();
    // Slow enough that nothing ends by itself while a test runs.
    simulator = await startSimulator({ speed: 0.001 });
    caller = new ProviderCaller(simulator);
  });
  afterEach(async () => {
    await simulator.close();
    await receiver.close();
  });

  /** No key is needed here. */
  const call = (method: string, path: string, body?: unknown): Promise<CallerAnswer> =>
    method === 'GET'
      ? caller.get(`/_simulator/${path}`, {})
      : caller.send(`/_simulator/${path}`, body ?? '', { method, headers: {} });

  it('show the whole ledger, or what fits', async () => {
    const id = await caller.taskId({ prompt: 'marker', callbackUrl: receiver.url });
    await caller.submit({ prompt: 'other' });
    await caller.status(id);
    await simulator.finish(id);
    const { status, json } = await call('GET', 'ledger');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      head: 4,
      counts: { submits: 2, tasksCreated: 2, reads: 1, callbacks: 1 },
      credits: { charged: 4, left: 999_996 },
      submits: [{ taskId: id }, { taskId: expect.any(String) as string }],
      reads: [{ taskId: id }],
      callbacks: [{ taskId: id }],
    });
    const lengths = async (query: string) => {
      const ledger = (await call('GET', `ledger?${query}`)).json;
      return ['submits', 'reads', 'callbacks'].map((kind) => (ledger[kind] as unknown[]).length);
    };
    expect(await lengths('contains=marker')).toEqual([1, 1, 1]);
    expect(await lengths(`task_id=${id}`)).toEqual([1, 1, 1]);
    expect(await lengths('contains=nowhere')).toEqual([0, 0, 0]);
    expect(await lengths('after=2')).toEqual([0, 1, 1]);
    expect((await call('DELETE', 'ledger')).status).toBe(200);
    expect(await lengths('')).toEqual([0, 0, 0]);
  });

  it('switch faults on, add to them, and off', async () => {
    expect((await call('PUT', 'faults', { faults: ['submit=402x2'] })).json).toEqual({
      faults: ['submit=402x2'],
    });
    expect((await caller.submit()).status).toBe(402);
    expect((await call('POST', 'faults', { faults: ['status=503@0.5'] })).json).toEqual({
      faults: ['submit=402x1', 'status=503@0.5'],
    });
    const { json } = await call('GET', 'faults');
    expect((json['catalogue'] as { name: string }[]).map(({ name }) => name)).toEqual(Object.keys(FAULTS));
    await call('DELETE', 'faults');
    expect((await caller.submit()).status).toBe(200);
  });

  it('refuse faults they do not know and keep the old ones', async () => {
    simulator.setFaults('submit=402');
    const { status, json } = await call('PUT', 'faults', { faults: ['submit=402', 'nothing'] });
    expect(status).toBe(400);
    expect(json.error).toMatch(/^Unknown fault "nothing"/);
    expect(simulator.faults()).toEqual(['submit=402']);
    expect((await call('PUT', 'faults', { faults: 'submit=402' })).json.error).toBe(
      'faults must be a list of strings.',
    );
  });

  it('end tasks and tell the truth about them', async () => {
    const id = await caller.taskId({ callbackUrl: receiver.url });
    expect((await call('POST', `tasks/${id}/run`, { progress: 30 })).json).toMatchObject({
      status: 'running',
      progress: 30,
    });
    expect((await call('POST', `tasks/${id}/finish`)).json).toMatchObject({
      task_id: id,
      model: 'flux-dev',
      domain: 'image',
      status: 'finished',
      credits_charged: 4,
      files: [`${simulator.url}/files/${id}/1.png`],
    });
    expect(receiver.received).toHaveLength(1);
    expect((await call('POST', `tasks/${id}/fail`, { message: 'No' })).json).toMatchObject({
      status: 'failed',
      message: 'No',
    });
    await caller.status(id);
    expect((await call('GET', `tasks/${id}`)).json).toMatchObject({ status: 'failed', reads: 1, files: [] });
  });

  it('send callbacks, true and false', async () => {
    const id = await caller.taskId({ callbackUrl: receiver.url });
    expect((await call('POST', `tasks/${id}/redeliver`)).json).toMatchObject({
      reason: 'manual',
      status: 200,
    });
    await call('POST', `tasks/${id}/callback`, {
      status: 'failed',
      task_id: 'x',
      message: 'y',
      files: [1],
      url: `${receiver.url}2`,
    });
    expect(receiver.received[1]!.path).toBe('/callback2');
    expect(JSON.parse(receiver.received[1]!.body)).toMatchObject({
      data: { status: 'failed', task_id: 'x', error_message: 'y', files: [1] },
    });
    const silent = await caller.taskId();
    expect((await call('POST', `tasks/${silent}/redeliver`)).status).toBe(409);
  });

  it('let result files disappear', async () => {
    const id = await caller.taskId();
    await simulator.finish(id);
    await call('POST', `tasks/${id}/expire-files`);
    expect((await fetch(`${simulator.url}/files/${id}/1.png`)).status).toBe(404);
  });

  it('close and open gates', async () => {
    const { status, json } = await call('POST', 'gates', { point: 'submit', contains: 'marker' });
    expect([status, json]).toEqual([201, { id: 1, point: 'submit', waiting: 0 }]);
    const held = caller.submit({ prompt: 'marker' });
    expect((await call('GET', 'gates/1?reached=1')).json).toEqual({ id: 1, point: 'submit', waiting: 1 });
    expect((await call('GET', 'gates/1?reached=2&timeout_ms=1')).status).toBe(408);
    await call('DELETE', 'gates/1');
    expect((await held).status).toBe(200);
    expect((await call('GET', 'gates/1')).status).toBe(404);
    expect((await call('POST', 'gates', { point: 'nowhere' })).json.error).toMatch(
      /^point must be one of submit, submit-answer,/,
    );
  });

  it('wait for a record, past or future', async () => {
    const future = call('GET', 'wait/submits?contains=marker');
    const id = await caller.taskId({ prompt: 'marker' });
    const past = await call('GET', 'wait/submits?contains=marker&after=0');
    expect(past.json).toMatchObject({ taskId: id });
    // The first wait may have begun after the submit; a second one is then its future.
    await caller.submit({ prompt: 'marker' });
    expect((await future).json['text']).toContain('marker');
    expect((await call('GET', 'wait/callbacks?timeout_ms=1')).status).toBe(408);
    expect((await call('GET', 'wait/nothing')).status).toBe(404);
  });

  it('set the credits', async () => {
    expect((await call('PUT', 'credits', { credits: 1 })).json).toEqual({ credits: 1 });
    expect((await caller.submit()).status).toBe(402);
    expect((await call('PUT', 'credits', { credits: 'all' })).status).toBe(400);
  });

  it.each([
    ['GET', 'nothing', 404, undefined],
    ['GET', 'tasks/nobody', 404, undefined],
    ['GET', 'tasks/%E0%A4%A', 404, undefined],
    ['POST', 'tasks/nobody/finish', 404, undefined],
    ['DELETE', 'gates/99', 404, undefined],
    ['PUT', 'faults', 400, {}],
    ['PUT', 'faults', 400, '['],
    ['PUT', 'faults', 400, []],
    ['POST', 'gates', 400, { point: 'submit', contains: 7 }],
  ])('answer %s %s with %i and a sentence', async (method, path, status, body) => {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.json.error).toEqual(expect.any(String));
  });

  it('know no action of another name', async () => {
    const id = await caller.taskId();
    expect((await call('POST', `tasks/${id}/explode`)).json.error).toBe(
      'The action "explode" is unknown here.',
    );
  });
});
