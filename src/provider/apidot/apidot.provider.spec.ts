import { inspect } from 'node:util';
import { type SubmitCall } from '../../tasks/index.js';
import { ApidotOptionInvalidError } from './apidot.errors.js';
import { type ApidotOptions } from './apidot.options.js';
import { ApidotProvider } from './apidot.provider.js';
import { freePort, httpServer, rawServer, type Reply, type SeenRequest } from './testing/loopback.js';
import { sample, sampleBytes } from './testing/samples.js';

const KEY = 'sk-canary-4c1b9f';
const ID = 'task-unified-1757165031-uyujaw3d';
const MUSIC = 'task-music-1757165031-uyujaw3d';

const CALL: SubmitCall = {
  model: 'gpt-image-2',
  input: { prompt: 'A canary, größer als je zuvor', n: 1 },
  callbackUrl: 'https://us.example/callbacks/1/1/token-canary',
  mayStart: () => true,
};

/** A provider against `baseUrl` on a clock that only moves by hand; disposed, it closes its connections. */
const providerAt = (baseUrl: string, over: Partial<ApidotOptions> = {}) => {
  const time = { now: 0 };
  const provider = new ApidotProvider({
    baseUrl,
    apiKey: KEY,
    submitTimeoutMs: 2_000,
    statusTimeoutMs: 2_000,
    requestsPerMinute: null,
    submitRetryInitialMs: 1_000,
    submitRetryMaxMs: 60_000,
    breaker: { failures: 3, openMs: 10_000 },
    clock: { now: () => new Date(1_776_632_400_000 + time.now), monotonic: () => time.now },
    random: () => 0,
    ...over,
  });
  return { provider, time, [Symbol.asyncDispose]: () => provider.close() };
};

const always =
  (name: string, status = 200, headers: Record<string, string> = {}) =>
  (): Reply => ({ status, headers, body: sample(name) });

