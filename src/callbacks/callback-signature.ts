import { createHmac, timingSafeEqual } from 'node:crypto';
import { type CallbackSignature } from '../tasks/index.js';

/** How far the time of a signature may lie from ours, in both directions. */
export const SIGNATURE_WINDOW_S = 300;

export interface SignedCallback {
  /** Of the body; null when it names none. */
  readonly providerTaskId: string | null;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * What the signature headers of a callback say: `X-Webhook-Timestamp` is Unix seconds, `X-Webhook-Signature` base64 of
 * HMAC-SHA256 over `task_id.timestamp` (documented by PoYo, source docs.poyo.ai; unknown for APIDot).
 *
 * The body is not covered, so a valid signature says only that somebody signed for this task id at that time. It never takes
 * the place of the token or of reading the status.
 */
export const callbackSignature = (
  secret: string,
  { providerTaskId, headers }: SignedCallback,
  now: Date,
): CallbackSignature => {
  const { 'x-webhook-timestamp': timestamp, 'x-webhook-signature': signature } = headers;
  if (timestamp === undefined && signature === undefined) return 'absent';
  if (typeof timestamp !== 'string' || typeof signature !== 'string' || providerTaskId === null)
    return 'invalid';
  if (!/^\d{1,12}$/.test(timestamp) || !isSigned(secret, `${providerTaskId}.${timestamp}`, signature))
    return 'invalid';
  const skewS = Math.abs(now.getTime() / 1_000 - Number(timestamp));
  return skewS > SIGNATURE_WINDOW_S ? 'stale' : 'valid';
};

const isSigned = (secret: string, text: string, signature: string): boolean => {
  const wanted = createHmac('sha256', secret).update(text).digest();
  const given = Buffer.from(signature, 'base64');
  // Decoding ignores stray characters; a signature has exactly one spelling.
  return (
    given.length === wanted.length &&
    timingSafeEqual(given, wanted) &&
    wanted.toString('base64') === signature
  );
};
