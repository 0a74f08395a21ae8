import { type JsonObject } from '../json.js';

/** A class whose decorated properties say what a valid object is. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type DtoClass<T extends object = any> = new () => T;

/** What a deployment may relax. */
export interface CheckOptions {
  /** Accept media URLs whose host is private, loopback or otherwise not public. For tests and closed networks. */
  readonly allowPrivateMediaUrls: boolean;
}

export const STRICT: CheckOptions = Object.freeze({ allowPrivateMediaUrls: false });

/** Whose id a text is, when it is the provider's id of something made earlier. */
export type ReferenceKind = 'task' | 'audio' | 'persona';

/** What is inside a value that fits its type. */
export type Inside =
  | {
      readonly items: ValueType;
      /** How many items the list may have; Infinity when nobody says. */
      readonly most: number;
    }
  | { readonly shape: DtoClass };

/**
 * What a value may be. Checking, the English sentence and the JSON Schema come from the same object, so they cannot
 * disagree.
 */
export interface ValueType {
  /** Completes "prompt must be …". */
  readonly words: string;
  /** JSON Schema (draft 2020-12) of the value. A fresh object each time. */
  schema(): JsonObject;
  /** Every word that `flaw` can answer. */
  readonly codes: readonly string[];
  /** What is wrong with the value itself, its parts aside; null when nothing is. Never throws. */
  flaw(value: unknown, options: CheckOptions): string | null;
  /** What has to be checked inside. Not called for a value of the wrong type. */
  inside?(value: unknown): Inside | undefined;
  readonly reference?: ReferenceKind;
  /** What is refused although the schema lets it pass, in the value and its parts. */
  beyondSchema?(): readonly Unsaid[];
}

/** Something that a schema cannot say. */
export interface Unsaid {
  /** The part it is about: empty for the value itself, `[]`, `.child`, `[].child`. */
  readonly at: string;
  /** What must hold. */
  readonly words: string;
}
