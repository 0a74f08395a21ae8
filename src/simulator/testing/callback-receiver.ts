import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface ReceivedCallback {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A small server that takes callbacks and answers as it is told. */
export interface CallbackReceiver {
  /** A callback URL; whatever path is added is received too. */
  readonly url: string;
  readonly received: readonly ReceivedCallback[];
  /** Statuses of the next answers, in order; afterwards 200 again. 0 never answers. */
  answerWith(...statuses: readonly number[]): void;
  /** Resolves when so many callbacks have come since the start. */
  count(wanted: number): Promise<void>;
  close(): Promise<void>;
}

export const startCallbackReceiver = async (): Promise<CallbackReceiver> => {
  const received: ReceivedCallback[] = [];
  const statuses: number[] = [];
  let watchers: { readonly wanted: number; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      const status = statuses.shift() ?? 200;
      if (status > 0) response.writeHead(status).end();
      for (const { resolve } of watchers.filter(({ wanted }) => received.length >= wanted)) resolve();
      watchers = watchers.filter(({ wanted }) => received.length < wanted);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    received,
    answerWith: (...next) => void statuses.push(...next),
    count: (wanted) =>
      received.length >= wanted
        ? Promise.resolve()
        : new Promise((resolve) => void watchers.push({ wanted, resolve })),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
