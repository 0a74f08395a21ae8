import { type Violation } from '../../tasks/index.js';

/** What a caller is told when something went wrong (RFC 9457). */
export interface Problem {
  readonly status: number;
  /** Stable word, listed in docs/errors.md. */
  readonly code: string;
  /** A sentence about this very case; never anything internal. */
  readonly detail: string;
  readonly errors?: readonly Violation[];
  /** Further members of the body. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
  /** The caller cannot be blamed: somebody here should look. */
  readonly isOurFault?: boolean;
}

const TITLES: Readonly<Record<string, string>> = {
  malformed_json: 'The body is not JSON',
  malformed_callback: 'The callback cannot be understood',
  bad_request: 'The request cannot be understood',
  unauthorized: 'A valid API key is needed',
  forbidden: 'The API key does not allow this',
  not_found: 'There is nothing here',
  method_not_allowed: 'The method is not possible here',
  conflict: 'The state does not allow this',
  payload_too_large: 'The body is too large',
  unsupported_media_type: 'The media type is not supported',
  invalid_request: 'The request is not valid',
  unknown_model: 'There is no such model',
  idempotency_key_reused: 'The idempotency key belongs to another request',
  rate_limited: 'Too many requests',
  quota_exceeded: 'The owner has used up a quota',
  overloaded: 'Not possible just now',
  provider_unreadable: 'The provider does not answer just now',
  internal: 'Something went wrong here',
};

/** The body of the answer. `type` is stable for a code and made to be compared, not opened. */
export const problemBody = (problem: Problem, requestId: string): string =>
  JSON.stringify({
    type: `urn:genledger:problem:${problem.code.replaceAll('_', '-')}`,
    title: TITLES[problem.code] ?? 'The request failed',
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    request_id: requestId,
    ...(problem.errors && { errors: problem.errors }),
    ...problem.more,
  });
