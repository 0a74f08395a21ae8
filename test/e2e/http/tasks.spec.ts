import { reportOf } from './fake-provider.js';
import { RESULT_TTL_MS, startApi, type Api } from './api.js';
import { afterEvent, SKETCH, submit, untilAnswer } from './waiting.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const withKey = (name: string): Record<string, string> => ({ ...bearer(api.key), 'idempotency-key': name });

describe('Submitting', () => {
  it('answers 202 with the whole task and where to find it', async () => {
    const answer = await api.post('/v1/image/tasks', { ...SKETCH, metadata: { order: 'A-17' } });
    expect(answer.status).toBe(202);
    expect(answer.headers.location).toBe(`/v1/tasks/${answer.json.id}`);
    expect(answer.headers['idempotency-replayed']).toBeUndefined();
    expect(answer.json).toEqual({
      object: 'task',
      id: expect.stringMatching(UUID) as string,
      domain: 'image',
      model: 'sketch',
      mode: 'text-to-image',
      priority: 'normal',
      status: 'queued',
      overdue: false,
      late: false,
      progress: null,
      input: SKETCH.input,
      metadata: { order: 'A-17' },
      provider: { name: 'apidot', task_id: null, status: null },
      attempts: 0,
      result: null,
      error: null,
      created_at: expect.stringMatching(TIME) as string,
      submitted_at: null,
      updated_at: answer.json.created_at,
      last_checked_at: null,
      completed_at: null,
      version: 1,
    });
  });

  it('with the same key and body is the same task, whatever the order of keys and white space', async () => {
    const first = await api.post('/v1/image/tasks', SKETCH, withKey('k-1'));
    const again = await api.post(
      '/v1/image/tasks',
      ' { "input" : { "prompt":"a lighthouse" }, "model":"sketch" } ',
      withKey('k-1'),
    );
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.json.id).toBe(first.json.id);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.headers.location).toBe(`/v1/tasks/${first.json.id}`);
  });

  it('with the same key at the same moment makes one task', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.post('/v1/image/tasks', SKETCH, withKey('k-2'))),
    );
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
  });

  it.each(['low', 'normal', 'high'])('takes a priority: %s', async (priority) => {
    const { status, json } = await api.post('/v1/image/tasks', { ...SKETCH, priority });
    expect([status, json.priority]).toEqual([202, priority]);
    expect((await api.get(`/v1/tasks/${json.id}`)).json.priority).toBe(priority);
    expect((await api.get(`/v1/tasks/${json.id}/replay`)).json.task.priority).toBe(priority);
    const [submitted] = (await api.get(`/v1/tasks/${json.id}/events`)).json.data;
    expect(submitted!.data).toMatchObject(priority === 'normal' ? {} : { priority });
  });

  it.each([['urgent'], [1], [''], [['high']], [{}]])('refuses the priority %j', async (priority) => {
    const answer = await api.post('/v1/image/tasks', { ...SKETCH, priority });
    expect([answer.status, answer.json.errors]).toEqual([
      422,
      [expect.objectContaining({ pointer: '/priority', code: 'enum' })],
    ]);
  });

  it('with the same key and another priority is refused', async () => {
    await api.post('/v1/image/tasks', { ...SKETCH, priority: 'low' }, withKey('k-priority'));
    const again = await api.post('/v1/image/tasks', { ...SKETCH, priority: 'low' }, withKey('k-priority'));
    const other = await api.post('/v1/image/tasks', { ...SKETCH, priority: 'high' }, withKey('k-priority'));
    expect([again.status, other.status]).toEqual([202, 422]);
  });

  it('with the same key and another body is refused', async () => {
    await api.post('/v1/image/tasks', SKETCH, withKey('k-3'));
    const other = await api.post('/v1/image/tasks', { ...SKETCH, metadata: {} }, withKey('k-3'));
    expect(other).toMatchObject({ status: 422, json: { code: 'idempotency_key_reused' } });
  });

  it.each(['', 'two words', 'x'.repeat(256), 'ümlaut'])('refuses the key %j', async (key) => {
    const answer = await api.post('/v1/image/tasks', SKETCH, withKey(key));
    expect(answer).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: '/headers/idempotency-key' }] },
    });
  });

  it('reports everything wrong at once: envelope, input, headers', async () => {
    const answer = await api.post(
      '/v1/image/tasks',
      { model: 'sketch', input: { x: 1 }, metadata: 1, extra: 1 },
      withKey('a b'),
    );
    expect(answer.status).toBe(422);
    expect(answer.json.errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/extra',
      '/headers/idempotency-key',
      '/input',
      '/input/prompt',
      '/metadata',
    ]);
  });

  it('names models that were meant', async () => {
    const unknown = await api.post('/v1/image/tasks', { model: 'sketsh', input: {} });
    expect(unknown).toMatchObject({
      status: 422,
      json: {
        code: 'unknown_model',
        errors: [{ pointer: '/model' }],
        near: [{ model: 'sketch', domain: 'image' }],
      },
    });
    const elsewhere = await api.post('/v1/video/tasks', SKETCH);
    expect(elsewhere).toMatchObject({
      status: 422,
      json: { code: 'unknown_model', near: [{ domain: 'image' }] },
    });
  });

  it('to an unknown domain is 404', async () => {
    expect((await api.post('/v1/smell/tasks', SKETCH)).status).toBe(404);
  });

  it('waiting is refused while too many wait; reading is not, and a place comes back', async () => {
    const full = await startApi({ tasks: { maxWaiting: 1 } });
    try {
      const id = await submit(full);
      const url = `/v1/tasks/${id}?wait=30`;
      // Whoever comes second is told at once; the other waits until the task is cancelled.
      const both = [full.get(url), full.get(url)];
      const refused = await Promise.race(both);
      expect(refused).toMatchObject({ status: 503, json: { code: 'overloaded' } });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect((await full.get(`/v1/tasks/${id}`)).status).toBe(200);
      await full.post(`/v1/tasks/${id}/cancel`);
      expect((await Promise.all(both)).map(({ status }) => status).sort()).toEqual([200, 503]);
      expect((await full.get(`/v1/tasks/${await submit(full)}?wait=1`)).status).toBe(200);
    } finally {
      await full.close();
    }
  });

  it('is refused while too many tasks are open', async () => {
    const full = await startApi({ tasks: { maxOpenTasks: 1 } });
    try {
      await submit(full);
      const answer = await full.post('/v1/image/tasks', SKETCH);
      expect(answer).toMatchObject({ status: 503, json: { code: 'overloaded' } });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      await full.close();
    }
  });
});

