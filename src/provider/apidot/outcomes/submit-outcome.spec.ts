import fc from 'fast-check';
import { Headers } from 'undici';
import { type SubmitOutcome } from '../../../tasks/index.js';
import { sample } from '../testing/samples.js';
import { type NoAnswer } from '../http/exchange.js';
import { readSubmitOutcome } from './submit-outcome.js';

const NOW = new Date('2026-04-19T21:00:00Z');

const read = (httpStatus: number, body: unknown, headers: Record<string, string> = {}): SubmitOutcome =>
  readSubmitOutcome(
    {
      kind: 'answer',
      httpStatus,
      headers: new Headers(headers),
      body:
        body === null || Buffer.isBuffer(body)
          ? body
          : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    },
    NOW,
  );

/** One word per outcome, for tables. */
const word = (outcome: SubmitOutcome): string =>
  outcome.kind === 'accepted'
    ? `accepted${outcome.note === null ? '' : ` (${outcome.note})`}`
    : outcome.kind === 'rejected'
      ? `rejected ${outcome.httpStatus}/${outcome.code}`
      : `${outcome.kind} ${outcome.reason}`;

const refusal = (code: unknown) => ({ code, error: { message: 'No', type: 'some_error' } });
const HTML = '<html><body>403 Forbidden</body></html>';
const ID = 'task-unified-1757165031-uyujaw3d';

describe('bodies the provider is known to send', () => {
  it.each([
    ['submit-ok', 200, 'accepted'],
    ['submit-ok-no-status', 200, 'accepted'],
    ['submit-400', 400, 'rejected 400/400'],
    ['submit-401', 401, 'held provider_auth'],
    ['submit-402', 402, 'held insufficient_credits'],
    ['status-403', 403, 'held model_forbidden'],
    ['status-404', 404, 'rejected 404/404'],
    ['submit-429', 429, 'deferred rate_limited'],
    ['submit-500', 500, 'unknown server_error'],
    ['submit-502', 502, 'unknown server_error'],
    ['submit-503', 503, 'unknown server_error'],
    ['error-detail-string', 401, 'held provider_auth'],
    ['error-detail-string', 400, 'rejected 400/null'],
    ['error-detail-list', 422, 'rejected 422/null'],
    // The same inside HTTP 200: the body's code counts.
    ['submit-400', 200, 'rejected 200/400'],
    ['submit-401', 200, 'held provider_auth'],
    ['submit-402', 200, 'held insufficient_credits'],
    ['status-403', 200, 'held model_forbidden'],
    ['submit-429', 200, 'deferred rate_limited'],
    ['submit-500', 200, 'unknown server_error'],
    ['submit-503', 200, 'unknown server_error'],
  ])('%s with HTTP %d: %s', (name, status, expected) => {
    expect(word(read(status, sample(name)))).toBe(expected);
  });
});

describe('an answer that carries an id is accepted, whatever else it says', () => {
  it.each([
    [200, { code: 200, data: { task_id: ID } }, 'accepted'],
    [200, { code: 0, data: { task_id: ID } }, 'accepted'],
    [200, { code: '200', data: { task_id: ID } }, 'accepted'],
    [201, { code: 200, data: { task_id: ID } }, 'accepted'],
    [200, { code: 200, task_id: ID }, 'accepted'],
    [200, { task_id: ID }, 'accepted (no code)'],
    [200, { data: { task_id: ID } }, 'accepted (no code)'],
    [200, { code: 'fine', data: { task_id: ID } }, 'accepted (code is no number)'],
    [200, { code: 500, data: { task_id: ID } }, 'accepted (code 500)'],
    [502, { code: 200, data: { task_id: ID } }, 'accepted (HTTP 502)'],
    [400, { ...refusal(400), task_id: ID }, 'accepted (HTTP 400, code 400)'],
    [429, { ...refusal(429), data: { task_id: ID } }, 'accepted (HTTP 429, code 429)'],
    [302, { code: 200, data: { task_id: ID } }, 'accepted (HTTP 302)'],
    [200, { code: 200, data: { task_id: 'not usable' }, task_id: ID }, 'accepted'],
    [200, { code: 200, data: { task_id: 12345 } }, 'accepted'],
    [200, { code: 200, data: { task_id: 'x'.repeat(200) } }, 'accepted'],
  ])('HTTP %d %j: %s', (status, body, expected) => {
    expect(word(read(status, body))).toBe(expected);
  });

  it('with the id as it came', () => {
    expect(read(200, sample('submit-ok'))).toEqual({ kind: 'accepted', providerTaskId: ID, note: null });
  });

  it.each([
    ['a b'],
    ['../status'],
    ['x'.repeat(201)],
    ['a\u0000'],
    [' '],
    [{ id: 1 }],
    [['a']],
    [true],
    [1.5],
    [1e21],
  ])('an unusable id %j leaves a task nobody can name', (id) => {
    expect(word(read(200, { code: 200, data: { task_id: id } }))).toBe('unknown unusable_task_id');
    expect(word(read(400, { ...refusal(400), task_id: id }))).toBe('unknown unusable_task_id');
  });
});

