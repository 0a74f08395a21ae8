import { type ValueType } from '../value-type.js';
import { listed } from './words.js';

export type Choice = string | number | boolean;

/** One of a few values, compared exactly: same type, same case. */
export const oneOf = (values: readonly Choice[]): ValueType => {
  const allowed: ReadonlySet<unknown> = new Set(values);
  const types = [...new Set(values.map((value) => typeof value))];
  const named = [...new Set(values.map((value) => (Number.isInteger(value) ? 'integer' : typeof value)))];
  return {
    words: `${values.length > 1 ? 'one of ' : ''}${listed(values.map(shown), 'or')}`,
    schema: () => ({ type: named.length === 1 ? named[0]! : named, enum: [...values] }),
    codes: ['type', 'enum'],
    flaw: (value) => (allowed.has(value) ? null : types.includes(typeof value) ? 'enum' : 'type'),
  };
};

export const flag = (): ValueType => ({
  words: 'true or false',
  schema: () => ({ type: 'boolean' }),
  codes: ['type'],
  flaw: (value) => (typeof value === 'boolean' ? null : 'type'),
});

const shown = (value: Choice): string => (value === '' ? '"" (empty)' : String(value));