describe('Reading', () => {
  it('waits for the end and answers as soon as it is there', async () => {
    const id = await submit(api);
    const waiting = api.get(`/v1/tasks/${id}?wait=20`);
    await afterEvent(api, id, 'SubmissionAccepted');
    api.provider.report = (provider) => reportOf(provider, 'finished');
    const { status, json } = await waiting;
    api.provider.report = (provider) => reportOf(provider, 'running');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: 'succeeded',
      progress: 100,
      result: {
        files: [
          {
            url: expect.stringContaining('https://files.test/') as string,
            type: 'image',
            label: null,
            format: 'png',
            content_type: 'image/png',
            size: 12,
          },
        ],
        credits: 4.5,
      },
    });
    expect(new Date(json.result.expires_at).getTime()).toBe(
      new Date(json.completed_at).getTime() + RESULT_TTL_MS,
    );
  });

  it('answers with the open task when the time is over', async () => {
    const id = await submit(api);
    const { status, json } = await api.get(`/v1/tasks/${id}?wait=1`);
    expect(status).toBe(200);
    expect(json.completed_at).toBeNull();
  });

  it.each(['61', '-1', 'x', '1.5', ''])('refuses to wait %j seconds', async (wait) => {
    const answer = await api.get(`/v1/tasks/${await submit(api)}?wait=${wait}`);
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ pointer: '/query/wait' }] } });
  });

  it.each(['1', 'x', '0199F3C2-0000-7000-8000-000000000000', '%00', '%zz', 'x'.repeat(500)])(
    'what is no id is not found: %s',
    async (id) => {
      expect(await api.get(`/v1/tasks/${id}`)).toMatchObject({ status: 404, json: { code: 'not_found' } });
    },
  );
});

