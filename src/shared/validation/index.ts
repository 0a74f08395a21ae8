/*
 * Stating what a valid input is: DTO classes with field decorators, rules between fields, modes and models.
 */

// The classes.
export {
  Decimal,
  Either,
  Flag,
  MediaUrl,
  MediaUrls,
  OneOf,
  Reference,
  Shape,
  Shapes,
  Text,
  Texts,
  Whole,
  type Field,
  type Presence,
} from './fields.js';
export * from './values/index.js';

// Rules between fields.
export {
  AtLeastOneOf,
  Compare,
  Exclusive,
  Forbids,
  Requires,
  RequiresUnless,
  Sum,
  ValueWhen,
  type Reason,
  type Term,
} from './rules.js';
export { absent, all, any, count, equals, isIn, matches, not, present, type Condition } from './condition.js';

// Modes, models and what a module offers of them.
export {
  checkedModel,
  defineFamily,
  mode,
  type Availability,
  type CheckedModel,
  type Mode,
  type Model,
  type ModeResult,
  type Verdict,
} from './model.js';
export { offeredModels, type CatalogueOptions } from './catalogue.js';
export { exceeds } from './json-limits.js';
export { beyondSchema, schemaDocumentOf, schemaOf } from './json-schema.js';
export { type CheckOptions, type DtoClass, type ReferenceKind, type Unsaid } from './value-type.js';