describe('submit', () => {
  it('sends model, callback URL and input as documented, with the key as bearer', async () => {
    await using server = await httpServer(always('submit-ok'));
    await using at = providerAt(server.url);
    await expect(at.provider.submit(CALL)).resolves.toEqual({
      kind: 'accepted',
      providerTaskId: ID,
      note: null,
    });
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/api/generate/submit',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', connection: 'close' },
    });
    expect(JSON.parse(request!.body)).toEqual({
      model: CALL.model,
      callback_url: CALL.callbackUrl,
      input: CALL.input,
    });
    expect(request!.headers['content-length']).toBe(String(Buffer.byteLength(request!.body)));
  });

  it('leaves the callback URL out when there is none', async () => {
    await using server = await httpServer(always('submit-ok'));
    await using at = providerAt(server.url);
    await at.provider.submit({ ...CALL, callbackUrl: null });
    expect(JSON.parse(server.requests[0]!.body)).toEqual({ model: CALL.model, input: CALL.input });
  });

  it('keeps a path of the base URL', async () => {
    await using server = await httpServer(always('submit-ok'));
    await using at = providerAt(`${server.url}/gateway/`);
    await at.provider.submit(CALL);
    expect(server.requests[0]!.url).toBe('/gateway/api/generate/submit');
  });

  it('uses a connection of its own each time, also beside kept ones', async () => {
    await using server = await httpServer(({ method }) =>
      always(method === 'POST' ? 'submit-ok' : 'status-running')(),
    );
    await using at = providerAt(server.url);
    await at.provider.status(ID);
    for (let n = 0; n < 3; n++) await at.provider.submit(CALL);
    await at.provider.status(ID);
    const ports = (method: string) =>
      server.requests.filter((r) => r.method === method).map((r) => r.remotePort);
    expect(new Set(ports('POST')).size).toBe(3);
    expect(new Set(ports('GET')).size).toBe(1);
  });

  it('sends nothing when it may not start', async () => {
    await using server = await rawServer(() => undefined);
    await using at = providerAt(server.url);
    await expect(at.provider.submit({ ...CALL, mayStart: () => false })).resolves.toMatchObject({
      kind: 'deferred',
      reason: 'not_sent',
    });
    expect([server.connections(), server.received()]).toEqual([1, '']);
  });

  it('never follows a redirect', async () => {
    await using server = await httpServer(() => ({
      status: 307,
      headers: { location: '/elsewhere' },
      body: '',
    }));
    await using at = providerAt(server.url);
    await expect(at.provider.submit(CALL)).resolves.toMatchObject({
      kind: 'unknown',
      reason: 'redirect',
      httpStatus: 307,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('is not repeated after a connection that broke', async () => {
    await using server = await rawServer(
      (socket, request) => void request().then(() => socket.resetAndDestroy()),
    );
    await using at = providerAt(server.url);
    await expect(at.provider.submit(CALL)).resolves.toMatchObject({
      kind: 'unknown',
      reason: 'connection_lost',
    });
    expect(server.connections()).toBe(1);
    expect(server.received().match(/POST /g)).toHaveLength(1);
  });

  it('is unknown after its time ran out, and certain when nobody listens', async () => {
    await using server = await rawServer(() => undefined);
    await using at = providerAt(server.url, { submitTimeoutMs: 200 });
    await expect(at.provider.submit(CALL)).resolves.toMatchObject({ kind: 'unknown', reason: 'timeout' });
    await using nobody = providerAt(`http://127.0.0.1:${await freePort()}`);
    await expect(nobody.provider.submit(CALL)).resolves.toMatchObject({
      kind: 'deferred',
      reason: 'unreachable',
    });
  });
});

describe('reads', () => {
  it('status asks for the task and keeps the connection', async () => {
    await using server = await httpServer(always('status-finished-image'));
    await using at = providerAt(server.url);
    for (let n = 0; n < 10; n++) {
      await expect(at.provider.status(ID)).resolves.toMatchObject({
        kind: 'read',
        report: { status: 'finished' },
      });
    }
    expect(server.requests[0]).toMatchObject({ method: 'GET', url: `/api/generate/status/${ID}`, body: '' });
    expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${KEY}`);
    // A read that follows at once may still find the first connection busy with its last bytes.
    expect(new Set(server.requests.map((request) => request.remotePort)).size).toBeLessThanOrEqual(2);
  });

  it('detail asks for the music detail', async () => {
    await using server = await httpServer(always('music-detail-finished'));
    await using at = providerAt(server.url);
    await expect(at.provider.detail(MUSIC)).resolves.toMatchObject({
      kind: 'read',
      report: { files: [{ type: 'audio' }, {}] },
    });
    expect(server.requests[0]!.url).toBe(`/api/generate/detail/music?task_id=${MUSIC}`);
  });

  it.each(['..', '../user/balance', 'a/b', '', 'x'.repeat(201)])(
    'an id that is none is not asked for: %j',
    async (id) => {
      await using server = await httpServer(always('status-running'));
      await using at = providerAt(server.url);
      await expect(at.provider.status(id)).resolves.toMatchObject({ kind: 'unread', class: 'not_asked' });
      expect(server.requests).toHaveLength(0);
    },
  );

  it('time that runs out and connections that break have their own classes', async () => {
    await using silent = await rawServer(() => undefined);
    await using at = providerAt(silent.url, { statusTimeoutMs: 100 });
    await expect(at.provider.status(ID)).resolves.toMatchObject({ kind: 'unread', class: 'timeout' });
    await using closing = await rawServer((socket) => socket.end());
    await using other = providerAt(closing.url);
    await expect(other.provider.status(ID)).resolves.toMatchObject({ kind: 'unread', class: 'transport' });
  });

  it.each([
    ['a sample', () => ({ body: sample('balance-ok') }), 1000],
    ['text', () => ({ body: { code: 200, data: { credits_amount: '12.5' } } }), 12.5],
    ['a refusal', () => ({ status: 401, body: sample('submit-401') }), null],
    ['a code inside HTTP 200', () => ({ body: { code: 401, data: { credits_amount: 5 } } }), null],
    ['a page', () => ({ body: '<html>' }), null],
    ['nothing of the kind', () => ({ status: 404, body: { message: 'no' } }), null],
  ])('balance from %s', async (_, reply, expected) => {
    await using server = await httpServer(reply);
    await using at = providerAt(server.url);
    await expect(at.provider.balance()).resolves.toBe(expected);
    expect(server.requests[0]!.url).toBe('/api/user/balance');
  });

  it('balance is null when nobody answers', async () => {
    await using at = providerAt(`http://127.0.0.1:${await freePort()}`);
    await expect(at.provider.balance()).resolves.toBeNull();
  });

  it('callbacks are read without asking anybody', async () => {
    await using at = providerAt('http://127.0.0.1:1');
    expect(at.provider.readCallback(sampleBytes('webhook-failed'))).toMatchObject({
      report: { status: 'failed' },
    });
  });
});

describe('pace and breaker', () => {
  it('a 429 on a read slows submissions, for as long as it asks', async () => {
    await using server = await httpServer(always('submit-429', 429, { 'retry-after': '7' }));
    await using at = providerAt(server.url);
    await expect(at.provider.status(ID)).resolves.toMatchObject({
      class: 'rate_limited',
      retryAfterMs: 7_000,
    });
    expect(await at.provider.admit('submit')).toEqual({
      granted: false,
      reason: 'slowed_down',
      retryInMs: 7_000,
    });
    await expect(at.provider.submit(CALL)).resolves.toMatchObject({
      kind: 'deferred',
      reason: 'not_sent',
      retryAfterMs: 7_000,
    });
    await expect(at.provider.status(ID)).resolves.toMatchObject({ class: 'not_asked', retryAfterMs: 7_000 });
    expect(server.requests).toHaveLength(1);
    expect(at.provider.condition().pausedForMs).toBe(7_000);
    at.time.now = 7_000;
    expect(await at.provider.admit('submit')).toEqual({ granted: true });
  });

  it('failures in a row stop one operation, and it comes back with one probe', async () => {
    let healthy = false;
    await using server = await httpServer(({ method }) =>
      method === 'GET'
        ? always('status-running')()
        : healthy
          ? always('submit-ok')()
          : always('submit-503', 503)(),
    );
    await using at = providerAt(server.url);
    for (let n = 0; n < 3; n++) await at.provider.submit(CALL);
    await expect(at.provider.submit(CALL)).resolves.toMatchObject({
      kind: 'deferred',
      reason: 'breaker_open',
      retryAfterMs: 10_000,
    });
    await expect(at.provider.status(ID)).resolves.toMatchObject({ kind: 'read' });
    expect(at.provider.condition().breakers).toEqual({ submit: 'open', status: 'closed' });
    at.time.now = 10_000;
    healthy = true;
    expect(await at.provider.admit('submit')).toEqual({ granted: true });
    expect(await at.provider.admit('submit')).toMatchObject({ reason: 'breaker_open' });
    await expect(at.provider.submit(CALL)).resolves.toMatchObject({ kind: 'accepted' });
    const asked = await Promise.all([1, 2, 3].map(() => at.provider.admit('submit')));
    expect(asked.map(({ granted }) => granted)).toEqual([true, true, false]);
  });

  it('after quick answers a silent read is given up soon, unless it may take its time', async () => {
    let isSilent = false;
    await using server = await httpServer(() =>
      isSilent ? new Promise<never>(() => undefined) : always('status-running')(),
    );
    await using at = providerAt(server.url, { statusTimeoutMs: 1_600 });
    await at.provider.status(ID);
    isSilent = true;
    const startedAt = performance.now();
    const times = await Promise.all(
      [false, true].map(async (isPatient) => {
        expect(await at.provider.status(ID, { isPatient })).toMatchObject({ class: 'timeout' });
        return performance.now() - startedAt;
      }),
    );
    expect(times[0]).toBeGreaterThanOrEqual(990);
    expect(times[0]).toBeLessThan(times[1]! - 400);
    expect(times[1]).toBeGreaterThanOrEqual(1_590);
  });

  it('refusals never open the breaker', async () => {
    await using server = await httpServer(always('submit-401', 401));
    await using at = providerAt(server.url);
    for (let n = 0; n < 20; n++) await at.provider.submit(CALL);
    expect(at.provider.condition().breakers.submit).toBe('closed');
  });

  it('timeouts of tasks known to hang do not count', async () => {
    await using server = await rawServer(() => undefined);
    await using at = providerAt(server.url, { statusTimeoutMs: 50 });
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => at.provider.status(ID, { countsForBreaker: false })),
    );
    expect(new Set(outcomes.map((outcome) => outcome.kind === 'unread' && outcome.class))).toEqual(
      new Set(['timeout']),
    );
    expect(at.provider.condition().breakers.status).toBe('closed');
    await Promise.all(Array.from({ length: 3 }, () => at.provider.status(ID)));
    expect(at.provider.condition().breakers.status).toBe('open');
  });

  it('calls that never started prove nothing', async () => {
    await using server = await rawServer(() => undefined);
    await using at = providerAt(server.url);
    for (let n = 0; n < 5; n++) await at.provider.submit({ ...CALL, mayStart: () => false });
    expect(at.provider.condition().breakers.submit).toBe('closed');
  });
});