describe('Listing', () => {
  let mine: Record<string, string>;
  const ids: string[] = [];
  beforeAll(async () => {
    mine = bearer(await api.keyOf('lister', 'tasks:read', 'tasks:write'));
    for (let n = 0; n < 5; n++) {
      ids.unshift(
        await submit(
          api,
          { ...SKETCH, metadata: { n, odd: n % 2 === 1 } },
          { ...mine, 'idempotency-key': `list-${n}` },
        ),
      );
    }
    await api.post(`/v1/tasks/${ids[0]}/cancel`, undefined, mine);
  });

  const listed = async (query: string): Promise<string[]> => {
    const { status, json, text } = await api.get(`/v1/tasks?${query}`, mine);
    if (status !== 200) throw new Error(text);
    return json.data.map(({ id }) => id);
  };

  it('shows the newest first, page by page, undisturbed by what comes meanwhile', async () => {
    const first = await api.get('/v1/tasks?limit=2', mine);
    expect(first.json.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const later = await submit(api, SKETCH, mine);
    const second = await api.get(`/v1/tasks?limit=2&cursor=${first.json.next_cursor}`, mine);
    expect(second.json.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    const third = await api.get(`/v1/tasks?limit=2&cursor=${second.json.next_cursor}`, mine);
    expect(third.json).toMatchObject({ data: [{ id: ids[4] }], next_cursor: null });
    await api.post(`/v1/tasks/${later}/cancel`, undefined, mine);
  });

  it('narrows', async () => {
    expect(await listed('status=cancelled')).toContain(ids[0]);
    expect(await listed('status=succeeded&status=failed')).toEqual([]);
    expect(await listed('domain=video')).toEqual([]);
    expect(await listed('domain=video&domain=image&limit=1')).toHaveLength(1);
    expect(await listed('model=lab%2Fecho')).toEqual([]);
    expect(await listed('metadata.n=3')).toEqual([ids[1]]);
    expect(await listed('metadata.odd=true&metadata.n=1')).toEqual([ids[3]]);
    expect(await listed('metadata.odd=true&metadata.n=2')).toEqual([]);
    expect(await listed('idempotency_key=list-4')).toEqual([ids[0]]);
    expect(await listed('idempotency_key=list-9')).toEqual([]);
    expect(await listed('created_before=2020-01-01T00:00:00Z')).toEqual([]);
    const { json } = await api.get(`/v1/tasks/${ids[2]}`, mine);
    expect(await listed(`created_before=${json.created_at}`)).toEqual(ids.slice(3));
    expect(await listed(`created_after=${json.created_at}&metadata.n=3`)).toEqual([ids[1]]);
  });

  it("finds a task by the provider's id", async () => {
    const { json } = await afterEvent(api, await submit(api), 'SubmissionAccepted');
    const found = await api.get(`/v1/tasks?provider_task_id=${json.provider.task_id}`);
    expect(found.json.data).toMatchObject([{ id: json.id }]);
    expect(await listed(`provider_task_id=${json.provider.task_id}`)).toEqual([]);
  });

  it.each([
    ['limit=0', '/query/limit'],
    ['limit=201', '/query/limit'],
    ['status=gone', '/query/status'],
    ['domain=smell', '/query/domain'],
    ['created_after=yesterday', '/query/created_after'],
    ['cursor=nonsense', '/query/cursor'],
    ['provider_task_id=%00', '/query/provider_task_id'],
    ['model=%00', '/query/model'],
    ['page=2', '/query/page'],
  ])('refuses %s', async (query, pointer) => {
    expect(await api.get(`/v1/tasks?${query}`)).toMatchObject({
      status: 422,
      json: { code: 'invalid_request', errors: [{ pointer }] },
    });
  });

  it("refuses another owner's cursor", async () => {
    const { json } = await api.get('/v1/tasks?limit=1', mine);
    expect((await api.get(`/v1/tasks?cursor=${json.next_cursor}`)).status).toBe(422);
  });
});

describe('Acting', () => {
  it('a cancelled task says so, and cancelling it again is a conflict', async () => {
    const paused = await startApi({ tasks: { submits: false } });
    try {
      const id = await submit(paused);
      const answer = await paused.post(`/v1/tasks/${id}/cancel`, {});
      expect(answer).toMatchObject({ status: 200, json: { id, status: 'cancelled', may_be_charged: false } });
      expect(await paused.post(`/v1/tasks/${id}/cancel`)).toMatchObject({
        status: 409,
        json: { code: 'conflict' },
      });
    } finally {
      await paused.close();
    }
  });

  it('a task whose attempt had started may be charged', async () => {
    const id = await submit(api);
    await afterEvent(api, id, 'SubmissionAccepted');
    expect((await api.post(`/v1/tasks/${id}/cancel`)).json).toMatchObject({
      status: 'cancelled',
      may_be_charged: true,
    });
  });

  it('resuming is possible while a task is held, and only then', async () => {
    api.provider.outcome = () => ({ kind: 'held', reason: 'model_forbidden', message: null });
    const id = await submit(api, { model: 'lab/echo', input: { prompt: 'x' } });
    const held = await afterEvent(api, id, 'TaskHeld');
    api.provider.outcome = (_call, provider) => ({ kind: 'accepted', providerTaskId: provider, note: null });
    expect(held.json).toMatchObject({ status: 'held', error: { code: 'model_forbidden', retryable: true } });
    // The pause is an event of its own, after that of the task.
    const account = await untilAnswer(api, '/v1/account', ({ json }) => json.paused_models.length > 0);
    expect(account.json.paused_models).toMatchObject([{ model: 'lab/echo', scope: 'model' }]);
    expect((await api.get('/health/ready')).json).toMatchObject({
      status: 'degraded',
      degraded: ['1 model(s) paused'],
    });
    expect((await api.post('/v1/account/resume')).json).toMatchObject({
      status: 'active',
      paused_models: [],
    });
    expect((await api.get('/health/ready')).json.status).toBe('ok');
    const open = await submit(api);
    expect((await api.post(`/v1/tasks/${open}/resume`)).status).toBe(409);
  });

  it('resubmitting wants the risk accepted and a reason, and a task that allows it', async () => {
    const id = await submit(api);
    const url = `/v1/tasks/${id}/resubmit`;
    expect((await api.post(url)).json.errors).toHaveLength(2);
    expect((await api.post(url, { accept_duplicate_risk: true })).status).toBe(422);
    expect((await api.post(url, { accept_duplicate_risk: true, reason: 'checked' })).status).toBe(409);
    api.provider.outcome = () => ({ kind: 'unknown', reason: 'timeout', httpStatus: null, message: null });
    const lost = await submit(api);
    expect((await afterEvent(api, lost, 'SubmissionOutcomeUnknown')).json.status).toBe('unconfirmed');
    api.provider.outcome = (_call, provider) => ({ kind: 'accepted', providerTaskId: provider, note: null });
    const again = await api.post(`/v1/tasks/${lost}/resubmit`, {
      accept_duplicate_risk: true,
      reason: 'checked',
    });
    expect(again.status).toBe(200);
    expect((await afterEvent(api, lost, 'SubmissionAccepted')).json.attempts).toBe(2);
  });

  it('erasing wants a reason and a task that has ended; then nothing private is left', async () => {
    const paused = await startApi({ tasks: { submits: false } });
    try {
      const headers = { ...bearer(paused.key), 'idempotency-key': 'to-be-erased' };
      const body = { ...SKETCH, metadata: { customer: 'Ada' } };
      const { id } = (await paused.post('/v1/image/tasks', body, headers)).json;
      const url = `/v1/tasks/${id}/erase`;
      expect(await paused.post(url)).toMatchObject({
        status: 422,
        json: { errors: [{ pointer: '/reason' }] },
      });
      const reason = { reason: 'Ada asked for it' };
      expect(await paused.post(url, reason)).toMatchObject({ status: 409, json: { code: 'conflict' } });
      await paused.post(`/v1/tasks/${id}/cancel`);
      const erased = await paused.post(url, reason);
      expect(erased).toMatchObject({
        status: 200,
        json: { id, status: 'cancelled', input: null, metadata: null, notice: expect.any(String) as string },
      });
      expect(erased.json.erased_at).toMatch(TIME);
      expect((await paused.post(url, reason)).json).toEqual(erased.json);
      const texts = await Promise.all(
        [
          `/v1/tasks/${id}`,
          `/v1/tasks/${id}/events`,
          `/v1/tasks/${id}/replay?version=1`,
          '/v1/events?after=0',
        ].map(async (where) => (await paused.get(where)).text),
      );
      for (const text of texts) expect(text).not.toMatch(/Ada|lighthouse/);
      expect((await paused.get('/v1/tasks?metadata.customer=Ada')).json.data).toEqual([]);
      const again = await paused.post('/v1/image/tasks', body, headers);
      expect(again).toMatchObject({ status: 202, json: { id, input: null } });
      expect((await paused.post('/v1/image/tasks', SKETCH, headers)).status).toBe(422);
    } finally {
      await paused.close();
    }
  });

  it('an owner is erased by an administrator, open tasks stay', async () => {
    const paused = await startApi({ tasks: { submits: false } });
    try {
      const [open, ended] = [await submit(paused), await submit(paused)];
      await paused.post(`/v1/tasks/${ended}/cancel`);
      const admin = bearer(await paused.keyOf('acme', 'admin'));
      expect(await paused.post('/v1/owner/erase', { reason: 'closed' }, admin)).toMatchObject({
        status: 200,
        json: { erased: 1, has_more: false },
      });
      expect((await paused.get(`/v1/tasks/${ended}`)).json.input).toBeNull();
      expect((await paused.get(`/v1/tasks/${open}`)).json.input).toEqual(SKETCH.input);
    } finally {
      await paused.close();
    }
  });

  it.each(['cancel', 'resume'])('%s takes no fields and no query', async (verb) => {
    const id = await submit(api);
    expect((await api.post(`/v1/tasks/${id}/${verb}`, { a: 1 })).status).toBe(422);
    expect((await api.post(`/v1/tasks/${id}/${verb}?a=1`)).status).toBe(422);
    expect((await api.post(`/v1/tasks/${id}/${verb}`, 'null')).status).toBe(422);
  });
});

describe('The catalogue', () => {
  it('lists models with their inputs', async () => {
    const { json } = await api.get('/v1/models');
    expect(json.data.map(({ model }) => model)).toEqual(['sketch', 'lab/echo', 'clip']);
    const videos = await api.get('/v1/models?domain=video');
    expect(videos.json.data).toEqual([
      {
        model: 'clip',
        domain: 'video',
        family: 'test',
        availability: 'apidot-documented',
        modes: [
          {
            mode: 'text-to-image',
            input_schema: expect.objectContaining({ type: 'object' }) as object,
            example_input: { prompt: 'a lighthouse' },
            result: { file_type: 'image', count: 1 },
          },
        ],
      },
    ]);
  });

  it('shows one, also with a slash in its name', async () => {
    expect((await api.get('/v1/models/lab%2Fecho')).json.model).toBe('lab/echo');
    expect((await api.get('/v1/models/none')).status).toBe(404);
    expect((await api.get('/v1/models?domain=smell')).status).toBe(422);
  });
});
