import { createHmac } from 'node:crypto';

/** Used when a fault wants signed callbacks and no secret is configured. */
export const DEFAULT_CALLBACK_SECRET = 'simulator-callback-secret';

/**
 * The headers of a signed callback: HMAC-SHA256 over task id, a dot and Unix seconds, in base64. The body is not covered: status
 * and files can be changed without breaking the signature.
 */
export const signatureHeaders = (
  secret: string,
  taskId: string,
  unixSeconds: number,
): Record<string, string> => ({
  'x-webhook-timestamp': `${unixSeconds}`,
  'x-webhook-signature': createHmac('sha256', secret).update(`${taskId}.${unixSeconds}`).digest('base64'),
});
