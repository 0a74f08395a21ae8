/** Reads one kind of value from the text of a variable. */
export interface Parser<T> {
  /** Completes "it must be …". */
  readonly wants: string;
  /** The value is never shown, in no message. */
  readonly secret: boolean;
  /** Undefined when the text is not such a value. Gets trimmed text that is not empty. */
  readonly parse: (text: string) => T | undefined;
}

/** One variable: all there is to know of it, for the reader of the environment and for the reader of `.env.example`. */
export interface Setting<T> extends Parser<T> {
  /** As it would be written in the environment; null for none. */
  readonly default: string | null;
  /** What holds when there is no default and it is not set. */
  readonly unset: string | null;
  readonly meaning: string;
}

/** A setting that always has a value. */
export const setting = <T>(parser: Parser<T>, fallback: string, meaning: string): Setting<T> => ({
  ...parser,
  default: fallback,
  unset: null,
  meaning,
});

/** A setting that is null unless somebody sets it; `unset` says what that means. */
export const optional = <T>(parser: Parser<T>, unset: string, meaning: string): Setting<T | null> => ({
  ...parser,
  default: null,
  unset,
  meaning,
});
