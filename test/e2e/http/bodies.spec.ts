import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startApi, type Api } from './api.js';
import { firstAnswer, SKETCH, submit } from './waiting.js';

let api: Api;
let sockets: Socket[] = [];
beforeAll(async () => {
  api = await startApi();
});
afterEach(() => {
  sockets.forEach((socket) => socket.destroy());
  sockets = [];
});
afterAll(() => api.close());

const MIB = 1024 * 1024;
const SUBMIT = '/v1/image/tasks';

/** A request of which the head is sent and the body is up to the spec. */
const begin = async (head: string[]): Promise<Socket> => {
  const socket = connect(api.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`${head.join('\r\n')}\r\nHost: x\r\n\r\n`);
  return socket;
};

const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;
const withKey = (): string[] => [`Authorization: Bearer ${api.key}`, 'Content-Type: application/json'];

describe('A body that is too large', () => {
  it('may have exactly 1 MiB', async () => {
    const payload = (bytes: number) => {
      const empty = JSON.stringify({ ...SKETCH, input: { prompt: '' } });
      return JSON.stringify({ ...SKETCH, input: { prompt: 'x'.repeat(bytes - empty.length) } });
    };
    expect((await api.post(SUBMIT, payload(MIB))).status).toBe(202);
    expect(await api.post(SUBMIT, payload(MIB + 1))).toMatchObject({
      status: 413,
      headers: { 'content-type': 'application/problem+json' },
      json: { code: 'payload_too_large' },
    });
  });

  it('is refused by its announced length, before it comes', async () => {
    const socket = await begin([`POST ${SUBMIT} HTTP/1.1`, ...withKey(), `Content-Length: ${2 * MIB}`]);
    expect(await firstAnswer(socket)).toMatch(/^HTTP\/1.1 413 /);
  });

  it.each(['/v1/image/tasks', '/v1/tasks/0199f3c2-0000-7000-8000-000000000000/cancel', '/v1/account/resume'])(
    'is refused on %s while the client is still sending',
    async (url) => {
      const socket = await begin([`POST ${url} HTTP/1.1`, ...withKey(), 'Transfer-Encoding: chunked']);
      const answer = firstAnswer(socket);
      for (let sent = 0; sent <= 1; sent++) socket.write(chunk(MIB));
      expect(await answer).toMatch(/^HTTP\/1.1 413 /);
      // Nothing was reset: the client may finish what it sends, and the connection goes on.
      socket.write('0\r\n\r\n');
      socket.write(`GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n`);
      expect(await firstAnswer(socket)).toMatch(/^HTTP\/1.1 200 /);
    },
  );

  it('on any other method too', async () => {
    const socket = await begin(['GET /v1/tasks HTTP/1.1', ...withKey(), `Content-Length: ${2 * MIB}`]);
    expect(await firstAnswer(socket)).toMatch(/^HTTP\/1.1 413 /);
  });

  it('that nobody asked for ends the connection when it goes on and on', async () => {
    const socket = await begin([`POST ${SUBMIT} HTTP/1.1`, 'Transfer-Encoding: chunked']);
    // Who goes on writing may be told by a reset, and that is an end as well.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    expect(await firstAnswer(socket)).toMatch(/^HTTP\/1.1 401 /);
    const sending = setInterval(() => socket.write(chunk(1_000)), 20);
    await closed;
    clearInterval(sending);
  });
});

