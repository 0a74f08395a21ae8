/** What kind of trouble it is, in our own words. Rooms above decide what a caller is told; nothing here knows HTTP. */
export type ErrorCategory =
  | 'invalid' // the request can never succeed as it is
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'gone' // it was here, and was moved away for good
  | 'conflict' // the thing is in a state that does not allow it
  | 'too_large'
  | 'limited' // asked too often; retry later
  | 'unavailable' // we cannot just now; retry later
  | 'bug';

export interface ErrorOptionsOfOurs {
  /** Safe to show to the caller: never private input, SQL or secrets. */
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/**
 * Base of every error this project throws on purpose.
 *
 * `code` is stable and listed in docs/errors.md; `message` says what happened to which thing and what to do.
 */
export class GenledgerError extends Error {
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: string,
    readonly category: ErrorCategory,
    message: string,
    options: ErrorOptionsOfOurs = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.details = Object.freeze({ ...options.details });
  }
}
