/**
 * Headers of every answer, also of refusals that no route has seen. The API is no page: a browser that is shown an answer shall
 * not guess its type, run or frame anything, keep it, or tell others where it was.
 */
export const PROTECTION: readonly (readonly [name: string, value: string])[] = Object.entries({
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  // Answers are about private data of one key's owner.
  'cache-control': 'no-store',
});

/** A year. Only sent where https is what callers use: over http it means nothing, and on a test machine it would be a trap. */
export const STRICT_TRANSPORT = 'max-age=31536000';
