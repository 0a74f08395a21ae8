import fc from 'fast-check';
import { Headers } from 'undici';
import { type ProviderReport, type StatusReading } from '../../../tasks/index.js';
import { sample } from '../testing/samples.js';
import { readStatus } from './status-reading.js';

const NOW = new Date('2026-04-19T21:00:00Z');
const UNIFIED = 'task-unified-1757165031-uyujaw3d';
const MUSIC = 'task-music-1757165031-uyujaw3d';
const HTML = '<html>Bad gateway</html>';

const read = (
  status: number,
  body: unknown,
  asked = UNIFIED,
  headers: Record<string, string> = {},
): StatusReading =>
  readStatus(
    {
      kind: 'answer',
      httpStatus: status,
      headers: new Headers(headers),
      body: body === null ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    },
    asked,
    NOW,
  );

const report = (body: unknown, asked = UNIFIED): ProviderReport => {
  const reading = read(200, body, asked);
  if (reading.kind !== 'read') throw new Error(`not read: ${reading.class}`);
  return reading.report;
};

const classOf = (reading: StatusReading): string => (reading.kind === 'read' ? 'read' : reading.class);

describe('samples of the provider', () => {
  it.each([
    ['status-not-started', UNIFIED, 'pending', 0, 0, null],
    ['status-running', UNIFIED, 'running', 45, 0, null],
    ['status-processing-alias', UNIFIED, 'running', 12, 0, null],
    ['status-finished-image', UNIFIED, 'finished', 100, 1, 1],
    ['status-finished-video', UNIFIED, 'finished', 100, 1, 200],
    ['status-finished-music', MUSIC, 'finished', 100, 1, 4.5],
    ['status-finished-3d', UNIFIED, 'finished', 100, 2, 60],
    ['status-finished-image-output-files', 'task-unified-example', 'finished', null, 1, null],
    ['status-finished-video-output-files', 'task-unified-example', 'finished', null, 1, null],
    ['status-finished-music-output-files', 'task-unified-example', 'finished', null, 1, null],
    ['status-finished-3d-output-files', 'task-unified-example', 'finished', null, 1, null],
    ['music-detail-running', MUSIC, 'running', 30, 0, null],
    ['music-detail-finished', MUSIC, 'finished', 100, 2, null],
    ['status-failed', '8FDN1I7M7Q68DDG8', 'failed', null, 0, null],
  ])('%s', (name, asked, status, progress, files, credits) => {
    const read = report(sample(name), asked);
    expect([read.status, read.progress, read.files.length, read.credits]).toEqual([
      status,
      progress,
      files,
      credits,
    ]);
    expect(read.knownWord).toBe(true);
  });

  it('a failure comes with its text', () => {
    expect(report(sample('status-failed'), '8FDN1I7M7Q68DDG8').message).toBe(
      'The prompt violates our content policy',
    );
  });

  it('a 3D file with everything that is said of it', () => {
    expect(report(sample('status-finished-3d')).files[0]).toEqual({
      url: 'https://storage.apidot.ai/example/generated-model.glb',
      type: 'model',
      label: 'model_glb',
      format: 'glb',
      contentType: 'model/gltf-binary',
      size: 1_834_022,
      providerFileId: null,
    });
  });

  it('the takes of a piece of music with the ids that follow-up models ask for', () => {
    expect(report(sample('music-detail-finished'), MUSIC).files.map((file) => ({ ...file }))).toMatchObject([
      {
        url: 'https://storage.apidot.ai/example/take-1.mp3',
        type: 'audio',
        providerFileId: '0f3c6c1e-0000-4000-8000-000000000001',
      },
      {
        url: 'https://storage.apidot.ai/example/take-2.mp3',
        type: 'audio',
        providerFileId: '0f3c6c1e-0000-4000-8000-000000000002',
      },
    ]);
  });

  it('the same without the envelope', () => {
    const { data } = sample('status-finished-image');
    expect(report(data)).toEqual(report(sample('status-finished-image')));
  });
});

