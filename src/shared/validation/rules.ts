import { registerDecorator, type ValidationArguments } from 'class-validator';
import { declareRule, specOf } from './class-spec.js';
import { absent, any, type Condition, present } from './condition.js';
import { FieldReader } from './field-reader.js';
import { type Breach, type Rule } from './rule.js';
import { allOf, anyOf, at, GIVEN, NOT_GIVEN } from './schema-parts.js';
import { type DtoClass, STRICT, type ValueType } from './value-type.js';
import { listed } from './values/words.js';

/*
 * Rules between fields, as class decorators. Each takes a sentence that says why it is there; the sentence is shown to
 * the caller and in the schema. null, empty text and empty lists count as absent here.
 */

export interface Reason {
  readonly because: string;
  /** The rule applies only then. */
  readonly when?: Condition;
}

/** All of these must be there. */
export const Requires = (fields: readonly string[], reason: Reason): ClassDecorator =>
  rule('requires', reason, {
    needs: fields,
    words: `${listed(fields, 'and')} must be given`,
    breaches: (input) => missing(fields, input).map((field) => ({ field, message: `${field} is required` })),
    schema: (defaults) => allOf(fields.map((field) => present(field).schema(defaults))),
  });

/** All of these must be there, unless the condition holds. */
export const RequiresUnless = (
  fields: readonly string[],
  unless: Condition,
  reason: { readonly because: string },
): ClassDecorator =>
  rule('required_unless', reason, {
    needs: fields,
    words: `${listed(fields, 'and')} must be given unless ${unless.words}`,
    breaches: (input) =>
      unless.holds(input)
        ? []
        : missing(fields, input).map((field) => ({
            field,
            message: `${field} is required unless ${unless.words}`,
          })),
    schema: (defaults) =>
      anyOf([unless.schema(defaults), allOf(fields.map((field) => present(field).schema(defaults)))]),
  });

/**
 * None of these may be sent. A name that is no field of the class belongs to other modes or models and is refused for
 * this reason instead of as unknown.
 */
export const Forbids = (fields: readonly string[], reason: Reason): ClassDecorator =>
  rule('forbids', reason, {
    needs: reason.when ? fields : [],
    refuses: reason.when ? [] : fields,
    words: `${listed(fields, 'and')} must not be given`,
    breaches: (input) =>
      fields
        .filter((field) => input.sent(field) !== undefined)
        .map((field) => ({ field, message: `${field} must not be sent` })),
    schema: (defaults) => allOf(fields.map((field) => absent(field).schema(defaults))),
  });

/** At least one of these must be there. */
export const AtLeastOneOf = (fields: readonly string[], reason: Reason): ClassDecorator =>
  rule('one_of', reason, {
    needs: fields,
    words: `At least one of ${listed(fields, 'and')} must be given`,
    breaches: (input) =>
      missing(fields, input).length < fields.length
        ? []
        : [{ field: fields[0]!, message: `At least one of ${listed(fields, 'and')} is required` }],
    schema: (defaults) => any(...fields.map(present)).schema(defaults),
  });

/** Fields of at most one group may be there. Groups may name fields of other modes. The later group is blamed. */
export const Exclusive = (groups: readonly (readonly string[])[], reason: Reason): ClassDecorator =>
  rule('exclusive', reason, {
    needs: [],
    words: `${listed(groups.map(shownGroup), 'and')} must not be combined`,
    breaches: (input) => {
      const used = groups
        .map((group) => group.filter((field) => input.sent(field) !== undefined))
        .filter((group) => group.length > 0);
      const [first, ...others] = used;
      return others.flatMap((group) =>
        group.map((field) => ({
          field,
          message: `${field} must not be combined with ${listed(first!, 'or')}`,
        })),
      );
    },
    // At most one group: of all groups but one, nothing is given.
    schema: (defaults) =>
      anyOf(
        groups.map((group) =>
          allOf(
            groups
              .filter((other) => other !== group)
              .flatMap((other) => other.map((field) => absent(field).schema(defaults))),
          ),
        ),
      ),
  });

/** The field, or its default, must also be that, which is of the field's own type; a field without a value is left alone. */
export const ValueWhen = (field: string, type: ValueType, reason: Reason): ClassDecorator =>
  rule('value', reason, {
    needs: [field],
    words: `${field} must be ${type.words}`,
    breaches: (input, options) => {
      const value = input.value(field);
      const flaw = value === undefined ? null : type.flaw(value, options);
      return flaw === null || flaw === 'type'
        ? []
        : [{ field, code: flaw, message: `${field} must be ${type.words}` }];
    },
    schema: (defaults) => {
      const fits = anyOf([NOT_GIVEN, type.schema()]);
      const assumed = defaults.get(field)?.default;
      const flaw = assumed === undefined ? null : type.flaw(assumed, STRICT);
      if (flaw === null || flaw === 'type') return at(field, fits, 'if there');
      return at(field, allOf([GIVEN, type.schema()]));
    },
  });

