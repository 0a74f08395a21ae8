import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { HttpAdapter } from '../../../src/http/index.js';
import { type Answer, type Api, startApi } from '../http/api.js';
import { submit } from '../http/waiting.js';

/*
 * What the HTTP server does beyond its routes: headers, limits of heads, slow senders, browsers from elsewhere.
 */

const LIMITS = { requestMs: 900, headMs: 400, lookEveryMs: 50, maxHeadBytes: 4_096 };

let api: Api;
beforeAll(async () => {
  api = await startApi({ adapter: new HttpAdapter(LIMITS) });
});
afterAll(() => api.close());

/** What comes back on a raw connection until the server closes it. */
const conversation = async (say: (socket: Socket) => void): Promise<{ text: string; ms: number }> => {
  const start = performance.now();
  const socket = connect(api.port, '127.0.0.1');
  await once(socket, 'connect');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  say(socket);
  await once(socket, 'close');
  return { text: Buffer.concat(chunks).toString(), ms: performance.now() - start };
};

const PROTECTED = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

describe('Every answer', () => {
  const answers = async (): Promise<[string, Answer][]> => [
    ['a task', await api.get(`/v1/tasks/${await submit(api)}`)],
    ['health', await api.get('/health/live', {})],
    ['metrics', await api.get('/metrics', {})],
    ['the API document', await api.get('/openapi.json', {})],
    ['no key', await api.get('/v1/tasks', {})],
    ['no route', await api.get('/nowhere')],
    ['an unreadable path', await api.get('/v1/tasks/%ff')],
    ['a bad body', await api.post('/v1/image/tasks', '{')],
    ['a method that is not there', await api.send({ method: 'DELETE', url: '/v1/tasks' })],
  ];

  it('carries the protective headers, whoever refused it', async () => {
    for (const [what, { headers }] of await answers())
      expect({ what, ...headers }).toMatchObject({ what, ...PROTECTED });
    const { text } = await conversation((socket) => socket.write('GARBAGE\r\n\r\n'));
    for (const [name, value] of Object.entries(PROTECTED)) expect(text).toContain(`${name}: ${value}`);
  });

  it('tells neither what serves it nor in which version', async () => {
    for (const [what, { headers, text }] of await answers()) {
      expect(Object.keys(headers)).not.toContain('server');
      expect(Object.keys(headers)).not.toContain('x-powered-by');
      if (what !== 'metrics') expect(text).not.toMatch(/fastify|nest|node\.js|node_modules|\.ts:|\.js:/i);
    }
  });

  it('asks for https from browsers only where https is used', async () => {
    expect((await api.get('/health/live', {})).headers).not.toHaveProperty('strict-transport-security');
    const strict = await startApi({ http: { strictTransport: true } });
    try {
      const { headers } = await strict.get('/nowhere', {});
      expect(headers['strict-transport-security']).toBe('max-age=31536000');
    } finally {
      await strict.close();
    }
  });
});

