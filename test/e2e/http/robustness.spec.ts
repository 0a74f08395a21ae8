import fc from 'fast-check';
import { startApi, type Api } from './api.js';
import { SKETCH } from './waiting.js';

let api: Api;
beforeAll(async () => {
  api = await startApi({ tasks: { submits: false } });
});
afterAll(() => api.close());

const ID = '0199f3c2-0000-7000-8000-000000000000';
const POSTS = [
  '/v1/image/tasks',
  `/v1/tasks/${ID}/cancel`,
  `/v1/tasks/${ID}/resume`,
  `/v1/tasks/${ID}/resubmit`,
  '/v1/account/resume',
];
const READS = [
  '/v1/tasks',
  `/v1/tasks/${ID}`,
  `/v1/tasks/${ID}/events`,
  `/v1/tasks/${ID}/replay`,
  '/v1/events',
  '/v1/models',
  '/v1/account',
];
const PARAMETERS = [
  'limit',
  'cursor',
  'status',
  'domain',
  'model',
  'created_after',
  'at',
  'version',
  'after',
  'after_version',
  'type',
  'provider_task_id',
  'idempotency_key',
  'metadata.a',
  '__proto__',
  'constructor',
];

describe('Whatever is sent, the caller is to blame and told why', () => {
  it('any JSON to any post', async () => {
    const nearlyRight = fc.record(
      {
        model: fc.oneof(fc.constant('sketch'), fc.string(), fc.jsonValue()),
        input: fc.oneof(fc.constant(SKETCH.input), fc.jsonValue()),
        metadata: fc.jsonValue(),
        notify_url: fc.oneof(fc.webUrl(), fc.jsonValue()),
        accept_duplicate_risk: fc.boolean(),
        reason: fc.string({ unit: 'binary' }),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(nearlyRight, fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...POSTS), body, async (url, json) => {
        const { status, headers } = await api.post(url, JSON.stringify(json));
        expect(status).toBeLessThan(500);
        if (status >= 400) expect(headers['content-type']).toBe('application/problem+json');
      }),
      { numRuns: 300 },
    );
  });

  it('any bytes to any post', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...POSTS), fc.uint8Array({ maxLength: 200 }), async (url, bytes) => {
        const headers = { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' };
        const { status } = await api.send({ method: 'POST', url, headers, payload: Buffer.from(bytes) });
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
  });

  it('any query to any read', async () => {
    const query = fc.dictionary(
      fc.constantFrom(...PARAMETERS),
      fc.oneof(fc.string({ unit: 'binary' }), fc.integer().map(String), fc.constant('%00')),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...READS), query, async (url, parameters) => {
        const { status } = await api.get(`${url}?${new URLSearchParams(parameters).toString()}`);
        expect([200, 404, 409, 422]).toContain(status);
      }),
      { numRuns: 300 },
    );
  });

  it('any path', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 6 }), async (parts) => {
        const { status } = await api.get(`/v1/${parts.map(encodeURIComponent).join('/')}`);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
  });
});