describe('HTTP status against body code', () => {
  // Every pair of classes. Only when both (where there are both) say "not created" is it taken for that.
  const CODES = ['none', 0, 200, 1, 202, 400, 401, 402, 403, 404, 408, 429, 500, 503, 9999, 'odd'] as const;
  const table: Record<number, string[]> = {
    // prettier-ignore
    200: ['no_task_id', 'no_task_id', 'no_task_id', 'unexpected_answer', 'unexpected_answer', 'rejected 200/400', 'provider_auth', 'insufficient_credits', 'model_forbidden', 'rejected 200/404', 'server_error', 'rate_limited', 'server_error', 'server_error', 'unexpected_answer', 'unexpected_answer'],
    // prettier-ignore
    400: ['rejected 400/null', 'unexpected_answer', 'unexpected_answer', 'rejected 400/1', 'rejected 400/202', 'rejected 400/400', 'provider_auth', 'insufficient_credits', 'model_forbidden', 'rejected 400/404', 'server_error', 'rate_limited', 'server_error', 'server_error', 'rejected 400/9999', 'rejected 400/null'],
    // prettier-ignore
    401: ['provider_auth', 'unexpected_answer', 'unexpected_answer', 'provider_auth', 'provider_auth', 'provider_auth', 'provider_auth', 'insufficient_credits', 'model_forbidden', 'provider_auth', 'server_error', 'rate_limited', 'server_error', 'server_error', 'provider_auth', 'provider_auth'],
    // prettier-ignore
    402: ['insufficient_credits', 'unexpected_answer', 'unexpected_answer', 'insufficient_credits', 'insufficient_credits', 'insufficient_credits', 'provider_auth', 'insufficient_credits', 'model_forbidden', 'insufficient_credits', 'server_error', 'rate_limited', 'server_error', 'server_error', 'insufficient_credits', 'insufficient_credits'],
    // prettier-ignore
    403: ['model_forbidden', 'unexpected_answer', 'unexpected_answer', 'model_forbidden', 'model_forbidden', 'model_forbidden', 'provider_auth', 'insufficient_credits', 'model_forbidden', 'model_forbidden', 'server_error', 'rate_limited', 'server_error', 'server_error', 'model_forbidden', 'model_forbidden'],
    // prettier-ignore
    429: ['rate_limited', 'unexpected_answer', 'unexpected_answer', 'rate_limited', 'rate_limited', 'rate_limited', 'rate_limited', 'rate_limited', 'rate_limited', 'rate_limited', 'server_error', 'rate_limited', 'server_error', 'server_error', 'rate_limited', 'rate_limited'],
    302: CODES.map(() => 'redirect'),
    408: CODES.map(() => 'server_error'),
    500: CODES.map(() => 'server_error'),
    503: CODES.map(() => 'server_error'),
    599: CODES.map(() => 'server_error'),
  };
  const pairs = Object.entries(table).flatMap(([status, row]) =>
    CODES.map((code, n) => [Number(status), code, row[n]!] as const),
  );

  it.each(pairs)('HTTP %d, code %s: %s', (status, code, expected) => {
    const body =
      code === 'none'
        ? status === 200
          ? { data: {} }
          : { message: 'No' }
        : code === 0 || code === 200 || code === 1 || code === 202
          ? { code, message: 'No' }
          : refusal(code);
    expect(word(read(status, body)).replace(/^(unknown|held|deferred) /, '')).toBe(expected);
  });
});

