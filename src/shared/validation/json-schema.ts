import { type Json, type JsonObject } from '../json.js';
import { type ClassSpec, type FieldSpec, specOf } from './class-spec.js';
import { type Condition } from './condition.js';
import { type Rule } from './rule.js';
import { type DtoClass, type Unsaid } from './value-type.js';

/**
 * The JSON Schema (draft 2020-12) of a class: its fields, and its rules as far as a schema can say them. Every rule stands
 * in `description` as a sentence; `beyondSchema` lists what is left to the check.
 */
export const schemaOf = (dto: DtoClass): JsonObject => objectSchema(specOf(dto));

/** The same as a document of its own, for inputs to which the condition applies. */
export const schemaDocumentOf = (dto: DtoClass, when?: Condition): JsonObject => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...objectSchema(specOf(dto), when),
});

/** What the check of a class refuses although its schema lets it pass, nested objects included. */
export const beyondSchema = (dto: DtoClass): readonly Unsaid[] => {
  const { fields, rules } = specOf(dto);
  return [
    ...[...fields.values()].flatMap(({ name, type }) =>
      (type.beyondSchema?.() ?? []).map(({ at, words }) => ({ at: name + at, words })),
    ),
    ...rules.filter((rule) => rule.schema(fields) === null).map(({ words }) => ({ at: '', words })),
  ];
};

const objectSchema = ({ fields, rules, refused }: ClassSpec, when?: Condition): JsonObject => {
  const required = [...fields.values()].filter((field) => field.required).map(({ name }) => name);
  const said = [when, ...rules.filter((rule) => !isSaidByNames(rule, refused))]
    .map((each) => each?.schema(fields))
    .filter((schema) => schema !== undefined && schema !== null);
  const description = [
    ...(when ? [`Applies when ${when.words}.`] : []),
    ...rules.map(({ words }) => words),
  ].join(' ');
  return {
    type: 'object',
    properties: Object.fromEntries([...fields.values()].map((field) => [field.name, fieldSchema(field)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    ...(said.length > 0 && { allOf: said }),
    ...(description !== '' && { description }),
  };
};

/** Names that are no fields at all are refused by `additionalProperties`. */
const isSaidByNames = ({ refuses = [] }: Rule, refused: ReadonlyMap<string, string>): boolean =>
  refuses.length > 0 && refuses.every((name) => refused.has(name));

const fieldSchema = ({ type, about, default: assumed }: FieldSpec): JsonObject => ({
  ...type.schema(),
  ...(about !== undefined && { description: about }),
  ...(assumed !== undefined && { default: assumed as Json }),
});
