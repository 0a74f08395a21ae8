import { HttpException } from '@nestjs/common';
import { GenledgerError, type ErrorCategory } from '../../shared/errors.js';
import { InvalidRequestError, UnknownModelError, WrongDomainError } from '../../tasks/index.js';
import { isDatabaseOutage } from './database-outage.js';
import { type Problem } from './problem.js';

/** What each category of error is on the wire. A null code: the error's own. */
const BY_CATEGORY: Readonly<Record<ErrorCategory, { status: number; code: string | null }>> = {
  invalid: { status: 422, code: null },
  unauthorized: { status: 401, code: 'unauthorized' },
  forbidden: { status: 403, code: 'forbidden' },
  not_found: { status: 404, code: 'not_found' },
  conflict: { status: 409, code: 'conflict' },
  gone: { status: 410, code: null },
  too_large: { status: 413, code: 'payload_too_large' },
  limited: { status: 429, code: 'rate_limited' },
  unavailable: { status: 503, code: 'overloaded' },
  bug: { status: 500, code: 'internal' },
};

/** Codes whose status is not that of their category, or which stay visible although their category has a code of its own. */
const BY_CODE: Readonly<Record<string, { status: number; code: string }>> = {
  malformed_json: { status: 400, code: 'malformed_json' },
  malformed_callback: { status: 400, code: 'malformed_callback' },
  unsupported_media_type: { status: 415, code: 'unsupported_media_type' },
  quota_exceeded: { status: 429, code: 'quota_exceeded' },
  provider_unreadable: { status: 503, code: 'provider_unreadable' },
};

/** Errors of the machinery below, whose own sentences speak of streams and queues. */
const IN_OTHER_WORDS: Readonly<Record<string, string>> = {
  stream_conflict: 'Somebody else changed this at the same moment. Read it again and retry.',
  provider_id_in_use: 'The provider task belongs to another task.',
  event_store_unavailable: 'The request could not be stored just now; retry with the same Idempotency-Key.',
};

const UNAVAILABLE: Problem = {
  status: 503,
  code: 'overloaded',
  detail: 'The database cannot be reached just now; retry later.',
  retryAfterSeconds: 2,
  isOurFault: true,
};

const INTERNAL: Problem = {
  status: 500,
  code: 'internal',
  detail: 'An unexpected error happened. It was logged under this request id.',
  isOurFault: true,
};

/** What the caller is told of an error, whatever it is. Unknown errors tell nothing of themselves. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof GenledgerError) return ofOurs(error);
  if (error instanceof HttpException) return ofStatus(error.getStatus());
  if (isDatabaseOutage(error)) return UNAVAILABLE;
  if (isFastifyError(error)) return ofStatus(error.statusCode);
  return INTERNAL;
};

const ofOurs = (error: GenledgerError): Problem => {
  const { status, code } = BY_CODE[error.code] ?? BY_CATEGORY[error.category];
  if (error.category === 'bug') return isDatabaseOutage(error.cause) ? UNAVAILABLE : INTERNAL;
  return {
    status,
    code: code ?? error.code,
    detail: IN_OTHER_WORDS[error.code] ?? error.message,
    ...(error instanceof InvalidRequestError && { errors: error.violations }),
    ...((error instanceof UnknownModelError || error instanceof WrongDomainError) && {
      errors: [{ pointer: '/model', code: 'unknown_model', message: error.message }],
      more: { near: error.details.near },
    }),
    ...((status === 429 || status === 503) && {
      retryAfterSeconds: secondsOf(error.details.retryAfterSeconds),
    }),
    isOurFault: error.category === 'unavailable' && error.code !== 'overloaded',
  };
};

const secondsOf = (value: unknown): number => (typeof value === 'number' ? Math.max(1, Math.ceil(value)) : 1);

const OF_STATUS: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['bad_request', 'The request is not well-formed HTTP.'],
  403: ['forbidden', 'This is not given out.'],
  404: ['not_found', 'There is nothing at this address.'],
  405: ['method_not_allowed', 'This address does not know the method.'],
  413: ['payload_too_large', 'The body is too large.'],
  414: ['not_found', 'There is nothing at this address.'],
  415: ['unsupported_media_type', 'The body has a media type that is not supported here.'],
};

/** Errors of the framework have a status and a text that is not ours. */
const ofStatus = (status: number): Problem => {
  if (status >= 500) return INTERNAL;
  const [code, detail] = OF_STATUS[status] ?? ['bad_request', 'The request cannot be answered.'];
  return { status: status === 414 ? 404 : status, code, detail };
};

const isFastifyError = (error: unknown): error is { statusCode: number } =>
  error instanceof Error &&
  'statusCode' in error &&
  typeof error.statusCode === 'number' &&
  error.statusCode >= 400 &&
  error.statusCode < 500;
