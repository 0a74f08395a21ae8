import { isJsonObject } from '../../json.js';
import { beyondSchema, schemaOf } from '../json-schema.js';
import { type DtoClass, type Inside, type ValueType } from '../value-type.js';

/** An object whose fields are those of a class of their own. */
export const shape = (dto: DtoClass): ValueType => {
  const inside: Inside = { shape: dto };
  return {
    words: 'an object',
    schema: () => schemaOf(dto),
    codes: ['type'],
    flaw: (value) => (isJsonObject(value) ? null : 'type'),
    inside: () => inside,
    beyondSchema: () => beyondSchema(dto).map(({ at, words }) => ({ at: at && `.${at}`, words })),
  };
};
