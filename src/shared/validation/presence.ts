import { STRICT, type ValueType } from './value-type.js';

/** Whether a required field must be called missing: not sent, null, or empty text where empty text is not allowed. */
export const isMissing = (value: unknown, type: ValueType): boolean =>
  value === undefined || value === null || (value === '' && type.flaw('', STRICT) !== null);
