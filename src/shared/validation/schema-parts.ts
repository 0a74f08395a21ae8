import { type JsonObject } from '../json.js';

/** What a field is when rules and conditions take it as given; `FieldReader` reads the same. */
export const NOT_GIVEN: JsonObject = { enum: [null, '', []] };
export const GIVEN: JsonObject = { not: NOT_GIVEN };

/** An object whose field at the path (`field` or `field.child`) fits; a field that is missing fits only `if there`. */
export const at = (
  path: string,
  schema: JsonObject,
  missing: 'refused' | 'if there' = 'refused',
): JsonObject =>
  path.split('.').reduceRight<JsonObject>(
    (inner, name) => ({
      ...(missing === 'refused' && { required: [name] }),
      properties: { [name]: inner },
    }),
    schema,
  );

export const allOf = (schemas: readonly JsonObject[]): JsonObject =>
  schemas.length === 1 ? schemas[0]! : { allOf: [...schemas] };

export const anyOf = (schemas: readonly JsonObject[]): JsonObject =>
  schemas.length === 1 ? schemas[0]! : { anyOf: [...schemas] };