describe('which task an answer is about', () => {
  const body = (task_id: unknown) => ({ code: 200, data: { task_id, status: 'running' } });

  it.each([
    [UNIFIED, 'read'],
    [undefined, 'read'],
    [null, 'read'],
    ['', 'read'],
    ['another', 'id_mismatch'],
    ['not usable!', 'id_mismatch'],
    [UNIFIED.toUpperCase(), 'id_mismatch'],
    [{}, 'id_mismatch'],
  ])('names %j: %s', (id, expected) => {
    expect(classOf(read(200, body(id)))).toBe(expected);
  });

  it('a status word of the envelope is not that of the task', () => {
    expect(classOf(read(200, { code: 200, status: 'success', data: { task_id: UNIFIED } }))).toBe(
      'unreadable',
    );
  });
});

describe('answers that are no report', () => {
  const refusal = (code: unknown) => ({ code, error: { message: 'No', type: 'x' } });

  it.each([
    [404, sample('status-404'), 'not_found'],
    [403, sample('status-403'), 'forbidden'],
    [401, sample('submit-401'), 'auth'],
    [401, sample('error-detail-string'), 'auth'],
    [402, sample('submit-402'), 'credits'],
    [429, sample('submit-429'), 'rate_limited'],
    [429, HTML, 'rate_limited'],
    [400, sample('submit-400'), 'refused'],
    [422, sample('error-detail-list'), 'refused'],
    [404, { code: 404 }, 'not_found'],
    [408, HTML, 'timeout'],
    [500, sample('submit-500'), 'server_error'],
    [502, HTML, 'server_error'],
    [503, null, 'server_error'],
    [504, '', 'server_error'],
    [302, '', 'unreadable'],
    // A gateway's page says nothing of the task or the account.
    [404, HTML, 'unreadable'],
    [403, HTML, 'unreadable'],
    [401, '', 'unreadable'],
    [402, '{}', 'unreadable'],
    [400, HTML, 'unreadable'],
    // The body's code inside HTTP 200.
    [200, refusal(404), 'not_found'],
    [200, refusal('404'), 'not_found'],
    [200, refusal(401), 'auth'],
    [200, refusal(402), 'credits'],
    [200, refusal(403), 'forbidden'],
    [200, refusal(408), 'timeout'],
    [200, refusal(429), 'rate_limited'],
    [200, refusal(400), 'refused'],
    [200, refusal(500), 'server_error'],
    [200, refusal(9999), 'unreadable'],
    [200, refusal('odd'), 'unreadable'],
    [200, { ...sample('status-finished-image'), code: 500 }, 'server_error'],
    [200, HTML, 'unreadable'],
    [200, '', 'unreadable'],
    [200, '[]', 'unreadable'],
    [200, null, 'unreadable'],
    [200, { code: 200, data: {} }, 'unreadable'],
    [200, { code: 200, data: { status: 7 } }, 'unreadable'],
    [200, { code: 200, data: { status: ' ' } }, 'unreadable'],
    [500, sample('status-finished-image'), 'server_error'],
  ])('HTTP %d %j: %s', (status, body, expected) => {
    expect(read(status, body)).toMatchObject({ kind: 'unread', class: expected, httpStatus: status });
  });

  it.each([
    ['timeout', 'timeout'],
    ['connection', 'transport'],
  ] as const)('%s: %s', (cause, expected) => {
    for (const stage of ['not_sent', 'sent'] as const) {
      const none = { kind: 'no_answer', stage, cause, httpStatus: null, errorCode: null } as const;
      expect(readStatus(none, UNIFIED, NOW)).toMatchObject({ class: expected });
    }
  });

  it('carry the pause they ask for', () => {
    expect(read(429, '', UNIFIED, { 'retry-after': '3' })).toMatchObject({ retryAfterMs: 3_000 });
    expect(read(503, '', UNIFIED, { 'retry-after': '4' })).toMatchObject({ retryAfterMs: 4_000 });
  });
});

it('never throws, and never reports another task than the one asked for', () => {
  const answer = fc.tuple(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.json(), fc.string()));
  fc.assert(
    fc.property(answer, ([status, body]) => {
      const reading = read(status, body);
      return reading.kind === 'unread' || reading.report.providerTaskId === UNIFIED;
    }),
    { numRuns: 500 },
  );
});
