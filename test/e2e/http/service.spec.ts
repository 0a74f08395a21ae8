import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject } from '../../../src/shared/json.js';
import { startApi, type Api } from './api.js';
import { SKETCH, submit } from './waiting.js';

let api: Api;
beforeAll(async () => {
  api = await startApi({ http: { metricsToken: 'collector' } });
});
afterAll(() => api.close());

const open = (url: string) => api.get(url, {});

describe('Health', () => {
  it('is live while the process runs', async () => {
    expect(await open('/health/live')).toMatchObject({
      status: 200,
      json: { status: 'ok', version: '1.2.3' },
    });
  });

  it('is ready while the database answers and all checks pass', async () => {
    expect(await open('/health/ready')).toMatchObject({
      status: 200,
      json: { status: 'ok', checks: { database: 'ok' } },
    });
  });

  it('is degraded, and ready, while calls to the provider are stopped', async () => {
    api.provider.breaker = 'open';
    const answer = await open('/health/ready');
    api.provider.breaker = 'closed';
    expect(answer).toMatchObject({
      status: 200,
      json: { status: 'degraded', degraded: [expect.stringContaining('submit') as string] },
    });
  });

  it('is not ready for the reason a check gives, and keeps errors to itself', async () => {
    const health = {
      checks: {
        schema: () => Promise.resolve('older than this program'),
        disk: () => Promise.reject(new Error('secret')),
      },
      degradations: [() => 'breaker open', () => null],
    };
    const unwell = await startApi({ http: { health } });
    try {
      const answer = await unwell.get('/health/ready', {});
      expect(answer).toMatchObject({
        status: 503,
        json: {
          status: 'unavailable',
          checks: { database: 'ok', schema: 'older than this program', disk: 'unreachable' },
          degraded: ['breaker open'],
        },
      });
      expect(answer.text).not.toContain('secret');
    } finally {
      await unwell.close();
    }
  });
});

describe('Metrics', () => {
  it('want their own token when there is one', async () => {
    expect((await open('/metrics')).status).toBe(401);
    expect((await api.get('/metrics')).status).toBe(401);
    expect((await api.get('/metrics', { authorization: 'Bearer collector' })).status).toBe(200);
  });

  it('tell durations by route, never by id', async () => {
    const id = await submit(api);
    await api.get(`/v1/tasks/${id}`);
    await open('/nowhere/secret');
    const { text } = await api.get('/metrics', { authorization: 'Bearer collector' });
    expect(text).toContain(
      'genledger_http_request_duration_seconds_count{method="GET",route="/v1/tasks/:id",status="200"} 1',
    );
    expect(text).toMatch(/route="unmatched",status="404"/);
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).not.toContain(id);
    expect(text).not.toContain('secret');
  });
});

describe('The OpenAPI document', () => {
  it('has a schema for the input of every model, and each accepts its example', async () => {
    const { json } = await open('/openapi.json');
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(json, 'api');
    const pick = (name: string) => ajv.compile({ $ref: `api#/components/schemas/${name}` });
    for (const model of ['sketch', 'lab-echo', 'clip']) {
      expect(pick(`${model}.text-to-image.input`)({ prompt: 'x' })).toBe(true);
      expect(pick(`${model}.text-to-image.input`)({})).toBe(false);
    }
    expect(pick('Submit')(SKETCH)).toBe(true);
    expect(pick('Submit')({ ...SKETCH, extra: 1 })).toBe(false);
    expect(pick('Submit')({ ...SKETCH, model: 'none' })).toBe(false);
  });

  it('describes what is really answered', async () => {
    const { json: document } = await open('/openapi.json');
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'api');
    const id = await submit(api);
    const asked = [
      ['Task', `/v1/tasks/${id}`],
      ['TaskList', '/v1/tasks'],
      ['EventList', `/v1/tasks/${id}/events`],
      ['CallbackList', `/v1/tasks/${id}/callbacks`],
      ['Replay', `/v1/tasks/${id}/replay`],
      ['Feed', '/v1/events'],
      ['Account', '/v1/account'],
      ['ModelList', '/v1/models'],
      ['Model', '/v1/models/clip'],
      ['Health', '/health/ready'],
      ['Problem', '/nowhere'],
      ['Problem', '/v1/tasks?limit=x'],
    ] as const;
    for (const [name, url] of asked) {
      const fits = ajv.compile({ $ref: `api#/components/schemas/${name}` });
      const { json } = await api.get(url);
      expect({ url, fits: fits(json), errors: fits.errors }).toEqual({ url, fits: true, errors: null });
    }
  });

  it('names every route that is served, and no other', async () => {
    const { json } = await open('/openapi.json');
    for (const [path, methods] of Object.entries(json.paths)) {
      for (const method of Object.keys(methods)) {
        const url = path.replace(/\{(\w+)\}/g, (_all, name: string) => (name === 'domain' ? 'image' : 'x'));
        const { status, json: problem } = await api.send({ method: method.toUpperCase(), url });
        // Without a key: served routes ask for one, or answer.
        const isCallback = path.startsWith('/v1/callbacks/');
        expect({ path, isServed: isCallback || status === 401 || status === 200 }).toEqual({
          path,
          isServed: true,
        });
        if (isCallback) expect(isJsonObject(problem)).toBe(true);
      }
    }
  });

  it('has references that all lead somewhere', async () => {
    const { text, json } = await open('/openapi.json');
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(Object.keys(json.components.schemas)).toContain(name);
    }
  });
});

describe('The docs page', () => {
  it('works without any other network and without inline scripts', async () => {
    const page = await open('/docs');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.text).not.toMatch(/<script(?![^>]*src=)[^>]*>\s*\S/);
    const linked = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    expect(linked.length).toBeGreaterThan(3);
    for (const url of linked) {
      expect(url).toMatch(/^\.\//);
      expect((await open(new URL(url, 'http://x/docs').pathname)).status).toBe(200);
    }
  });
});
