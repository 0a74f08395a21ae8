import { parseInstant } from '../../shared/parse-instant.js';
import { InvalidRequestError, type Violation } from '../../tasks/index.js';

/** As the framework hands it over: a repeated parameter is a list. */
export type RawQuery = Readonly<Record<string, string | string[] | undefined>>;

/** Control characters; some of them the database does not even store. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Reads the parameters of a query string one by one and remembers everything that is wrong.
 *
 * @example
 *   const query = new QueryReader(raw);
 *   const limit = query.integer('limit', 1, 200) ?? 50;
 *   query.finish();
 */
export class QueryReader {
  private readonly asked = new Set<string>();
  private readonly violations: Violation[] = [];

  constructor(private readonly query: RawQuery) {}

  /** A whole number within the bounds, both included. */
  integer(name: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.single(name);
    if (text === undefined) return undefined;
    const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (number >= min && number <= max) return number;
    const wants =
      max === Number.MAX_SAFE_INTEGER
        ? `a whole number of ${min} or more`
        : `a whole number from ${min} to ${max}`;
    return this.refuse(
      name,
      Number.isNaN(number) ? 'type' : number < min ? 'min' : 'max',
      `must be ${wants}`,
    );
  }

  /** A moment with its offset, to the millisecond. */
  instant(name: string): Date | undefined {
    // An unescaped + is read as a space.
    const text = this.single(name)?.replace(/ (?=\d\d:\d\d$)/, '+');
    if (text === undefined) return undefined;
    return parseInstant(text) ?? this.refuse(name, 'format', 'must be a time like 2026-01-31T12:00:00.000Z');
  }

  /** Text of 1 to `max` characters that matches. */
  text(name: string, max: number, pattern?: RegExp): string | undefined {
    const text = this.single(name);
    if (text === undefined) return undefined;
    if (text.length < 1 || text.length > max)
      return this.refuse(name, 'maxLength', `must have 1 to ${max} characters`);
    if (CONTROL.test(text) || (pattern && !pattern.test(text)))
      return this.refuse(name, 'pattern', 'has characters that are not possible here');
    return text;
  }

  /** Any number of the given words; the parameter may repeat. Undefined when it is absent. */
  words<Word extends string>(name: string, words: readonly Word[]): Word[] | undefined {
    const texts = this.all(name);
    if (texts === undefined) return undefined;
    if (texts.every((text) => (words as readonly string[]).includes(text))) return texts as Word[];
    return this.refuse(name, 'enum', `must be one of ${words.join(', ')}`);
  }

  /** All parameters that begin with the prefix, as pairs of the rest of their name and a value. */
  pairs(prefix: string): [name: string, value: string][] {
    return Object.keys(this.query)
      .filter((name) => name.startsWith(prefix) && name.length > prefix.length)
      .flatMap((name) =>
        (this.all(name) ?? []).map((value): [string, string] => [name.slice(prefix.length), value]),
      );
  }

  /** Adds a violation found by the caller. */
  refuse(name: string, code: string, what: string): undefined {
    this.violations.push({
      pointer: `/query/${escaped(name)}`,
      code,
      message: `The parameter ${name} ${what}.`,
    });
    return undefined;
  }

  /** @throws InvalidRequestError with all that was wrong, parameters that nobody asked for included */
  finish(): void {
    for (const name of Object.keys(this.query)) {
      if (!this.asked.has(name)) this.refuse(shortened(name), 'unknown_field', 'is not known here');
    }
    if (this.violations.length > 0) throw new InvalidRequestError(this.violations);
  }

  private single(name: string): string | undefined {
    const texts = this.all(name);
    if (texts === undefined || texts.length === 1) return texts?.[0];
    return this.refuse(name, 'type', 'must not repeat');
  }

  private all(name: string): string[] | undefined {
    this.asked.add(name);
    const value = Object.hasOwn(this.query, name) ? this.query[name] : undefined;
    return typeof value === 'string' ? [value] : value;
  }
}

/** Refuses every parameter. */
export const noQuery = (query: RawQuery): void => new QueryReader(query).finish();

const shortened = (name: string): string => (name.length > 100 ? `${name.slice(0, 100)}…` : name);

/** For a JSON pointer (RFC 6901). */
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
