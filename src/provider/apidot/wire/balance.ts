import { isJsonObject, type JsonObject } from '../../../shared/json.js';
import { classOfCode, classOfHttp } from './answer-class.js';
import { codeOf } from './provider-body.js';
import { wireNumber } from './wire-number.js';

/** Credits left, as number or text, whole or not; null when the answer does not say. */
export const readBalance = (httpStatus: number, body: JsonObject | null): number | null => {
  if (body === null || classOfHttp(httpStatus) !== 'success') return null;
  const code = codeOf(body);
  if (code === 'odd' || (code !== 'none' && classOfCode(code) !== 'success')) return null;
  return wireNumber((isJsonObject(body.data) ? body.data : body).credits_amount);
};
