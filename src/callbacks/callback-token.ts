import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a token speaks for: one attempt of one task of one log. */
export interface CallbackSubject {
  readonly logId: string;
  readonly taskId: string;
  readonly attempt: number;
}

/** 43 characters of base64url. The same subject and secret give the same token for ever. */
export const callbackToken = (secret: string, subject: CallbackSubject): string =>
  macOf(secret, subject).toString('base64url');

/**
 * True when the token was made with any of the secrets.
 *
 * Every secret is tried whatever the others say, and each comparison takes the same time for every token, so the time
 * taken tells nothing.
 */
export const isCallbackToken = (
  secrets: readonly string[],
  subject: CallbackSubject,
  token: string,
): boolean => {
  const given = Buffer.from(token, 'base64url');
  let isValid = false;
  for (const secret of secrets) {
    const wanted = macOf(secret, subject);
    // Decoding ignores stray characters; a token has exactly one spelling.
    if (
      given.length === wanted.length &&
      timingSafeEqual(given, wanted) &&
      token === wanted.toString('base64url')
    )
      isValid = true;
  }
  return isValid;
};

/** Parts are length-prefixed, so no two subjects read the same. The first names the purpose, so the secret may serve others. */
const macOf = (secret: string, { logId, taskId, attempt }: CallbackSubject): Buffer => {
  let text = '';
  for (const part of ['callback', logId, taskId, String(attempt)])
    text += `${Buffer.byteLength(part)}:${part}`;
  return createHmac('sha256', secret).update(text).digest();
};
