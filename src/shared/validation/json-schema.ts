import { type Json, type JsonObject } from '../json.js';
import { type ClassSpec, type FieldSpec, specOf } from './class-spec.js';
import { type DtoClass } from './value-type.js';

/**
 * The JSON Schema (draft 2020-12) of a class. Fields are exact; rules between fields are sentences in `description`,
 * because half of them read defaults, which a schema cannot.
 */
export const schemaOf = (dto: DtoClass): JsonObject => {
  const spec = specOf(dto);
  const required = [...spec.fields.values()].filter((field) => field.required).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(
      [...spec.fields.values()].map((field) => [field.name, fieldSchema(field)]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    ...(spec.rules.length > 0 && { description: rulesInWords(spec) }),
  };
};

/** The same as a document of its own. */
export const schemaDocumentOf = (dto: DtoClass): JsonObject => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...schemaOf(dto),
});

const fieldSchema = ({ type, about, default: assumed }: FieldSpec): JsonObject => ({
  ...type.schema(),
  ...(about !== undefined && { description: about }),
  ...(assumed !== undefined && { default: assumed as Json }),
});

const rulesInWords = (spec: ClassSpec): string => spec.rules.map(({ words }) => words).join(' ');