/** A part of a sum: how long a list is, a number, or the same number of every item of a list. */
export type Term =
  | { readonly count: string }
  | { readonly value: string; readonly default?: number }
  | { readonly sumOf: string; readonly default?: number };

/** The terms together lie within the bounds. */
export const Sum = (
  terms: readonly Term[],
  bounds: { readonly min?: number; readonly max?: number },
  reason: Reason,
): ClassDecorator => {
  const words = `The sum of ${listed(terms.map(termWords), 'and')}`;
  return rule('sum', reason, {
    needs: terms.map(termField),
    words: `${words} must be ${boundsWords(bounds)}`,
    breaches: (input) => {
      const amounts = terms.map((term) => amount(term, input));
      const sum = amounts.reduce((total, each) => total + each, 0);
      if (sum >= (bounds.min ?? -Infinity) && sum <= (bounds.max ?? Infinity)) return [];
      const largest = amounts.indexOf(Math.max(...amounts));
      return [
        {
          field: termField(terms[largest]!).split('[].')[0]!,
          message: `${words} must be ${boundsWords(bounds)}, but it is ${sum}`,
        },
      ];
    },
    schema: () => null,
  });
};

const comparisons = {
  '<': { words: 'less than', holds: (a: number, b: number) => a < b },
  '<=': { words: 'at most', holds: (a: number, b: number) => a <= b },
  '>': { words: 'more than', holds: (a: number, b: number) => a > b },
  '>=': { words: 'at least', holds: (a: number, b: number) => a >= b },
};

/** Two numbers stand in this relation, if both have a value. The right one is blamed. */
export const Compare = (
  left: string,
  operator: keyof typeof comparisons,
  right: string,
  reason: Reason,
): ClassDecorator => {
  const { words, holds } = comparisons[operator];
  return rule('compare', reason, {
    needs: [left, right],
    words: `${left} must be ${words} ${right}`,
    breaches: (input) => {
      const [a, b] = [input.value(left), input.value(right)];
      return typeof a !== 'number' || typeof b !== 'number' || holds(a, b)
        ? []
        : [{ field: right, message: `${left} must be ${words} ${right}` }];
    },
    schema: () => null,
  });
};

type Draft = Pick<Rule, 'needs' | 'refuses' | 'words' | 'schema'> & {
  breaches(
    ...args: Parameters<Rule['breaches']>
  ): readonly (Omit<Breach, 'code'> & { readonly code?: string })[];
};

/** Completes a rule and declares it twice: for our checker, and with class-validator, so that `validate(dto)` knows it too. */
const rule = (code: string, { because, when }: Reason, draft: Draft): ClassDecorator => {
  const condition = when ? ` when ${when.words}` : '';
  const made: Rule = {
    ...draft,
    code,
    because,
    words: `${draft.words}${condition}. ${because}`,
    breaches: (input, options) =>
      when && !when.holds(input)
        ? []
        : draft
            .breaches(input, options)
            .map((breach) => ({ code, ...breach, message: `${breach.message}${condition}. ${because}` })),
    schema: (defaults) => {
      const schema = draft.schema(defaults);
      return schema && when ? { if: when.schema(defaults), then: schema } : schema;
    },
  };
  return (dto) => {
    declareRule(dto, made);
    registerDecorator({
      name: code,
      target: dto,
      // class-validator lets a subclass's constraints of a property replace those of the base class: every rule gets a property of its own.
      propertyName: made.words,
      validator: {
        validate: (_value: unknown, args?: ValidationArguments) =>
          breachesOf(made, args!.object).length === 0,
        defaultMessage: (args) =>
          breachesOf(made, args!.object)
            .map(({ message }) => message)
            .join(' '),
      },
    });
  };
};

const breachesOf = (made: Rule, object: object) =>
  made.breaches(new FieldReader(specOf(object.constructor as DtoClass).fields, object), STRICT);

const missing = (fields: readonly string[], input: FieldReader) =>
  fields.filter((field) => input.sent(field) === undefined);

const shownGroup = (group: readonly string[]) => (group.length === 1 ? group[0]! : `(${group.join(', ')})`);

const termField = (term: Term) => ('count' in term ? term.count : 'value' in term ? term.value : term.sumOf);

const termWords = (term: Term) =>
  'count' in term ? `the number of ${term.count}` : 'value' in term ? term.value : `all ${term.sumOf}`;

const boundsWords = ({ min, max }: { readonly min?: number; readonly max?: number }) =>
  min === undefined ? `at most ${max}` : max === undefined ? `at least ${min}` : `from ${min} to ${max}`;

const amount = (term: Term, input: FieldReader): number => {
  if ('count' in term) return input.count(term.count);
  if ('value' in term) return numberOr(input.value(term.value), term.default);
  return input.each(term.sumOf).reduce<number>((total, value) => total + numberOr(value, term.default), 0);
};

const numberOr = (value: unknown, otherwise = 0): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
