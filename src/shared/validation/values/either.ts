import { type CheckOptions, type ValueType, STRICT } from '../value-type.js';
import { listed } from './words.js';

/** A value that fits at least one of several types, e.g. a named size, `WIDTHxHEIGHT` or `{ width, height }`. */
export const either = (...alternatives: readonly ValueType[]): ValueType => {
  const fitting = (value: unknown, options: CheckOptions) =>
    alternatives.find((type) => type.flaw(value, options) === null);
  return {
    words: listed(
      alternatives.map(({ words }) => words),
      'or',
    ),
    schema: () => ({ anyOf: alternatives.map((type) => type.schema()) }),
    codes: [...new Set(alternatives.flatMap(({ codes }) => codes))],
    flaw: (value, options) => {
      if (fitting(value, options)) return null;
      // The alternative of the right type says more than the others, which only see a wrong type.
      const flaws = alternatives.map((type) => type.flaw(value, options)!);
      return flaws.find((flaw) => flaw !== 'type') ?? 'type';
    },
    beyondSchema: () => alternatives.flatMap((type) => type.beyondSchema?.() ?? []),
    inside: (value) => fitting(value, STRICT)?.inside?.(value),
  };
};
