/**
 * Text of the provider, made safe to store: at most `limit` UTF-16 units, without NUL and without half a surrogate
 * pair (PostgreSQL refuses both in text and jsonb). Null for anything that is not text, and for empty text.
 */
export const boundedText = (value: unknown, limit: number): string | null => {
  if (typeof value !== 'string' || value === '') return null;
  return value.slice(0, limit).toWellFormed().replaceAll('\u0000', '\ufffd');
};

/** Messages of the provider. */
export const MESSAGE_LIMIT = 2_000;
/** Status words. */
export const STATUS_LIMIT = 100;
/** Labels, formats, types of files. */
export const LABEL_LIMIT = 200;
