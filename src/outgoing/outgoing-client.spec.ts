import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Lookup } from './guarded-connect.js';
import { OutgoingClient, type OutgoingRequest, type OutgoingResult } from './outgoing-client.js';

/*
 * Against real servers on the loopback interface, which is what the client must not reach unless it is told that it may.
 */

interface Loopback {
  readonly port: number;
  readonly requests: IncomingMessage[];
  connections: number;
}

const servers: Server[] = [];
const clients: OutgoingClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const serve = async (
  listener: RequestListener = (_request, response) => response.end('ok'),
): Promise<Loopback> => {
  const loopback = { port: 0, requests: [] as IncomingMessage[], connections: 0 };
  const server = createServer((request, response) => {
    loopback.requests.push(request);
    listener(request, response);
  });
  server.on('connection', () => loopback.connections++);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  loopback.port = (server.address() as AddressInfo).port;
  return loopback;
};

/** A resolver that says these addresses, one list per question, the last for ever. */
const resolver = (...answers: (readonly string[])[]): Lookup & { asked: string[] } => {
  const asked: string[] = [];
  const lookup: Lookup = (hostname, _options, callback) => {
    const addresses = answers[Math.min(asked.push(hostname), answers.length) - 1] ?? [];
    setImmediate(
      callback,
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return Object.assign(lookup, { asked });
};

const client = (allowInner: boolean, lookup?: Lookup): OutgoingClient => {
  const made = new OutgoingClient({ allowInner, ...(lookup && { lookup }) });
  clients.push(made);
  return made;
};

const get = (url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  url,
  method: 'GET',
  timeoutMs: 5_000,
  maxBytes: 1_000,
  ...more,
});

const REFUSED: OutgoingResult = { kind: 'refused', reason: 'private_host' };

/** Every way to write an address that somebody could try, each in a URL. */
const WRITTEN: readonly string[] = [
  'localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'loc%61lhost', 'ｌｏｃａｌｈｏｓｔ', 'localhost.localdomain',
  '127.0.0.1', '127.0.0.1.', '127.1', '127.0.1', '127.255.255.254',
  '2130706433', '0x7f000001', '0x7F.0.0.1', '0x7f.1', '017700000001', '0177.0.0.1', '0177.0.0.01', '0x7f.0x0.0x0.0x1',
  '%31%32%37.0.0.1', '127%2e0%2e0%2e1', '127。0。0。1', '１２７.０.０.１', '①②⑦.0.0.1',
  '0', '0.0.0.0', '0x0', '00000000', '0.1.2.3',
  '10.0.0.1', '10.1', '167772161', '0xa000001', '012.0.0.1',
  '172.16.0.1', '172.31.255.255', '2886729729', '192.168.0.1', '192.168.1', '3232235521', '0300.0250.0.1',
  '100.64.0.1', '100.127.255.255', '1681915905',
  '169.254.169.254', '169.254.43518', '2852039166', '0xA9FEA9FE', '0251.0376.0251.0376', '0xa9.0xfe.0xa9.0xfe',
  '168.63.129.16', '100.100.100.200', '192.0.0.192', '192.0.2.1', '198.51.100.7', '203.0.113.9', '198.18.0.1', '192.88.99.1',
  '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '4294967295',
  '[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::127.0.0.1]', '[::7f00:1]',
  '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:10.0.0.1]', '[::ffff:a9fe:a9fe]', '[::ffff:0:127.0.0.1]',
  '[64:ff9b::7f00:1]', '[64:ff9b::169.254.169.254]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2002:a9fe:a9fe::1]',
  '[2001:0:7f00:1::]', '[2001:2::1]', '[2001:10::1]', '[2001:20::1]', '[2001:db8::1]', '[3fff::1]', '[100::1]',
  '[5f00::1]', '[fc00::1]', '[fd00:ec2::254]', '[fe80::1]', '[febf::1]', '[fec0::1]', '[ff02::1]', '[4000::1]',
  'metadata', 'metadata.google.internal', 'kubernetes.default.svc', 'printer.local', 'router.home', 'nas.lan',
  'host.docker.internal', 'a.test', 'a.invalid', 'hidden.onion', 'x.home.arpa',
]; // prettier-ignore

describe('A URL that leads inside', () => {
  it(`is refused in each of ${WRITTEN.length} spellings, and nobody is asked for a name`, async () => {
    const { port, requests } = await serve();
    const lookup = resolver(['127.0.0.1']);
    const guard = client(false, lookup);
    for (const host of WRITTEN)
      expect({ host, ...(await guard.send(get(`http://${host}:${port}/`))) }).toEqual({ host, ...REFUSED });
    expect([requests, lookup.asked]).toEqual([[], []]);
  });

  it.each([
    'file:///etc/passwd', 'ftp://example.com/', 'gopher://127.0.0.1:6379/_x', 'data:,x', 'javascript:alert(1)', 'ws://example.com/',
    'unix:/var/run/docker.sock', '//example.com', 'example.com', 'http:example.com', 'http:/example.com', 'http:///example.com',
    'http://user@example.com/', 'http://user:secret@example.com/', 'http://:secret@example.com/', 'http://example.com\\@127.0.0.1/',
    'http://example.com:80@127.0.0.1/', ' http://example.com/', 'http://exa mple.com/', 'http://example.com/\r\nX-Injected: 1', 'http://example.com/\u0000',
    'http://[fe80::1%25eth0]/', 'http://[::1/', 'http://1.2.3.256/', 'http://256.256.256.256/', 'http://4294967296/', 'http://localhost../', 'http://.com/', 'http://a..b/',
    'http://example.com:99999/', 'http://', '', `http://example.com/${'x'.repeat(2_048)}`,
  ])('has a form that is refused: %j', async (url) => {
    expect(await client(true).send(get(url))).toEqual({ kind: 'refused', reason: 'url' });
  }); // prettier-ignore

  it.each([
    ['127.0.0.1'], ['10.0.0.1'], ['169.254.169.254'], ['0.0.0.0'], ['100.64.0.1'], ['::1'], ['fd00::1'], ['fe80::1'],
    ['::ffff:127.0.0.1'], ['::ffff:a9fe:a9fe'], ['64:ff9b::7f00:1'], ['2002:7f00:1::'], ['2001:0:7f00:1::'],
    ['192.0.2.1'], ['224.0.0.1'],
    // One bad address among good ones is enough: any of them may be taken.
    ['8.8.8.8', '127.0.0.1'], ['2606:4700::1111', '::1'],
  ])('by name is refused when it resolves to %s %s', async (...addresses) => {
    const { port, requests } = await serve();
    expect(await client(false, resolver(addresses)).send(get(`http://name.example:${port}/`))).toEqual(REFUSED);
    expect(requests).toEqual([]);
  }); // prettier-ignore

  it('by a name without any address fails', async () => {
    expect(await client(false, resolver([])).send(get('http://name.example/'))).toEqual(REFUSED);
    const unknown: Lookup = (_name, _options, callback) =>
      callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }), []);
    expect(await client(false, unknown).send(get('http://name.example/'))).toEqual({
      kind: 'failed',
      reason: 'dns',
    });
  });
});

