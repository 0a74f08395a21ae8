import { type FieldReader } from './field-reader.js';
import { listed } from './values/words.js';

/** A yes-or-no question about an input. */
export interface Condition {
  /** Completes "when …". */
  readonly words: string;
  /** The single questions it is made of, in order. */
  readonly leaves: readonly Leaf[];
  holds(input: FieldReader): boolean;
}

export interface Leaf {
  readonly field: string;
  holds(input: FieldReader): boolean;
}

/** The field was sent and is not null, empty text or an empty list. A default does not make it present. */
export const present = (field: string): Condition =>
  leaf(field, `${field} is given`, (input) => input.sent(field) !== undefined);

export const absent = (field: string): Condition =>
  leaf(field, `${field} is not given`, (input) => input.sent(field) === undefined);

/** The field, or its default, is exactly this. */
export const equals = (field: string, value: string | number | boolean): Condition =>
  leaf(field, `${field} is ${value}`, (input) => input.value(field) === value);

/** The field, or its default, is one of these. */
export const isIn = (field: string, values: readonly (string | number | boolean)[]): Condition =>
  leaf(field, `${field} is ${listed(values.map(String), 'or')}`, (input) =>
    (values as readonly unknown[]).includes(input.value(field)),
  );

/** The field, or its default, is text like that. `words` says what the pattern means. */
export const matches = (field: string, pattern: RegExp, words: string): Condition =>
  leaf(field, `${field} is ${words}`, (input) => {
    const value = input.value(field);
    return typeof value === 'string' && pattern.test(value);
  });

/** The list has exactly so many items. */
export const count = (field: string, items: number): Condition =>
  leaf(field, `${field} has ${items} item${items === 1 ? '' : 's'}`, (input) => input.count(field) === items);

export const all = (...conditions: readonly Condition[]): Condition => ({
  words: conditions.map(({ words }) => words).join(' and '),
  leaves: conditions.flatMap(({ leaves }) => leaves),
  holds: (input) => conditions.every((condition) => condition.holds(input)),
});

export const any = (...conditions: readonly Condition[]): Condition => ({
  words: conditions.map(({ words }) => words).join(' or '),
  leaves: conditions.flatMap(({ leaves }) => leaves),
  holds: (input) => conditions.some((condition) => condition.holds(input)),
});

export const not = (condition: Condition): Condition => ({
  words: `not ${condition.words}`,
  leaves: condition.leaves.map((inner) => ({ field: inner.field, holds: (input) => !inner.holds(input) })),
  holds: (input) => !condition.holds(input),
});

const leaf = (field: string, words: string, holds: (input: FieldReader) => boolean): Condition => ({
  words,
  leaves: [{ field, holds }],
  holds,
});
