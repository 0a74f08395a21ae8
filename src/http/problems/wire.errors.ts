import { GenledgerError } from '../../shared/errors.js';

/*
 * What can be wrong with a request before anybody looks at what it asks for.
 */

export class MalformedJsonError extends GenledgerError {
  constructor(detail: string) {
    super('malformed_json', 'invalid', detail);
  }
}

/** It was recorded all the same. */
export class MalformedCallbackError extends GenledgerError {
  constructor() {
    super(
      'malformed_callback',
      'invalid',
      'The callback was recorded, but it is no JSON object with a task id and a status.',
    );
  }
}

export class UnsupportedMediaTypeError extends GenledgerError {
  constructor(detail: string) {
    super('unsupported_media_type', 'invalid', detail);
  }
}

export class PayloadTooLargeError extends GenledgerError {
  constructor(maxBytes: number) {
    super('payload_too_large', 'too_large', `The body may have at most ${maxBytes} bytes.`);
  }
}

export class UnauthorizedError extends GenledgerError {
  constructor() {
    super('unauthorized', 'unauthorized', 'Send a valid API key as "Authorization: Bearer gl_…".');
  }
}

export class ForbiddenError extends GenledgerError {
  constructor(detail: string) {
    super('forbidden', 'forbidden', detail);
  }
}

export class RateLimitedError extends GenledgerError {
  constructor(perMinute: number, retryAfterSeconds: number) {
    super('rate_limited', 'limited', `An API key may make ${perMinute} requests per minute.`, {
      details: { retryAfterSeconds },
    });
  }
}

/** No such route, or a thing that is not there for this caller. */
export class NothingHereError extends GenledgerError {
  constructor(detail = 'There is nothing at this address.') {
    super('not_found', 'not_found', detail);
  }
}

/** The caller has seen more of the log than there is: it was restored from an older copy. */
export class BeyondHeadError extends GenledgerError {
  constructor(after: number, head: number) {
    super(
      'conflict',
      'conflict',
      `The log ends at position ${head}, before ${after}: it was restored from an older copy. Start again from a known position.`,
    );
  }
}
