import { type Inside, type ValueType } from '../value-type.js';
import { listed, span } from './words.js';

export interface ListOptions {
  readonly min?: number;
  readonly max?: number;
  /** The only allowed numbers of items, e.g. one or three. */
  readonly counts?: readonly number[];
}

/** A list whose items are all of one type. */
export const list = (items: ValueType, { min, max, counts }: ListOptions = {}): ValueType => {
  const inside: Inside = { items, most: max ?? (counts ? Math.max(...counts) : Infinity) };
  const length = lengthOf({ min, max, counts });
  return {
    words: `a list${length.words}`,
    schema: () => ({ type: 'array', items: items.schema(), ...length.schema() }),
    codes: ['type', ...length.codes],
    flaw: (value) => (Array.isArray(value) ? length.flaw(value) : 'type'),
    inside: () => inside,
    beyondSchema: () => (items.beyondSchema?.() ?? []).map(({ at, words }) => ({ at: `[]${at}`, words })),
  };
};

/** How many items a list may have, whatever they are. For rules that tighten a list which is checked already. */
export const itemCount = (options: ListOptions): ValueType => {
  const length = lengthOf(options);
  return {
    words: `a list${length.words}`,
    schema: () => ({ type: 'array', ...length.schema() }),
    codes: ['type', ...length.codes],
    flaw: (value) => (Array.isArray(value) ? length.flaw(value) : 'type'),
  };
};

const lengthOf = ({ min, max, counts }: ListOptions) => ({
  words: counts ? ` of ${listed(counts.map(String), 'or')} items` : span(min, max, 'item'),
  schema: () => ({
    ...(min !== undefined && { minItems: min }),
    ...(max !== undefined && { maxItems: max }),
    ...(counts && { anyOf: counts.map((count) => ({ minItems: count, maxItems: count })) }),
  }),
  codes: [
    ...(min === undefined ? [] : ['minItems']),
    ...(max === undefined ? [] : ['maxItems']),
    ...(counts ? ['counts'] : []),
  ],
  flaw: ({ length }: readonly unknown[]): string | null => {
    if (min !== undefined && length < min) return 'minItems';
    if (max !== undefined && length > max) return 'maxItems';
    return counts && !counts.includes(length) ? 'counts' : null;
  },
});