describe('who wrote a refusal', () => {
  it.each([400, 401, 402, 403, 404, 405, 409, 413, 418, 422, 499])(
    "HTTP %d without the provider's shape is held",
    (status) => {
      for (const body of [
        HTML,
        '',
        '{}',
        '[]',
        '"no"',
        'null',
        { code: status },
        { error: 'no' },
        { message: '' },
        { detail: [] },
        null,
      ]) {
        expect(word(read(status, body))).toBe('held unrecognised_refusal');
      }
    },
  );

  it.each([[HTML], [''], [null], ['{}']])('HTTP 429 needs no shape: %j', (body) => {
    expect(word(read(429, body))).toBe('deferred rate_limited');
  });

  it.each([[HTML], [''], [null], ['{"code":400'], [refusal(400)]])(
    'HTTP 408 and 5xx leave doubt whatever the body: %j',
    (body) => {
      for (const status of [408, 500, 502, 503, 504, 520, 599]) {
        expect(word(read(status, body))).toBe('unknown server_error');
      }
    },
  );

  it.each([[HTML], [''], [null], ['[]'], ['"x"'], ['{"code":200'], [Buffer.from([0xff, 0xfe, 0x00])]])(
    'a 2xx that cannot be read leaves doubt: %j',
    (body) => {
      for (const status of [200, 201, 202, 204])
        expect(word(read(status, body))).toBe('unknown unreadable_answer');
    },
  );

  it('a success without an id leaves doubt', () => {
    for (const id of [undefined, null, '']) {
      expect(word(read(200, { code: 200, data: { task_id: id } }))).toBe('unknown no_task_id');
    }
  });

  it('a byte order mark and a broken byte in a message do not hide the id', () => {
    const body = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(`{"code":200,"message":"`),
      Buffer.from([0xff]),
      Buffer.from(`","data":{"task_id":"${ID}"}}`),
    ]);
    expect(word(read(200, body))).toBe('accepted');
  });
});

describe('what goes with an outcome', () => {
  it('the pause a 429 asks for, by HTTP and by body code, capped', () => {
    expect(read(429, '', { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7_000 });
    expect(read(200, sample('submit-429'), { 'retry-after': '9999' })).toMatchObject({
      retryAfterMs: 900_000,
    });
    expect(read(429, '')).toMatchObject({ retryAfterMs: null });
  });

  it.each([
    [refusal(400), 'No'],
    [{ detail: 'No' }, 'No'],
    [{ detail: [{ msg: 'field required' }, 'two', 3] }, 'field required; two'],
    [{ message: 'No' }, 'No'],
    [{ code: 400, error: { type: 'x' } }, null],
  ])('the words of %j', (body, expected) => {
    expect(read(400, body)).toMatchObject({ message: expected });
  });

  it('words of at most 2,000 characters that a database can store', () => {
    const outcome = read(400, { message: `\u0000${'é'.repeat(1_998)}😀` });
    expect(outcome.kind === 'rejected' && outcome.message).toBe(`\ufffd${'é'.repeat(1_998)}\ufffd`);
  });
});

describe('no answer', () => {
  const none = (over: Partial<NoAnswer>): NoAnswer => ({
    kind: 'no_answer',
    stage: 'sent',
    cause: 'connection',
    httpStatus: null,
    errorCode: null,
    ...over,
  });

  it.each([
    [none({ stage: 'not_allowed' }), 'deferred not_sent'],
    [none({ stage: 'not_sent' }), 'deferred unreachable'],
    [none({ stage: 'not_sent', cause: 'timeout' }), 'deferred unreachable'],
    [none({}), 'unknown connection_lost'],
    [none({ cause: 'timeout' }), 'unknown timeout'],
    // The head said "refused", the rest may have held an id: a part of an answer is none.
    [none({ httpStatus: 400 }), 'unknown connection_lost'],
    [none({ httpStatus: 429, cause: 'timeout' }), 'unknown timeout'],
  ])('%j: %s', (exchange, expected) => {
    expect(word(readSubmitOutcome(exchange, NOW))).toBe(expected);
  });
});

describe('whatever is answered', () => {
  const status = fc.integer({ min: 100, max: 599 });

  it('never throws, and "not created" never comes with an id', () => {
    const id = fc.constantFrom(ID, 'bad id', '', 7, null, {}, [], true);
    const body = fc.record(
      {
        code: fc.oneof(
          fc.integer({ min: -1, max: 700 }),
          fc.string(),
          fc.constantFrom('200', '400', null, {}, []),
        ),
        error: fc.anything(),
        message: fc.anything(),
        detail: fc.anything(),
        data: fc.oneof(fc.record({ task_id: id }, { requiredKeys: [] }), fc.anything()),
        task_id: id,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(status, body, (httpStatus, value) => {
        const text = stringify(value);
        const outcome = read(httpStatus, text);
        return !text.includes(`"task_id":"${ID}"`) || outcome.kind === 'accepted' || !isTopOrData(text);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws on bytes', () => {
    fc.assert(
      fc.property(
        status,
        fc.uint8Array(),
        (httpStatus, bytes) => read(httpStatus, Buffer.from(bytes)).kind !== 'accepted',
      ),
    );
  });

  /** JSON of anything; what JSON cannot say is left out. */
  const stringify = (value: unknown): string =>
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ?? 'null';

  /** Whether the id stands where the contract puts it. */
  const isTopOrData = (text: string): boolean => {
    const body = JSON.parse(text) as { task_id?: unknown; data?: { task_id?: unknown } | null };
    return body.task_id === ID || body.data?.task_id === ID;
  };
});
