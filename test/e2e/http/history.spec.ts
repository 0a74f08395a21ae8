import { decidePauseSubmissions, decideResumeSubmissions, Submissions } from '../../../src/tasks/index.js';
import { reportOf } from './fake-provider.js';
import { startApi, type Api } from './api.js';
import { afterEvent, SKETCH, submit } from './waiting.js';

let api: Api;
let id: string;
beforeAll(async () => {
  api = await startApi();
  api.provider.report = (provider) => reportOf(provider, 'finished');
  id = await submit(api, { ...SKETCH, metadata: { order: 'A-17', nested: { a: [1] } } });
  await afterEvent(api, id, 'TaskSucceeded');
});
afterAll(() => api.close());

const withoutLook = (task: object): object => ({ ...task, last_checked_at: null });

describe('The history of a task', () => {
  it('is every event in order, with what is in it', async () => {
    const { json } = await api.get(`/v1/tasks/${id}/events`);
    expect(json.next_after_version).toBeNull();
    const events = json.data;
    expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]).toEqual({
      position: expect.any(Number) as number,
      id: expect.any(String) as string,
      task_id: id,
      version: 1,
      type: 'TaskSubmitted',
      schema_version: 1,
      recorded_at: expect.stringMatching(/Z$/) as string,
      actor: expect.stringMatching(/^key:/) as string,
      correlation_id: expect.any(String) as string,
      causation_id: null,
      data: expect.objectContaining({
        model: 'sketch',
        input: SKETCH.input,
        metadata: { order: 'A-17', nested: { a: [1] } },
      }) as object,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(events.at(-1)!.type).toBe('TaskSucceeded');
  });

  it('comes in pages', async () => {
    const all = (await api.get(`/v1/tasks/${id}/events`)).json.data;
    const seen = [];
    for (let after: number | null = 0; after !== null;) {
      const { json } = await api.get(`/v1/tasks/${id}/events?limit=2&after_version=${after}`);
      seen.push(...json.data);
      after = json.next_after_version;
    }
    expect(seen).toEqual(all);
    expect((await api.get(`/v1/tasks/${id}/events?after_version=2147483646`)).json.data).toEqual([]);
    expect((await api.get(`/v1/tasks/${id}/events?after_version=2147483647`)).status).toBe(422);
  });

  it('folds to what is read, field by field', async () => {
    const { json: task } = await api.get(`/v1/tasks/${id}`);
    const { json } = await api.get(`/v1/tasks/${id}/replay`);
    expect(withoutLook(json.task)).toEqual(withoutLook(task));
    expect(Object.keys(json.task)).toEqual(Object.keys(task));
    expect(json).toMatchObject({ replayed_events: task.version, as_of_version: task.version });
  });

  it('shows the task as of a version', async () => {
    const { json } = await api.get(`/v1/tasks/${id}/replay?version=1`);
    expect(json).toMatchObject({
      task: { status: 'queued', version: 1 },
      replayed_events: 1,
      as_of_version: 1,
    });
  });

  it('says nothing of what keeps tasks back at this moment', async () => {
    const submissions = api.app.get(Submissions, { strict: false });
    const cause = { actor: 'cli', correlationId: null };
    await submissions.execute(decidePauseSubmissions, cause);
    try {
      const { json } = await api.get(`/v1/tasks/${id}/replay?version=1`);
      expect(json.task).toMatchObject({ status: 'queued' });
      expect(json.task).not.toHaveProperty('waiting_for');
    } finally {
      await submissions.execute(decideResumeSubmissions, cause);
    }
  });

  it('shows the task as of a moment', async () => {
    const events = (await api.get(`/v1/tasks/${id}/events`)).json.data;
    const at = events.at(-1)!.recorded_at;
    expect((await api.get(`/v1/tasks/${id}/replay?at=${at}`)).json.task.status).toBe('succeeded');
    expect((await api.get(`/v1/tasks/${id}/replay?at=2020-01-01T00:00:00Z`)).status).toBe(404);
  });

  it.each(['version=0', 'version=x', 'version=-1', 'at=x', 'version=1&at=2026-01-01T00:00:00Z', 'as_of=1'])(
    'refuses %s',
    async (query) => {
      expect((await api.get(`/v1/tasks/${id}/replay?${query}`)).status).toBe(422);
    },
  );
});

describe('The feed', () => {
  it("is the owner's part of the log, nothing skipped, whatever the size of a page", async () => {
    const whole = (await api.get('/v1/events?limit=1000')).json;
    const seen = [];
    for (let after = 0; ;) {
      const { json } = await api.get(`/v1/events?limit=3&after=${after}`);
      if (json.data.length === 0) {
        expect(json.next_after).toBe(after);
        break;
      }
      seen.push(...json.data);
      after = json.next_after;
    }
    expect(seen).toEqual(whole.data);
    const positions = seen.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  it('narrows to types', async () => {
    const { json } = await api.get('/v1/events?type=TaskSubmitted&type=TaskSucceeded');
    expect(new Set(json.data.map(({ type }) => type))).toEqual(new Set(['TaskSubmitted', 'TaskSucceeded']));
    expect((await api.get('/v1/events?type=TaskEaten')).status).toBe(422);
  });

  it('wakes a waiting reader with the first event', async () => {
    const { json: now } = await api.get('/v1/events?limit=1000');
    const after = now.data.at(-1)!.position;
    const waiting = api.get(`/v1/events?after=${after}&type=TaskSubmitted&wait=30`);
    const began = performance.now();
    const next = await submit(api);
    expect((await waiting).json.data).toMatchObject([{ task_id: next, type: 'TaskSubmitted' }]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('answers an empty page with the position asked for', async () => {
    const { json: now } = await api.get('/v1/events?limit=1000');
    const after = now.data.at(-1)!.position;
    const { json } = await api.get(`/v1/events?after=${after}&type=TaskHeld&wait=1`);
    expect(json).toEqual({ data: [], next_after: after });
  });

  it('tells a reader who has seen more than there is that the log was restored', async () => {
    expect(await api.get('/v1/events?after=1000000')).toMatchObject({
      status: 409,
      json: { code: 'conflict' },
    });
  });

  it.each(['after=-1', 'after=x', 'limit=0', 'limit=1001', 'wait=61', 'from=1'])(
    'refuses %s',
    async (query) => {
      expect((await api.get(`/v1/events?${query}`)).status).toBe(422);
    },
  );
});
