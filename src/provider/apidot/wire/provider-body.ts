import { isJsonObject, type JsonObject } from '../../../shared/json.js';
import { boundedText, MESSAGE_LIMIT } from './bounded-text.js';
import { wireNumber } from './wire-number.js';

// Not fatal: one broken byte in a message must not lose the task id beside it. A byte order mark is skipped.
const utf8 = new TextDecoder();

/** The JSON object in a body, or null: no JSON, another kind of JSON, too long to have been read. */
export const parseBody = (bytes: Buffer | null): JsonObject | null => {
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
};

/** The `code` of the envelope: a number, `none`, or `odd` when something else stands there. */
export type BodyCode = number | 'none' | 'odd';

export const codeOf = (body: JsonObject): BodyCode => {
  if (body.code === undefined || body.code === null) return 'none';
  return wireNumber(body.code) ?? 'odd';
};

/**
 * Whether a refusal was written by the provider and not by a gateway in front of it: `{code, error: {message, type}}`,
 * `{detail}` (text or list) or `{message}`.
 */
export const isProviderShaped = (body: JsonObject): boolean =>
  (codeOf(body) !== 'none' &&
    isJsonObject(body.error) &&
    (isText(body.error.message) || isText(body.error.type))) ||
  isText(body.detail) ||
  (Array.isArray(body.detail) && body.detail.length > 0) ||
  isText(body.message);

/** The provider's own words on what went wrong: personal (may quote the prompt), bounded. */
export const messageOf = (body: JsonObject): string | null => {
  const { error, data, detail } = body;
  const words = [
    isJsonObject(error) ? error.message : error,
    body.message,
    body.error_message,
    isJsonObject(data) ? data.error_message : undefined,
    Array.isArray(detail) ? detail.slice(0, 20).map(messageOfDetail).filter(isText).join('; ') : detail,
    body.msg,
  ];
  return boundedText(words.find(isText), MESSAGE_LIMIT);
};

const messageOfDetail = (item: unknown): unknown => (isJsonObject(item) ? item.msg : item);

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
