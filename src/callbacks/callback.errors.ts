import { GenledgerError } from '../shared/errors.js';

/** Wrong token, or no such task or attempt: looks like a route that does not exist. */
export class CallbackNotFoundError extends GenledgerError {
  constructor() {
    super('not_found', 'not_found', 'There is nothing here.');
  }
}

/** This address has tried too many wrong tokens. Right ones still pass. */
export class TooManyWrongTokensError extends GenledgerError {
  constructor(retryAfterSeconds: number) {
    super('rate_limited', 'limited', 'Too many requests from this address; retry later.', {
      details: { retryAfterSeconds },
    });
  }
}
