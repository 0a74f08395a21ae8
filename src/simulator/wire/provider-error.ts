/** An error as the provider answers it: the HTTP status, and the same number in the body. */
export interface ProviderError {
  readonly status: number;
  readonly message: string;
  readonly type: string;
}

/** Message and type per status. Those of 400 and 401 are the provider's own; for the others the messages are ours. */
const USUAL: Readonly<Record<number, readonly [message: string, type: string]>> = {
  400: ['Invalid request', 'invalid_request_error'],
  401: ['Unauthorized - Invalid API key', 'authentication_error'],
  402: ['Insufficient credits', 'insufficient_credits_error'],
  403: ['Permission denied', 'permission_denied_error'],
  404: ['Task not found', 'resource_not_found_error'],
  408: ['Request timed out', 'timeout_error'],
  409: ['Already done for this track', 'invalid_request_error'],
  413: ['Request body is too large', 'invalid_request_error'],
  422: ['Validation failed', 'validation_error'],
  429: ['Too many requests', 'rate_limit_error'],
  500: ['Internal error', 'internal_error'],
  502: ['Upstream error', 'upstream_error'],
  503: ['Service unavailable', 'service_error'],
};

export const providerError = (status: number, message?: string): ProviderError => {
  const [usualMessage, type] = USUAL[status] ?? USUAL[status < 500 ? 400 : 500]!;
  return { status, message: message ?? usualMessage, type };
};

/** `code` is the number that an answer names in its body; a fault may make it text. */
export const errorBody = ({ message, type }: ProviderError, code: number | string) => ({
  code,
  error: { message, type },
});