describe('Pages of other sites', () => {
  it('are not let in: no answer allows another origin, and none to a preflight', async () => {
    const origin = { origin: 'https://evil.example' };
    const preflight = await api.send({
      method: 'OPTIONS',
      url: '/v1/tasks',
      headers: {
        ...origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(preflight.status).toBe(404);
    const plain = await api.get('/v1/models', { ...origin, authorization: `Bearer ${api.key}` });
    expect(plain.status).toBe(200);
    for (const { headers } of [preflight, plain])
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('cannot send a body with the types a form can', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const headers = { authorization: `Bearer ${api.key}`, 'content-type': type };
      expect(
        (await api.post('/v1/image/tasks', '{"model":"sketch","input":{"prompt":"x"}}', headers)).status,
      ).toBe(415);
    }
  });
});

describe('The head of a request', () => {
  it('may not be too large', async () => {
    const { text } = await conversation((socket) =>
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Pad: ${'x'.repeat(LIMITS.maxHeadBytes)}\r\n\r\n`),
    );
    expect(text).toMatch(/^HTTP\/1.1 431 /);
    expect(text).toContain('application/problem+json');
  });

  it('is read in one way: no two lengths, no length beside chunks, no folded lines, no bare line ends', async () => {
    for (const head of [
      'Content-Length: 1\r\nContent-Length: 2',
      'Content-Length: 5\r\nTransfer-Encoding: chunked',
      'Transfer-Encoding: chunked, identity',
      'X-Folded: a\r\n b: c',
      'X-Bare: a\nX-Other: b',
      'Content-Length : 5',
      'Content-Length: -1',
      'Content-Length: 0x5',
    ]) {
      const { text } = await conversation((socket) => {
        socket.write(`POST /v1/image/tasks HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`);
        setTimeout(() => socket.end(), 50);
      });
      expect([head, text.slice(0, 12)]).toEqual([head, 'HTTP/1.1 400']);
    }
  });
});

describe('Slow senders', () => {
  const drip = (socket: Socket, text: string): void => {
    let at = 0;
    const timer = setInterval(() => {
      if (socket.destroyed || at >= text.length) clearInterval(timer);
      else socket.write(text[at++]!);
    }, 20);
    socket.once('close', () => clearInterval(timer));
  };

  it('of a head are told off and cut, although bytes keep coming', async () => {
    const head = `GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ${'y'.repeat(10_000)}`;
    const { text, ms } = await conversation((socket) => drip(socket, head));
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(ms).toBeGreaterThan(LIMITS.headMs - 50);
    expect(ms).toBeLessThan(LIMITS.headMs + 1_500);
  });

  it('of a body are cut', async () => {
    const { ms } = await conversation((socket) => {
      socket.write(
        `POST /v1/image/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.key}\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n`,
      );
      drip(socket, ' '.repeat(10_000));
    });
    expect(ms).toBeGreaterThan(LIMITS.requestMs - 50);
    expect(ms).toBeLessThan(LIMITS.requestMs + 1_500);
  });

  it('who say nothing at all are cut', async () => {
    const { ms } = await conversation(() => undefined);
    expect(ms).toBeLessThan(LIMITS.headMs + 1_500);
  });

  it('in number do not keep others from being served', async () => {
    const sockets = Array.from({ length: 200 }, () => connect(api.port, '127.0.0.1'));
    sockets.forEach((socket) =>
      socket
        .resume()
        .on('error', () => undefined)
        .write('GET / HTTP/1.1\r\nX: '),
    );
    const start = performance.now();
    expect((await api.get('/v1/models')).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(1_000);
    for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
  });
});

describe('Prototypes', () => {
  it.each([
    ['{"__proto__":{"admin":true},"model":"sketch","input":{"prompt":"x"}}', 422],
    ['{"model":"sketch","input":{"prompt":"x","__proto__":{"a":1}}}', 422],
    ['{"model":"sketch","input":{"prompt":"x"},"metadata":{"a":[{"__proto__":null}]}}', 422],
    ['{"model":"sketch","input":{"prompt":"x"},"constructor":{"prototype":{"admin":true}}}', 422],
    ['{"model":"sketch","input":{"prompt":"x","constructor":{"prototype":{"admin":true}}}}', 422],
    [
      '{"model":"sketch","input":{"prompt":"x"},"metadata":{"constructor":{"prototype":{"admin":true}}}}',
      202,
    ],
  ])('are not reached by %s', async (body, status) => {
    expect((await api.post('/v1/image/tasks', body)).status).toBe(status);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect((Object.prototype as { a?: number }).a).toBeUndefined();
  });

  it('are not reached by query parameters', async () => {
    for (const name of [
      '__proto__',
      'constructor',
      '__proto__.admin',
      'constructor.prototype.admin',
      'toString',
    ])
      expect((await api.get(`/v1/tasks?${name}=1`)).status).toBe(422);
    expect((await api.get('/v1/tasks?metadata.__proto__=1&metadata.constructor=2')).status).toBe(200);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('The API page', () => {
  const policyOf = (answer: Answer): Record<string, string[]> =>
    Object.fromEntries(
      answer.headers['content-security-policy']!.split(';').map((part) => {
        const [name, ...sources] = part.trim().split(/\s+/);
        return [name!, sources];
      }),
    );

  it('has a policy under which scripts come from here alone, and nothing frames it', async () => {
    const policy = policyOf(await api.get('/docs', {}));
    expect(policy['default-src']).toEqual(["'none'"]);
    expect(policy['script-src']).toEqual(["'self'"]);
    expect(policy['frame-ancestors']).toEqual(["'none'"]);
    expect(policy['base-uri']).toEqual(["'none'"]);
    expect(JSON.stringify(policy)).not.toMatch(/unsafe-eval|https?:|\*/);
  });

  it('works under it: no inline script or handler, and whatever it loads is served here with its type', async () => {
    const { text } = await api.get('/docs', {});
    const scripts = [...text.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)];
    expect(scripts.length).toBeGreaterThan(1);
    for (const [, attributes, inline] of scripts) {
      expect(inline!.trim()).toBe('');
      expect(attributes).toContain('src=');
    }
    expect(text).not.toMatch(/<[^>]+\son\w+\s*=/i);
    expect(text).not.toMatch(/javascript:/i);
    const loaded = [...text.matchAll(/<(script|link)\b[^>]*\b(?:src|href)="([^"]+)"/g)];
    for (const [, tag, address] of loaded) {
      const { pathname, origin } = new URL(address!, 'http://here.example/docs');
      expect(origin).toBe('http://here.example');
      const asset = await api.get(pathname, {});
      expect([pathname, asset.status]).toEqual([pathname, 200]);
      if (tag === 'script') expect(asset.headers['content-type']).toMatch(/javascript/);
    }
  });

  it('shows the document of this server, with nothing in it that Swagger UI warns of', async () => {
    const { text } = await api.get('/docs/swagger-ui-init.js', {});
    expect(text).toContain('"/v1/{domain}/tasks"');
    expect(text).not.toContain('jsonSchemaDialect');
  });
});
