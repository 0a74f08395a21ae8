import { type IncomingMessage } from 'node:http';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type GenledgerError } from '../../shared/errors.js';
import {
  MalformedJsonError,
  PayloadTooLargeError,
  UnsupportedMediaTypeError,
} from '../problems/wire.errors.js';
import { parseJson } from './parse-json.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the body was not read to its end. */
    bodyRefusal: GenledgerError | null;
  }
}

const JSON_TYPE = /^application\/json *(; *charset="?utf-8"? *)?$/i;

/**
 * Reads bodies as each route declares it, in place of the framework's parsers.
 *
 * A refusal is answered in a later hook rather than from the parser: the framework would close the connection there, and
 * a client that is still sending would meet a reset instead of the answer.
 */
export const readBodies = (server: FastifyInstance, maxBytes: number): void => {
  server.decorateRequest('bodyRefusal', null);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (request, stream, done) => {
    const refusal = request.is404 ? null : refusalByType(request);
    if (request.is404 || refusal) {
      request.bodyRefusal = refusal;
      stream.resume();
      done(null, undefined);
      return;
    }
    readAll(stream, maxBytes, (error, body) => {
      if (error instanceof PayloadTooLargeError) request.bodyRefusal = error;
      done(error instanceof PayloadTooLargeError ? null : error, body);
    });
  });
  server.addHook('preValidation', (request, _reply, done) => {
    if (request.bodyRefusal) return done(request.bodyRefusal);
    try {
      request.body = bodyOf(request);
    } catch (error) {
      return done(error as Error);
    }
    done();
  });
};

/** Before anything is read: a body of another type may be anything. */
const refusalByType = (request: FastifyRequest): GenledgerError | null => {
  const { body: form = 'none' } = request.routeOptions.config;
  if (form === 'raw') return null;
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    return new UnsupportedMediaTypeError('Send the body without Content-Encoding.');
  const type = request.headers['content-type'];
  const isEmpty = request.headers['content-length'] === '0';
  if (form === 'json' || (form === 'optional-json' && !isEmpty)) {
    if (type === undefined || !JSON_TYPE.test(type))
      return new UnsupportedMediaTypeError('Send the body as "Content-Type: application/json".');
  }
  return null;
};

/** The bytes as the route wants them. Only POST routes have bodies; the framework does not look at those of GET. */
const bodyOf = (request: FastifyRequest): unknown => {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  switch (request.routeOptions.config.body) {
    case 'raw':
      return bytes;
    case 'json':
      if (bytes.length === 0) throw new MalformedJsonError('A JSON body is needed.');
      return parseJson(bytes);
    case 'optional-json':
      return bytes.length === 0 ? {} : parseJson(bytes);
    default:
      return undefined;
  }
};

const readAll = (
  stream: IncomingMessage,
  maxBytes: number,
  done: (error: Error | null, body?: Buffer) => void,
): void => {
  const chunks: Buffer[] = [];
  let length = 0;
  const finish = (error: Error | null, body?: Buffer): void => {
    stream.off('data', onData).off('end', onEnd).off('error', onError);
    // Whatever still comes is thrown away, so that the client gets to read the answer.
    if (error) stream.on('error', () => undefined).resume();
    done(error, body);
  };
  const onData = (chunk: Buffer): void => {
    length += chunk.length;
    if (length > maxBytes) finish(new PayloadTooLargeError(maxBytes));
    else chunks.push(chunk);
  };
  const onEnd = (): void => finish(null, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length));
  const onError = (error: Error): void => finish(Object.assign(error, { statusCode: 400 }));
  stream.on('data', onData).on('end', onEnd).on('error', onError);
};
