import { type ValueType } from '../value-type.js';
import { range } from './words.js';

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/**
 * A whole number. Without bounds it is still limited to what survives JSON unchanged: beyond 2^53 - 1 the number that
 * was sent would not be the number that reaches the provider.
 */
export const whole = ({ min, max }: Bounds = {}): ValueType => ({
  words: `a whole number${range(min, max)}`,
  schema: () => ({
    type: 'integer',
    minimum: min ?? Number.MIN_SAFE_INTEGER,
    maximum: max ?? Number.MAX_SAFE_INTEGER,
  }),
  codes: ['type', 'min', 'max'],
  flaw: (value) => {
    if (!Number.isInteger(value)) return 'type';
    return outside(value as number, min ?? Number.MIN_SAFE_INTEGER, max ?? Number.MAX_SAFE_INTEGER);
  },
});

/**
 * A finite number. `decimals` limits the digits after the point; the schema leaves that out, because `multipleOf: 0.01`
 * refuses 0.29 in validators that divide floating-point numbers.
 */
export const decimal = ({ min, max, decimals }: Bounds & { readonly decimals?: number } = {}): ValueType => ({
  words: `a number${range(min, max)}${decimals === undefined ? '' : ` with at most ${decimals} decimals`}`,
  schema: () => ({
    type: 'number',
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
  }),
  codes: ['type', 'min', 'max', ...(decimals === undefined ? [] : ['decimals'])],
  flaw: (value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'type';
    const beyond = outside(value, min ?? -Infinity, max ?? Infinity);
    if (beyond) return beyond;
    return decimals !== undefined && Number(value.toFixed(decimals)) !== value ? 'decimals' : null;
  },
  beyondSchema: () =>
    decimals === undefined ? [] : [{ at: '', words: `a number with at most ${decimals} decimals` }],
});

const outside = (value: number, min: number, max: number): string | null =>
  value < min ? 'min' : value > max ? 'max' : null;
