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
    /** The media type as it came, while the framework sees another. */
    sentType: string | null;
  }
}

const JSON_TYPE = /^application\/json *(; *charset="?utf-8"? *)?$/i;

/**
 * Reads bodies as each route declares it, in place of the framework's parsers.
 *
 * A refusal is answered in a later hook rather than from the parser: the framework would close the connection there, and
 * a client that is still sending would meet a reset instead of the answer. The framework itself refuses a media type that
 * is not well-formed, before any parser is asked, so it is shown one that is: callbacks come with any, and whether a
 * route wants one is ours to say.
 */
export const readBodies = (server: FastifyInstance, maxBytes: number): void => {
  server.decorateRequest('bodyRefusal', null);
  server.decorateRequest('sentType', null);
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    const { headers } = request.raw;
    if (headers['content-type'] !== undefined) {
      request.sentType = headers['content-type'];
      headers['content-type'] = 'application/octet-stream';
    }
    done();
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (request, stream, done) => {
    const isWanted = request.routeOptions.config.body === 'json';
    const refusal = isWanted && !request.is404 ? refusalByType(request) : null;
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
    if (request.sentType !== null) request.raw.headers['content-type'] = request.sentType;
    if (request.bodyRefusal) return done(request.bodyRefusal);
    try {
      request.body = bodyOf(request);
    } catch (error) {
      return done(error as Error);
    }
    done();
  });
};

/** A body of another type may be anything. */
const refusalByType = ({ headers, sentType }: FastifyRequest): GenledgerError | null => {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    return new UnsupportedMediaTypeError('Send the body without Content-Encoding.');
  if (sentType === null || !JSON_TYPE.test(sentType))
    return new UnsupportedMediaTypeError('Send the body as "Content-Type: application/json".');
  return null;
};

/** Where a body is not needed an empty one is fine, whatever is said of it; only the bytes tell that it is empty. */
const optionalJson = (request: FastifyRequest, bytes: Buffer): unknown => {
  if (bytes.length === 0) return {};
  const refusal = refusalByType(request);
  if (refusal) throw refusal;
  return parseJson(bytes);
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
      return optionalJson(request, bytes);
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
