import { once } from 'node:events';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { Client } from 'undici';
import { freePort, type RawServer, rawServer, stoppedServer, tlsServer } from '../testing/loopback.js';
import { selfSigned } from '../testing/self-signed.js';
import { MAX_ANSWER_BYTES } from './answer-receiver.js';
import { Connections } from './connections.js';
import { type Exchange, exchange, type HttpCall } from './exchange.js';

const call = (url: string, over: Partial<HttpCall> = {}): Promise<Exchange> =>
  new Connections(new URL(url).origin).fresh((dispatcher) =>
    exchange({
      method: 'POST',
      url: `${url}/submit`,
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
      timeoutMs: 5_000,
      dispatcher,
      mayStart: () => true,
      ...over,
    }),
  );

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

/** Answers `bytes` once the whole request arrived, then does what `then` says. */
const answering = (bytes: string | Buffer, then: 'keep' | 'end' | 'reset' = 'keep'): Promise<RawServer> =>
  rawServer((socket, request) => {
    void request().then(() =>
      socket.write(bytes, () => {
        if (then === 'end') socket.end();
        if (then === 'reset') socket.resetAndDestroy();
      }),
    );
  });

describe('no byte of the request was written', () => {
  it('refused connection', async () => {
    await expect(call(`http://127.0.0.1:${await freePort()}`)).resolves.toMatchObject({
      kind: 'no_answer',
      stage: 'not_sent',
      cause: 'connection',
      errorCode: 'ECONNREFUSED',
    });
  });

  it('unknown host', async () => {
    // "invalid" is reserved never to resolve.
    await expect(call('http://nowhere.invalid')).resolves.toMatchObject({
      kind: 'no_answer',
      stage: 'not_sent',
    });
  });

  it('TLS handshake answered with something else', async () => {
    await using server = await rawServer((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 400 no\r\n\r\n')),
    );
    await expect(call(`https://127.0.0.1:${server.port}`)).resolves.toMatchObject({
      stage: 'not_sent',
      cause: 'connection',
    });
    expect(server.received()).not.toContain('POST');
  });

  it('a certificate that nobody vouches for', async () => {
    let asked = 0;
    await using server = await tlsServer(selfSigned(), () => undefined);
    const outcome = await call(server.url, { mayStart: () => ++asked > 0 });
    expect(outcome).toMatchObject({ stage: 'not_sent', cause: 'connection' });
    expect([asked, server.received()]).toEqual([0, '']);
  });

  it('connection closed during the TLS handshake', async () => {
    await using server = await rawServer((socket) => socket.once('data', () => socket.destroy()));
    await expect(call(`https://127.0.0.1:${server.port}`)).resolves.toMatchObject({ stage: 'not_sent' });
  });

  it('TLS handshake that never goes on, until the deadline', async () => {
    await using server = await rawServer(() => undefined);
    const outcome = await call(`https://127.0.0.1:${server.port}`, { timeoutMs: 200 });
    expect(outcome).toMatchObject({ stage: 'not_sent', cause: 'timeout' });
  });

  it('a server whose queue of connections is full, until the deadline', async () => {
    await using server = await stoppedServer();
    // Connections the kernel still accepts for the stopped process; beyond its queue they hang.
    const fillers = Array.from({ length: 8 }, () =>
      connect(server.port, '127.0.0.1').on('error', () => undefined),
    );
    await Promise.race(fillers.map((socket) => once(socket, 'connect')));
    let asked = 0;
    const outcome = await call(server.url, { timeoutMs: 300, mayStart: () => ++asked > 0 });
    for (const socket of fillers) socket.destroy();
    expect(outcome).toMatchObject({ stage: 'not_sent', cause: 'timeout' });
    expect(asked).toBe(0);
  });

  it('permission refused on a connection that stands', async () => {
    let asked = 0;
    await using server = await rawServer(() => undefined);
    const outcome = await call(server.url, { mayStart: () => ++asked > 1 });
    expect(outcome).toMatchObject({ kind: 'no_answer', stage: 'not_allowed' });
    expect([asked, server.connections(), server.received()]).toEqual([1, 1, '']);
  });

  it('permission that throws is none', async () => {
    await using server = await rawServer(() => undefined);
    const mayStart = () => {
      throw new Error('no clock');
    };
    await expect(call(server.url, { mayStart })).resolves.toMatchObject({ stage: 'not_allowed' });
    expect(server.received()).toBe('');
  });

  it('permission is not asked while there is no connection', async () => {
    let asked = 0;
    await call(`http://127.0.0.1:${await freePort()}`, { mayStart: () => ++asked > 0 });
    expect(asked).toBe(0);
  });
});

describe('bytes may have left', () => {
  it.each([
    ['closed at once', (socket) => socket.end(), 'connection'],
    [
      'everything read, then reset',
      (socket, request) => void request().then(() => socket.resetAndDestroy()),
      'connection',
    ],
    [
      'everything read, then closed',
      (socket, request) => void request().then(() => socket.end()),
      'connection',
    ],
    ['everything read, then silence', () => undefined, 'timeout'],
  ] satisfies [string, Parameters<typeof rawServer>[0], string][])('%s', async (_, behave, cause) => {
    await using server = await rawServer(behave);
    const outcome = await call(server.url, { timeoutMs: 400 });
    expect(outcome).toMatchObject({ kind: 'no_answer', stage: 'sent', cause, httpStatus: null });
    expect(server.connections()).toBe(1);
  });

  it('reset at once: when the reset came before the first byte, none was written', async () => {
    await using server = await rawServer((socket) => socket.resetAndDestroy());
    const outcome = await call(server.url);
    expect(outcome).toMatchObject({ kind: 'no_answer', cause: 'connection' });
    if (outcome.kind === 'no_answer' && outcome.stage === 'not_sent') expect(server.received()).toBe('');
  });

  it.each([
    ['half a head, then closed', 'HTTP/1.1 200 OK\r\ncontent-le', 'end', 'connection', null],
    ['half a head, then silence', 'HTTP/1.1 200 OK\r\ncontent-le', 'keep', 'timeout', null],
    ['no HTTP at all', 'hello\r\n\r\n', 'end', 'connection', null],
    [
      'half a body, then closed',
      'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"code":200',
      'end',
      'connection',
      200,
    ],
    [
      'half a body, then reset',
      'HTTP/1.1 400 No\r\ncontent-length: 99\r\n\r\n{"code":400',
      'reset',
      'connection',
      400,
    ],
    [
      'half a body, then silence',
      'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"code":200',
      'keep',
      'timeout',
      200,
    ],
    [
      'chunks that do not end',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n',
      'end',
      'connection',
      200,
    ],
    [
      'head longer than any',
      `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`,
      'keep',
      'connection',
      null,
    ],
    [
      'protocol switched unasked',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      'keep',
      'connection',
      null,
    ],
  ] as const)('%s', async (_, bytes, then, cause, httpStatus) => {
    await using server = await answering(bytes, then);
    const outcome = await call(server.url, { timeoutMs: 400 });
    // A reset may overtake the bytes before it: then the status was never seen.
    if (then === 'reset') expect(outcome).toMatchObject({ kind: 'no_answer', stage: 'sent', cause });
    else expect(outcome).toMatchObject({ kind: 'no_answer', stage: 'sent', cause, httpStatus });
    expect(server.connections()).toBe(1);
  });

  it('inside TLS: everything read, then reset', async () => {
    const certificate = selfSigned();
    await using server = await tlsServer(certificate, (socket) => socket.destroy());
    const dispatcher = new Client(server.url, { connect: { ca: certificate.cert }, pipelining: 0 });
    const outcome = await call(server.url, { dispatcher });
    await dispatcher.destroy();
    expect(outcome).toMatchObject({ kind: 'no_answer', stage: 'sent', cause: 'connection' });
    expect(server.received()).toContain('POST');
  });

  it('a trickle does not move the deadline', async () => {
    await using server = await rawServer((socket, request) => {
      void request().then(() => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n');
        const drip = setInterval(() => socket.write(' '), 20);
        socket.once('close', () => clearInterval(drip));
      });
    });
    const begun = performance.now();
    const outcome = await call(server.url, { timeoutMs: 300 });
    expect(outcome).toMatchObject({ stage: 'sent', cause: 'timeout', httpStatus: 200 });
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('an answer', () => {
  it('behind informational ones', async () => {
    await using server = await answering(
      `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}`,
    );
    await expect(call(server.url)).resolves.toMatchObject({
      kind: 'answer',
      httpStatus: 200,
      body: Buffer.from('{}'),
    });
  });

  it.each([
    ['a body', OK, '{}'],
    ['an empty one', 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n', ''],
  ])('that comes long after an informational one, with %s', async (_, bytes, expected) => {
    await using server = await rawServer((socket, request) => {
      // The pause keeps the two from arriving as one segment.
      void request().then(() =>
        socket.write('HTTP/1.1 102 Processing\r\n\r\n', () => setTimeout(() => socket.write(bytes), 50)),
      );
    });
    await expect(call(server.url)).resolves.toMatchObject({ kind: 'answer', body: Buffer.from(expected) });
  });

  it('without a length, ended by closing', async () => {
    await using server = await answering('HTTP/1.1 200 OK\r\n\r\n{}', 'end');
    await expect(call(server.url)).resolves.toMatchObject({ kind: 'answer', body: Buffer.from('{}') });
  });

  it('a redirect is an answer and is not followed', async () => {
    await using server = await answering(
      'HTTP/1.1 307 Go\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n',
    );
    await expect(call(server.url)).resolves.toMatchObject({ kind: 'answer', httpStatus: 307 });
    expect(server.connections()).toBe(1);
  });

  it('of the longest length we read', async () => {
    const body = 'x'.repeat(MAX_ANSWER_BYTES);
    await using server = await answering(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    const outcome = await call(server.url);
    expect(outcome.kind === 'answer' && outcome.body?.length).toBe(MAX_ANSWER_BYTES);
  });

  it('that never ends is read to the limit and left', async () => {
    await using server = await rawServer((socket, request) => {
      void request().then(() => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const pour = () => {
          while (socket.writable && socket.write('x'.repeat(65_536)));
          if (socket.writable) socket.once('drain', pour);
        };
        pour();
      });
    });
    await expect(call(server.url)).resolves.toMatchObject({ kind: 'answer', httpStatus: 200, body: null });
  });

  it('that is small on the wire and huge unpacked is left at the limit too', async () => {
    const packed = gzipSync(Buffer.alloc(64 * MAX_ANSWER_BYTES));
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`;
    await using server = await answering(Buffer.concat([Buffer.from(head), packed]));
    await expect(call(server.url)).resolves.toMatchObject({ kind: 'answer', body: null });
  });

  it.each([
    ['gzip', gzipSync('{"a":1}')],
    ['GZIP', gzipSync('{"a":1}')],
    ['deflate', deflateSync('{"a":1}')],
    ['br', brotliCompressSync('{"a":1}')],
    ['identity', Buffer.from('{"a":1}')],
    [' Identity ', Buffer.from('{"a":1}')],
    ['', Buffer.from('{"a":1}')],
  ])('that was compressed unasked is unpacked: %s', async (encoding, bytes) => {
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${bytes.length}\r\n\r\n`;
    await using server = await answering(Buffer.concat([Buffer.from(head), bytes]));
    await expect(call(server.url)).resolves.toMatchObject({ kind: 'answer', body: Buffer.from('{"a":1}') });
  });

  it.each(['gzip', 'zebra', 'constructor', '__proto__'])(
    'that is not packed as it says has no body that could be read: %s',
    async (encoding) => {
      await using server = await answering(
        `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: 2\r\n\r\n{}`,
      );
      await expect(call(server.url)).resolves.toMatchObject({ kind: 'answer', httpStatus: 200, body: null });
    },
  );
});

describe('connections', () => {
  it('each fresh call has its own and says that it ends', async () => {
    await using server = await rawServer((socket, request) => void request().then(() => socket.write(OK)));
    const connections = new Connections(server.url);
    for (let n = 0; n < 3; n++) {
      await connections.fresh((dispatcher) =>
        exchange({
          method: 'POST',
          url: server.url,
          headers: {},
          body: '{}',
          timeoutMs: 2_000,
          dispatcher,
          mayStart: () => true,
        }),
      );
    }
    expect(server.connections()).toBe(3);
    expect(server.received().match(/connection: close/g)).toHaveLength(3);
  });
});