describe('A name that changes its answer (rebinding)', () => {
  it('is connected to where it was checked: it is resolved once per connection', async () => {
    const { port, requests } = await serve();
    // Good when it is looked at, inner a moment later.
    const lookup = resolver(['192.0.2.99'], ['127.0.0.1']);
    const guard = client(true, lookup);
    expect(await guard.send(get(`http://name.example:${port}/`, { timeoutMs: 300 }))).toEqual(REFUSED);
    expect([lookup.asked, requests]).toEqual([['name.example'], []]);
  });

  it('is refused at the connection that would reach inside, also after good answers', async () => {
    const { port, requests } = await serve((_request, response) => {
      response.setHeader('connection', 'close');
      response.end('ok');
    });
    // What a closed network allows is the first answer; the second is the metadata service.
    const guard = client(true, resolver(['127.0.0.1'], ['169.254.169.254']));
    expect(await guard.send(get(`http://name.example:${port}/`))).toMatchObject({ status: 200 });
    expect(await guard.send(get(`http://name.example:${port}/`))).toEqual(REFUSED);
    expect(requests).toHaveLength(1);
  });
});

describe('A redirect', () => {
  it.each([301, 302, 303, 307, 308])('%d is an answer and is not followed', async (status) => {
    const inside = await serve();
    const outside = await serve((_request, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${inside.port}/secret` }).end('moved'),
    );
    const result = await client(true).send(
      get(`http://127.0.0.1:${outside.port}/`, { method: 'POST', body: '{}' }),
    );
    expect(result).toMatchObject({
      kind: 'answered',
      status,
      headers: { location: expect.any(String) as string },
    });
    expect(inside.connections).toBe(0);
  });
});

describe('A closed network', () => {
  it('is reached when that is allowed, by name and by address', async () => {
    const { port, requests } = await serve();
    const guard = client(true, resolver(['127.0.0.1']));
    for (const host of ['127.0.0.1', 'localhost', 'receiver.lan'])
      expect(await guard.send(get(`http://${host}:${port}/x`))).toMatchObject({
        kind: 'answered',
        status: 200,
      });
    expect(requests).toHaveLength(3);
  });

  it.each([
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '[fe80::1]',
    '[64:ff9b::7f00:1]',
    '[::ffff:169.254.169.254]',
  ])('still does not reach %s', async (host) =>
    expect(await client(true).send(get(`http://${host}/`))).toEqual(REFUSED),
  );
});

describe('An exchange', () => {
  it('carries method, headers and body', async () => {
    const bodies: string[] = [];
    const { port, requests } = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on('end', () => response.writeHead(202, { 'x-seen': '1' }).end('thanks'));
    });
    const result = await client(true).send(
      get(`http://127.0.0.1:${port}/hook?x=1`, {
        method: 'POST',
        headers: { 'webhook-id': 'w-1' },
        body: '{"a":1}',
      }),
    );
    expect(result).toMatchObject({
      kind: 'answered',
      status: 202,
      body: Buffer.from('thanks'),
      isCut: false,
    });
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/hook?x=1' });
    expect(requests[0]!.headers).toMatchObject({ 'webhook-id': 'w-1' });
    expect(bodies).toEqual(['{"a":1}']);
  });

  it('ends at its deadline, whether the answer never begins or never ends', async () => {
    const silent = await serve(() => undefined);
    const endless = await serve((_request, response) => void response.write('and so on'));
    for (const { port } of [silent, endless])
      expect(await client(true).send(get(`http://127.0.0.1:${port}/`, { timeoutMs: 150 }))).toEqual({
        kind: 'failed',
        reason: 'timeout',
      });
  });

  it('reads no more of an answer than it was told, however much comes, packed or not', async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const pour = (): void => {
        while (response.writable && response.write(Buffer.alloc(65_536, 'x')));
      };
      response.on('drain', pour);
      pour();
    });
    const result = await client(true).send(get(`http://127.0.0.1:${port}/`, { maxBytes: 1_000 }));
    expect(result).toMatchObject({ kind: 'answered', isCut: true, body: Buffer.alloc(1_000, 'x') });
  });

  it('with a server that is gone, or speaks no HTTP, fails without a throw', async () => {
    const { port } = await serve((request) => request.socket.destroy());
    expect(await client(true).send(get(`http://127.0.0.1:${port}/`))).toEqual({
      kind: 'failed',
      reason: 'connection',
    });
    servers.pop()!.close();
    expect(await client(true).send(get('http://127.0.0.1:1/'))).toEqual({
      kind: 'failed',
      reason: 'connection',
    });
  });

  it('with a certificate nobody vouches for fails', async () => {
    const { port } = await serve();
    expect(await client(true).send(get(`https://127.0.0.1:${port}/`))).toMatchObject({ kind: 'failed' });
  });

  it.each<Record<string, string>>([{ 'x-bad': 'a\r\nb: c' }, { 'bad name': 'x' }])(
    'refuses headers that would be others: %j',
    async (headers) => {
      const { port, requests } = await serve();
      const result = await client(true).send(get(`http://127.0.0.1:${port}/`, { headers }));
      expect(result).toEqual({ kind: 'failed', reason: 'connection' });
      expect(requests).toEqual([]);
    },
  );
});
