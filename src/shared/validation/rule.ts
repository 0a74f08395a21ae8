import { type JsonObject } from '../json.js';
import { type Defaults, type FieldReader } from './field-reader.js';
import { type CheckOptions } from './value-type.js';

/** What a rule found: the field to blame, relative to the object, and a sentence. */
export interface Breach {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** Something that must hold between the fields of one object. */
export interface Rule {
  readonly code: string;
  /** Why the rule is there, as a sentence. */
  readonly because: string;
  /** The rule as a sentence, for the schema. */
  readonly words: string;
  /** Fields that the class must declare for the rule to make sense. */
  readonly needs: readonly string[];
  /** Names that must not be sent, whatever else is sent. */
  readonly refuses?: readonly string[];
  /** Empty when the rule holds. Fields of a wrong type are left to their own check. Never throws. */
  breaches(input: FieldReader, options: CheckOptions): readonly Breach[];
  /** The rule as JSON Schema, for objects whose fields are right; null when a schema cannot say it. */
  schema(defaults: Defaults): JsonObject | null;
}