describe('the key', () => {
  it('shows in the account only as a fingerprint that tells keys apart', () => {
    const account = (apiKey: string) => providerAt('http://127.0.0.1:1', { apiKey }).provider.account;
    expect(account(KEY)).toMatch(/^[0-9a-f]{16}$/);
    expect(account(KEY)).toBe(account(KEY));
    expect(account(KEY)).not.toBe(account(`${KEY}x`));
  });

  it('is cut out of texts that quote it', async () => {
    const body = { code: 400, error: { message: `Key ${KEY} may not`, type: 'x' } };
    await using server = await httpServer(() => ({ status: 400, body }));
    await using at = providerAt(server.url);
    await expect(at.provider.submit(CALL)).resolves.toMatchObject({
      kind: 'rejected',
      message: 'Key [key] may not',
    });
  });

  it.each([
    [
      'answers',
      (request: SeenRequest): Reply => ({ status: 500, body: { echo: request.headers, at: request.url } }),
    ],
    [
      'pages',
      (request: SeenRequest): Reply => ({
        status: 403,
        body: `<p>${request.headers.authorization}</p>${request.body}`,
      }),
    ],
  ])('and the private parts of a call are in no outcome made of %s', async (_, reply) => {
    await using server = await httpServer(reply);
    await using at = providerAt(server.url);
    const outcomes = [
      await at.provider.submit(CALL),
      await at.provider.status(ID),
      await at.provider.detail(ID),
    ];
    expect(inspect(outcomes, { depth: 9 })).not.toMatch(/canary|127\.0\.0\.1/);
  });

  it('is not in the outcome of a call that failed', async () => {
    await using at = providerAt(`http://127.0.0.1:${await freePort()}`);
    const outcome = await at.provider.submit(CALL);
    expect(outcome).toMatchObject({ kind: 'deferred', message: 'ECONNREFUSED' });
    expect(inspect(outcome, { depth: 9 })).not.toMatch(/canary|127\.0\.0\.1/);
  });
});

