import { MethodNotAllowedException, NotFoundException } from '@nestjs/common';
import { KeysUnavailableError } from '../../access/index.js';
import { CallbackNotFoundError, TooManyWrongTokensError } from '../../callbacks/index.js';
import {
  EventStoreUnavailableError,
  InvalidAppendError,
  StreamConflictError,
} from '../../event-store/index.js';
import {
  BacklogFullError,
  IdempotencyKeyReusedError,
  InvalidRequestError,
  ProviderUnreadableError,
  TaskNotFoundError,
  TaskStatusConflictError,
  TooManyWaitingError,
  UnknownModelError,
  WrongDomainError,
} from '../../tasks/index.js';
import { problemBody } from './problem.js';
import { problemOf } from './problem-of.js';
import {
  BeyondHeadError,
  ForbiddenError,
  MalformedCallbackError,
  MalformedJsonError,
  NothingHereError,
  PayloadTooLargeError,
  RateLimitedError,
  UnauthorizedError,
  UnsupportedMediaTypeError,
} from './wire.errors.js';

const coded = (code: string, message = 'secret of the database'): Error =>
  Object.assign(new Error(message), { code });
const fastify = (statusCode: number): Error =>
  Object.assign(new Error('framework'), { statusCode, code: 'FST_ERR' });

const TABLE: [name: string, error: unknown, status: number, code: string, retryAfter?: number][] = [
  ['malformed JSON', new MalformedJsonError('x'), 400, 'malformed_json'],
  ['malformed callback', new MalformedCallbackError(), 400, 'malformed_callback'],
  ['no key', new UnauthorizedError(), 401, 'unauthorized'],
  ['no scope', new ForbiddenError('x'), 403, 'forbidden'],
  ['no route', new NothingHereError(), 404, 'not_found'],
  ['no task', new TaskNotFoundError('id'), 404, 'not_found'],
  ['wrong token', new CallbackNotFoundError(), 404, 'not_found'],
  ['wrong status', new TaskStatusConflictError('id', 'cancelling', 'failed', 'open'), 409, 'conflict'],
  ['beyond the head', new BeyondHeadError(9, 1), 409, 'conflict'],
  ['concurrent change', new StreamConflictError('s', 1, 2), 409, 'conflict'],
  ['large body', new PayloadTooLargeError(1), 413, 'payload_too_large'],
  ['other media type', new UnsupportedMediaTypeError('x'), 415, 'unsupported_media_type'],
  ['invalid input', new InvalidRequestError([]), 422, 'invalid_request'],
  ['unknown model', new UnknownModelError('m', []), 422, 'unknown_model'],
  ['model of another domain', new WrongDomainError('m', 'a', 'b'), 422, 'unknown_model'],
  ['reused key', new IdempotencyKeyReusedError('id'), 422, 'idempotency_key_reused'],
  ['too often', new RateLimitedError(1, 7), 429, 'rate_limited', 7],
  ['wrong tokens', new TooManyWrongTokensError(9), 429, 'rate_limited', 9],
  ['too many tasks', new BacklogFullError(1, 1), 503, 'overloaded', 10],
  ['too many waiting', new TooManyWaitingError(1), 503, 'overloaded', 5],
  ['no provider', new ProviderUnreadableError('id'), 503, 'provider_unreadable', 10],
  ['no log', new EventStoreUnavailableError('secret host', true), 503, 'overloaded', 1],
  ['no keys', new KeysUnavailableError(coded('08006')), 503, 'overloaded', 2],
  ['refused connection', coded('ECONNREFUSED'), 503, 'overloaded', 2],
  ['wrapped outage', new Error('query failed', { cause: coded('57P01') }), 503, 'overloaded', 2],
  ['lost connection', new Error('Connection terminated unexpectedly'), 503, 'overloaded', 2],
  ['addresses that all refuse', new AggregateError([coded('ECONNREFUSED')]), 503, 'overloaded', 2],
  ['bug of ours', new InvalidAppendError('secret'), 500, 'internal'],
  ['bug of anybody', new TypeError('secret'), 500, 'internal'],
  ['constraint', coded('23505'), 500, 'internal'],
  ['thrown text', 'secret', 500, 'internal'],
  ['thrown nothing', undefined, 500, 'internal'],
  ['route of the framework', new NotFoundException('secret'), 404, 'not_found'],
  ['method of the framework', new MethodNotAllowedException(), 405, 'method_not_allowed'],
  ['400 of the framework', fastify(400), 400, 'bad_request'],
  ['413 of the framework', fastify(413), 413, 'payload_too_large'],
  ['414 of the framework', fastify(414), 404, 'not_found'],
  ['415 of the framework', fastify(415), 415, 'unsupported_media_type'],
  ['500 of the framework', fastify(500), 500, 'internal'],
];

describe('What a caller is told of an error', () => {
  it.each(TABLE)('%s', (_name, ...[error, status, code, retryAfter]) => {
    const problem = problemOf(error);
    expect(problem).toMatchObject({ status, code });
    expect(problem.retryAfterSeconds).toBe(retryAfter);
  });

  it.each(TABLE.filter(([, , status]) => status >= 500))('nothing internal: %s', (_name, error) => {
    expect(problemBody(problemOf(error), 'r')).not.toMatch(/secret|stack|host/);
  });

  it.each(TABLE)('in the form of RFC 9457: %s', (_name, error, status, code) => {
    expect(JSON.parse(problemBody(problemOf(error), 'r-1'))).toMatchObject({
      type: `urn:genledger:problem:${code.replaceAll('_', '-')}`,
      title: expect.stringMatching(/^(?!The request failed)./) as string,
      status,
      code,
      detail: expect.any(String) as string,
      request_id: 'r-1',
    });
  });

  it('all violations and the models that were meant', () => {
    const violations = [{ pointer: '/input/a', code: 'max', message: 'm' }];
    expect(problemOf(new InvalidRequestError(violations)).errors).toEqual(violations);
    const near = [{ model: 'sketch', domain: 'image' }];
    expect(problemOf(new UnknownModelError('sketsh', near))).toMatchObject({
      errors: [{ pointer: '/model' }],
      more: { near },
    });
  });

  it('is logged when the caller cannot help it, and only then', () => {
    expect(problemOf(new TypeError('x')).isOurFault).toBe(true);
    expect(problemOf(new EventStoreUnavailableError('x', true)).isOurFault).toBe(true);
    expect(problemOf(new BacklogFullError(1, 1)).isOurFault).toBe(false);
    expect(problemOf(new TaskNotFoundError('id')).isOurFault).toBe(false);
  });
});
