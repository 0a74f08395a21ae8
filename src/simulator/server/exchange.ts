import { type IncomingMessage, type ServerResponse } from 'node:http';

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Number of the TCP connection, from 1. */
  readonly connection: number;
}

export class BodyTooLargeError extends Error {
  constructor(limit: number) {
    super(`The body has more than ${limit} bytes.`);
    this.name = 'BodyTooLargeError';
  }
}

const MOST_BODY_BYTES = 10 * 1024 * 1024;

/**
 * The whole body as text. Stays open for ever when the caller leaves in the middle: nobody is there to be answered.
 *
 * @throws BodyTooLargeError beyond 10 MiB; the rest is read and thrown away, so that the answer reaches its caller
 */
export const readBody = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MOST_BODY_BYTES) reject(new BodyTooLargeError(MOST_BODY_BYTES));
      else chunks.push(chunk);
    });
    request.on('end', () =>
      resolve((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8')),
    );
    request.on('error', () => undefined);
  });
