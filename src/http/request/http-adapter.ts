import { type Socket } from 'node:net';
import { type IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { uuidv7 } from '../../shared/ids.js';
import { problemBody } from '../problems/problem.js';
import { PROTECTION } from './protection.js';
import { requestIdOf } from './request-id.js';

/** How patient the server is, and how large a request head may be. */
export interface ServerLimits {
  /** A request that has not arrived after this time is given up: slow senders must not hold connections. Default 60 s. */
  readonly requestMs?: number;
  /** The same for its head alone, which nobody needs long for. Default 15 s. */
  readonly headMs?: number;
  /** How often connections are looked at. Default 5 s. */
  readonly lookEveryMs?: number;
  /** Request line and headers together, bytes. Default 16 KiB. */
  readonly maxHeadBytes?: number;
}

/** Longer than the idle time of usual proxies, so that they close connections rather than we. */
const KEEP_ALIVE_MS = 75_000;

/** Longer than any name or id in our paths. */
const LONGEST_PARAMETER = 300;

/**
 * The server below Nest. Bodies, errors and unknown routes are handled by what `configureHttp` installs, so Nest's own
 * handlers for them are left out.
 */
export class HttpAdapter extends FastifyAdapter {
  constructor({
    requestMs = 60_000,
    headMs = 15_000,
    lookEveryMs = 5_000,
    maxHeadBytes = 16_384,
  }: ServerLimits = {}) {
    super({
      logger: false,
      genReqId: (raw: IncomingMessage) => requestIdOf(raw.headers),
      requestIdHeader: false,
      requestTimeout: requestMs,
      http: {
        headersTimeout: headMs,
        requestTimeout: requestMs,
        connectionsCheckingInterval: lookEveryMs,
        maxHeaderSize: maxHeadBytes,
      },
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Who was connected before the server began to close is served like everybody else; new connections are refused.
      return503OnClosing: false,
      routerOptions: { maxParamLength: LONGEST_PARAMETER },
      // No part of the application uses Express-style middleware; without it a request is a little cheaper.
      skipMiddie: true,
      // The router found the URL itself unreadable, so no hook has run.
      frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
        void reply
          .code(404)
          .headers({
            ...Object.fromEntries(PROTECTION),
            'content-type': 'application/problem+json',
            'x-request-id': request.id,
          })
          .send(Buffer.from(problemBody(NOT_FOUND, request.id)));
      },
      clientErrorHandler: answerUnreadableRequest,
    });
  }

  override registerParserMiddleware(): void {}

  override setErrorHandler(): never {
    return undefined as never;
  }

  override setNotFoundHandler(): never {
    return undefined as never;
  }
}

const NOT_FOUND = { status: 404, code: 'not_found', detail: 'There is nothing at this address.' };

/** What is not even HTTP: there is no request to answer, only a socket. */
const answerUnreadableRequest = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const [status, phrase] = STATUS_OF[error.code ?? ''] ?? [400, 'Bad Request'];
    const requestId = uuidv7();
    const body = problemBody(
      { status, code: 'bad_request', detail: 'The request is not well-formed HTTP.' },
      requestId,
    );
    socket.write(
      `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/problem+json\r\nX-Request-Id: ${requestId}\r\n` +
        PROTECTION.map(([name, value]) => `${name}: ${value}\r\n`).join('') +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
};

const STATUS_OF: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
};
