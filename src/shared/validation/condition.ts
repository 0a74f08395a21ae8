import { type JsonObject } from '../json.js';
import { type Defaults, type FieldReader } from './field-reader.js';
import { allOf, anyOf, at, GIVEN, NOT_GIVEN } from './schema-parts.js';
import { listed } from './values/words.js';

/** A yes-or-no question about an input. */
export interface Condition {
  /** Completes "when …". */
  readonly words: string;
  /** The single questions it is made of, in order. */
  readonly leaves: readonly Leaf[];
  holds(input: FieldReader): boolean;
  /** A JSON Schema that the same objects fit, read with these defaults. */
  schema(defaults: Defaults): JsonObject;
}

export interface Leaf {
  readonly field: string;
  holds(input: FieldReader): boolean;
}

/** The field was sent and is not null, empty text or an empty list. A default does not make it present. */
export const present = (field: string): Condition =>
  leaf(field, {
    words: `${field} is given`,
    holds: (input) => input.sent(field) !== undefined,
    schema: () => at(field, GIVEN),
  });

export const absent = (field: string): Condition =>
  leaf(field, {
    words: `${field} is not given`,
    holds: (input) => input.sent(field) === undefined,
    schema: () => at(field, NOT_GIVEN, 'if there'),
  });

/** The field, or its default, is exactly this. */
export const equals = (field: string, value: string | number | boolean): Condition =>
  valued(field, `${field} is ${value}`, { const: value }, (found) => found === value);

/** The field, or its default, is one of these. */
export const isIn = (field: string, values: readonly (string | number | boolean)[]): Condition =>
  valued(field, `${field} is ${listed(values.map(String), 'or')}`, { enum: [...values] }, (found) =>
    (values as readonly unknown[]).includes(found),
  );

/** The field, or its default, is text like that. `words` says what the pattern means. */
export const matches = (field: string, pattern: RegExp, words: string): Condition =>
  valued(
    field,
    `${field} is ${words}`,
    { type: 'string', pattern: pattern.source },
    (found) => typeof found === 'string' && pattern.test(found),
  );

/** The list has exactly so many items. */
export const count = (field: string, items: number): Condition =>
  leaf(field, {
    words: `${field} has ${items} item${items === 1 ? '' : 's'}`,
    holds: (input) => input.count(field) === items,
    schema: () =>
      items === 0
        ? at(field, { maxItems: 0 }, 'if there')
        : at(field, { type: 'array', minItems: items, maxItems: items }),
  });

export const all = (...conditions: readonly Condition[]): Condition => ({
  words: conditions.map(({ words }) => words).join(' and '),
  leaves: conditions.flatMap(({ leaves }) => leaves),
  holds: (input) => conditions.every((condition) => condition.holds(input)),
  schema: (defaults) => allOf(conditions.map((condition) => condition.schema(defaults))),
});

export const any = (...conditions: readonly Condition[]): Condition => ({
  words: conditions.map(({ words }) => words).join(' or '),
  leaves: conditions.flatMap(({ leaves }) => leaves),
  holds: (input) => conditions.some((condition) => condition.holds(input)),
  schema: (defaults) => anyOf(conditions.map((condition) => condition.schema(defaults))),
});

export const not = (condition: Condition): Condition => ({
  words: `not ${condition.words}`,
  leaves: condition.leaves.map((inner) => ({ field: inner.field, holds: (input) => !inner.holds(input) })),
  holds: (input) => !condition.holds(input),
  schema: (defaults) => ({ not: condition.schema(defaults) }),
});

const leaf = (field: string, { words, holds, schema }: Omit<Condition, 'leaves'>): Condition => ({
  words,
  leaves: [{ field, holds }],
  holds,
  schema,
});

/** A question about the value that is read: what was sent, or else the default. */
const valued = (
  field: string,
  words: string,
  schema: JsonObject,
  fits: (value: unknown) => boolean,
): Condition =>
  leaf(field, {
    words,
    holds: (input) => fits(input.value(field)),
    schema: (defaults) =>
      fits(defaults.get(field)?.default)
        ? at(field, anyOf([NOT_GIVEN, schema]), 'if there')
        : at(field, schema),
  });