describe('A body that cannot be read', () => {
  const post = (payload: string | Buffer | undefined, type?: string, more: Record<string, string> = {}) =>
    api.send({
      method: 'POST',
      url: SUBMIT,
      payload,
      headers: {
        authorization: `Bearer ${api.key}`,
        ...(type !== undefined && { 'content-type': type }),
        ...more,
      },
    });
  const JSON_TYPE = 'application/json';

  it.each<[what: string, payload: string | Buffer | undefined, type: string | undefined, status: number]>([
    ['broken JSON', '{"model":', JSON_TYPE, 400],
    ['an empty body', '', JSON_TYPE, 400],
    ['no body', undefined, undefined, 400],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), JSON_TYPE, 400],
    ['a key __proto__', '{"model":"sketch","input":{},"__proto__":{"x":1}}', JSON_TYPE, 422],
    ['a form', 'model=sketch', 'application/x-www-form-urlencoded', 415],
    ['text', JSON.stringify(SKETCH), 'text/plain', 415],
    ['no type', JSON.stringify(SKETCH), undefined, 415],
    ['a type that only begins like JSON', JSON.stringify(SKETCH), 'application/jsonx', 415],
    ['another charset', JSON.stringify(SKETCH), 'application/json; charset=latin1', 415],
    ['a type that is none', JSON.stringify(SKETCH), 'nonsense', 415],
    ['the right charset', JSON.stringify(SKETCH), 'Application/JSON; charset=UTF-8', 202],
    ['deep nesting', `{"model":"sketch","input":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, JSON_TYPE, 422],
    ['a huge number', '{"model":"sketch","input":{"prompt":1e999}}', JSON_TYPE, 422],
    ['a list', '[]', JSON_TYPE, 422],
    ['null', 'null', JSON_TYPE, 422],
  ])('%s', async (_what, payload, type, status) => {
    const answer = await post(payload, type);
    expect(answer.status).toBe(status);
    if (status >= 400) {
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.json).toMatchObject({ status, request_id: answer.headers['x-request-id'] });
    }
  });

  it('is not unpacked', async () => {
    expect((await post('x', JSON_TYPE, { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it.each<[what: string, payload: string | undefined, type: string | undefined, status: number]>([
    ['nothing', undefined, undefined, 404],
    ['an empty body', '', JSON_TYPE, 404],
    ['an empty body of another type', '', 'text/plain', 404],
    ['an empty body of a type that is none', '', 'nonsense', 404],
    ['an empty object', '{}', JSON_TYPE, 404],
    ['broken JSON', '{', JSON_TYPE, 400],
    ['another type', 'x', 'text/plain', 415],
    ['a type that is none', '{}', 'nonsense', 415],
  ])('where none is needed: %s', async (_what, payload, type, status) => {
    const answer = await api.send({
      method: 'POST',
      url: '/v1/tasks/0199f3c2-0000-7000-8000-000000000000/cancel',
      payload,
      headers: { authorization: `Bearer ${api.key}`, ...(type !== undefined && { 'content-type': type }) },
    });
    expect(answer.status).toBe(status);
  });
});

it('An empty body in chunks is an empty body', async () => {
  const socket = await begin([
    'POST /v1/tasks/0199f3c2-0000-7000-8000-000000000000/cancel HTTP/1.1',
    `Authorization: Bearer ${api.key}`,
    'Transfer-Encoding: chunked',
  ]);
  socket.write('0\r\n\r\n');
  expect(await firstAnswer(socket)).toMatch(/^HTTP\/1.1 404 /);
});

describe('Every answer', () => {
  it('names the request as the caller named it', async () => {
    const headers = { authorization: `Bearer ${api.key}`, 'x-request-id': 'order-17' };
    const id = await submit(api, SKETCH, headers);
    const answer = await api.get(`/v1/tasks/${id}x`, headers);
    expect(answer.headers['x-request-id']).toBe('order-17');
    expect(answer.json.request_id).toBe('order-17');
    const { json } = await api.get(`/v1/tasks/${id}/events?limit=1`);
    expect(json.data[0]?.correlation_id).toBe('order-17');
  });

  it('says little of what runs here', async () => {
    const { headers } = await api.get('/v1/models');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']));
    expect(headers.server).toBeUndefined();
  });

  it.each([
    ['GET', '/nope'],
    ['GET', '/'],
    ['DELETE', '/v1/tasks'],
    ['PUT', '/v1/image/tasks'],
    ['POST', '/v1/nope'],
    ['GET', '/v1/tasks/%'],
    ['GET', `/v1/models/${'x'.repeat(400)}`],
    ['OPTIONS', '/v1/tasks'],
  ])('%s %s is a problem like any other', async (method, url) => {
    const body = { payload: 'x', headers: { 'content-type': 'nonsense' } };
    const answer = await api.send({ method, url, ...(method === 'POST' && body) });
    expect(answer).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/problem+json' },
      json: {
        type: 'urn:genledger:problem:not-found',
        code: 'not_found',
        request_id: answer.headers['x-request-id'],
      },
    });
  });

  it('is a problem even for what is not HTTP', async () => {
    const socket = connect(api.port, '127.0.0.1');
    sockets.push(socket);
    socket.write('nonsense\r\n\r\n');
    const answer = await firstAnswer(socket);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('urn:genledger:problem:bad-request');
  });
});
