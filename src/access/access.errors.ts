import { GenledgerError } from '../shared/errors.js';

/** A key that nobody may have: bad owner name, unknown scope, or the like. */
export class InvalidKeyError extends GenledgerError {
  constructor(message: string) {
    super('invalid_key', 'invalid', message);
  }
}

export class KeyNotFoundError extends GenledgerError {
  constructor(id: string) {
    super('key_not_found', 'not_found', `There is no API key ${id}.`, { details: { id } });
  }
}

/** Only a key that still opens can be followed by another. */
export class KeyEndedError extends GenledgerError {
  constructor(id: string) {
    super('key_ended', 'conflict', `API key ${id} has expired or is revoked. Make a new one instead.`, {
      details: { id },
    });
  }
}

/** Nobody can say just now whose key this is. */
export class KeysUnavailableError extends GenledgerError {
  constructor(cause: unknown) {
    super('keys_unavailable', 'unavailable', 'API keys cannot be checked just now; retry later.', {
      details: { retryAfterSeconds: 2 },
      cause,
    });
  }
}
