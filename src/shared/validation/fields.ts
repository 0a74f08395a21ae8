import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { declareField, type FieldSpec } from './class-spec.js';
import { registerField } from './register-field.js';
import { type DtoClass, type ReferenceKind, type ValueType } from './value-type.js';
import {
  type Bounds,
  type Choice,
  decimal,
  either,
  flag,
  list,
  type ListOptions,
  mediaUrl,
  oneOf,
  reference,
  shape,
  text,
  type TextOptions,
  whole,
} from './values/index.js';

/*
 * Decorators that say what a field of a DTO class may be. A field is required unless it is `optional` or has a
 * `default`; the compiler refuses a decorator that does not fit the property's type.
 */

export interface Presence<T> {
  readonly optional?: boolean;
  /**
   * What the provider is documented to assume when the field is absent. Rules read it, nothing adds it to an input.
   * Makes the field optional, unless `optional` is false.
   */
  readonly default?: T;
  /** A sentence for the schema: what the field means, where a bound comes from. */
  readonly about?: string;
}

/** A decorator for properties of this type. */
export type Field<T> = <K extends string>(target: { readonly [P in K]?: T }, name: K) => void;

/** Text; a required one without `min` must not be empty. Lengths in code points. */
export const Text = (options: TextOptions & Presence<string> = {}): Field<string> =>
  field(isOptional(options) ? text(options) : text({ ...options, min: options.min ?? 1 }), options);

/** One of a few values, compared exactly. */
export const OneOf = <const T extends Choice>(values: readonly T[], options: Presence<T> = {}): Field<T> =>
  field(oneOf(values), options);

/** A whole number. */
export const Whole = (options: Bounds & Presence<number> = {}): Field<number> =>
  field(whole(options), options);

/** A number. */
export const Decimal = (
  options: Bounds & { readonly decimals?: number } & Presence<number> = {},
): Field<number> => field(decimal(options), options);

/** True or false. */
export const Flag = (options: Presence<boolean> = {}): Field<boolean> => field(flag(), options);

/** A public http(s) URL. */
export const MediaUrl = (options: Presence<string> = {}): Field<string> => field(mediaUrl(), options);

/** A list of public http(s) URLs. */
export const MediaUrls = (
  options: ListOptions & Presence<readonly string[]> = {},
): Field<readonly string[]> => field(list(mediaUrl(), options), options);

/** A list of texts; `item` bounds each of them. */
export const Texts = (
  options: ListOptions & { readonly item?: TextOptions } & Presence<readonly string[]> = {},
): Field<readonly string[]> => field(list(text(options.item), options), options);

/** The provider's id of something made by an earlier task of the same owner. */
export const Reference = (kind: ReferenceKind, options: TextOptions & Presence<string> = {}): Field<string> =>
  field(reference(kind, isOptional(options) ? options : { ...options, min: options.min ?? 1 }), options);

/** An object described by a class of its own. */
export const Shape = <T extends object>(dto: DtoClass<T>, options: Presence<T> = {}): Field<T> =>
  field(shape(dto), options, nested(dto));

/** A list of objects described by a class of their own. */
export const Shapes = <T extends object>(
  dto: DtoClass<T>,
  options: ListOptions & Presence<readonly T[]> = {},
): Field<readonly T[]> => field(list(shape(dto), options), options, nested(dto, { each: true }));

/** A value of one of several types. */
export const Either = <T = string>(alternatives: readonly ValueType[], options: Presence<T> = {}): Field<T> =>
  field(either(...alternatives), options);

const isOptional = ({ optional, ...rest }: Presence<unknown>): boolean =>
  optional ?? rest.default !== undefined;

/** Declares a field twice: for our checker, and with class-validator, so that `validate(dto)` knows it too. */
const field =
  <T>(type: ValueType, presence: Presence<T>, also?: PropertyDecorator): Field<T> =>
  (target, name) => {
    const spec: FieldSpec = {
      name,
      type,
      required: !isOptional(presence),
      default: presence.default,
      about: presence.about,
    };
    declareField(target.constructor, spec);
    registerField(target.constructor, spec);
    also?.(target, name);
  };

/** Lets class-transformer and class-validator go into the class as well. */
const nested =
  (dto: DtoClass, options: { each?: boolean } = {}): PropertyDecorator =>
  (target, name) => {
    Type(() => dto)(target, name);
    ValidateNested(options)(target, name);
  };