describe('options', () => {
  it.each([
    ['baseUrl', { baseUrl: 'api.apidot.ai' }],
    ['baseUrl', { baseUrl: 'ftp://api.apidot.ai' }],
    ['baseUrl', { baseUrl: 'https://user:canary@api.apidot.ai' }],
    ['baseUrl', { baseUrl: 'https://api.apidot.ai?key=canary' }],
    ['apiKey', { apiKey: '' }],
    ['apiKey', { apiKey: 'sk-canary\r\nx: y' }],
    ['apiKey', { apiKey: 'sk-canäry' }],
    ['submitTimeoutMs', { submitTimeoutMs: 0 }],
    ['statusTimeoutMs', { statusTimeoutMs: Number.NaN }],
    ['requestsPerMinute', { requestsPerMinute: 0 }],
    ['submitRetryInitialMs', { submitRetryInitialMs: -1 }],
    ['submitRetryMaxMs', { submitRetryMaxMs: 1.5 }],
    ['breaker.failures', { breaker: { failures: 0, openMs: 1 } }],
    ['breaker.openMs', { breaker: { failures: 1, openMs: 0 } }],
  ] satisfies [string, Partial<ApidotOptions>][])(
    '%s that cannot work is refused by name, not by value: %j',
    (option, over) => {
      const attempt = () => providerAt('http://127.0.0.1:1', over);
      expect(attempt).toThrow(ApidotOptionInvalidError);
      expect(attempt).toThrow(`"${option}"`);
      expect(attempt).not.toThrow(/can.ry/);
    },
  );
});

it('closing lets a read under way finish and ends the kept connections', async () => {
  let arrive = (): void => undefined;
  let release = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  await using server = await httpServer(async () => {
    arrive();
    await released;
    return { body: sample('status-running') };
  });
  const { provider } = providerAt(server.url);
  const reading = provider.status(ID);
  await arrived;
  const closing = provider.close();
  release();
  await expect(reading).resolves.toMatchObject({ kind: 'read' });
  await closing;
  await provider.close();
  await expect(provider.status(ID)).resolves.toMatchObject({ kind: 'unread', class: 'transport' });
});
