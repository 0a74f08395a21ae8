import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/*
 * Servers on the loopback interface that misbehave on purpose. A real socket shows what a mock cannot: which bytes
 * were written, when, and on which connection.
 */

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** How many connections were opened so far. */
  readonly connections: () => number;
  /** Every byte received so far, over all connections. */
  readonly received: () => string;
}

/** A TCP server; `behave` gets each connection, and `request` resolves when the head and `content-length` bytes of a body arrived. */
export const rawServer = async (
  behave: (socket: Socket, request: () => Promise<string>) => void,
): Promise<RawServer> => {
  const sockets = new Set<Socket>();
  let all = '';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let own = '';
    const grown: (() => void)[] = [];
    socket.on('data', (chunk) => {
      own += chunk.toString('latin1');
      all += chunk.toString('latin1');
      for (const wake of grown.splice(0)) wake();
    });
    behave(socket, async () => {
      while (!isComplete(own)) await new Promise<void>((resolve) => grown.push(resolve));
      return own;
    });
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections: () => sockets.size,
    received: () => all,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await close(server);
    },
  };
};

const isComplete = (text: string): boolean => {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /content-length: (\d+)/i.exec(text);
  return text.length >= end + 4 + Number(length?.[1] ?? 0);
};

/** A TLS server; `behave` gets each connection with the first bytes that came inside TLS. */
export const tlsServer = async (
  certificate: { readonly key: string; readonly cert: string },
  behave: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly url: string; readonly received: () => string }> => {
  let all = '';
  const sockets = new Set<Socket>();
  const server = createTlsServer({ ...certificate }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (chunk: Buffer) => {
      all += chunk.toString('latin1');
      behave(socket);
    });
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await listen(server);
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => all,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await close(server);
    },
  };
};

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The other side's port: one per connection. */
  readonly remotePort: number;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Anything but text is sent as JSON. */
  readonly body: unknown;
}

export interface HttpServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/** An HTTP server that records requests and answers what `reply` says. */
export const httpServer = async (
  reply: (request: SeenRequest) => Reply | Promise<Reply>,
): Promise<HttpServer> => {
  const requests: SeenRequest[] = [];
  const server = createHttpServer((message, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of message) chunks.push(chunk as Buffer);
      const request = {
        method: message.method ?? '',
        url: message.url ?? '',
        headers: message.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        remotePort: message.socket.remotePort ?? 0,
      };
      requests.push(request);
      const { status = 200, headers = {}, body } = await reply(request);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    })();
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await close(server);
    },
  };
};

/** A port that nobody listens on: one that was just given back. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  await listen(server);
  const { port } = server.address() as AddressInfo;
  await close(server);
  return port;
};

/**
 * A server in a process that was stopped (SIGSTOP): the kernel completes as many connections as its queue holds, and
 * leaves further ones in the handshake of TCP, as an overloaded machine or a firewall does.
 */
export const stoppedServer = async (): Promise<
  AsyncDisposable & { readonly url: string; readonly port: number }
> => {
  const script = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
    function () { process.stdout.write(String(this.address().port)); });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(printed.toString());
  child.kill('SIGSTOP');
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

const listen = async (server: Server): Promise<void> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
};

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
