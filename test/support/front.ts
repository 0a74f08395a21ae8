import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

/** The proxy in front of replicas as an operator would run it: one address, and a replica is drained before it is stopped. */
export interface Front {
  readonly url: string;
  /** Requests go to it, in turn with the others. */
  add(url: string): void;
  /** No request goes to it any more; resolves when those under way are answered. */
  drain(url: string): Promise<void>;
  close(): Promise<void>;
}

/** A request that comes while there is no replica is answered with 502. */
export const startFront = async (): Promise<Front> => {
  const replicas: string[] = [];
  const underWay = new Map<string, Set<Promise<unknown>>>();
  let turn = 0;

  const pass = (from: IncomingMessage, to: ServerResponse, replica: string): Promise<unknown> => {
    const onward = request(`${replica}${from.url}`, {
      method: from.method,
      // Kept alive, a connection would outlast its request, and with it the draining.
      headers: { ...from.headers, connection: 'close' },
      agent: false,
    });
    onward.once('response', (answer) => {
      const { connection: _, ...headers } = answer.headers;
      to.writeHead(answer.statusCode!, headers);
      answer.pipe(to);
    });
    onward.once('error', () => to.headersSent || to.writeHead(502).end());
    from.pipe(onward);
    return once(to, 'close');
  };

  const server = createServer((from, to) => {
    const replica = replicas[(turn += 1) % replicas.length];
    if (replica === undefined) return void to.writeHead(502).end();
    const mine = underWay.get(replica)!;
    const passed = pass(from, to, replica);
    mine.add(passed);
    void passed.finally(() => mine.delete(passed));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (url) => {
      underWay.set(url, new Set());
      replicas.push(url);
    },
    drain: async (url) => {
      replicas.splice(replicas.indexOf(url), 1);
      await Promise.all(underWay.get(url)!);
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
