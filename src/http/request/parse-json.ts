import { type Json } from '../../shared/json.js';
import { InvalidRequestError } from '../../tasks/index.js';
import { MalformedJsonError } from '../problems/wire.errors.js';

/** Deeper than any model's input; what walks a body recursively later must not run out of stack. */
export const MAX_DEPTH = 64;

/**
 * The JSON value of a body.
 *
 * @throws MalformedJsonError for bytes that are not UTF-8 and text that is not JSON
 * @throws InvalidRequestError for objects with a key `__proto__`, and for values that would not survive being written again:
 *   nesting beyond 64, numbers beyond double precision
 */
export const parseJson = (bytes: Buffer): Json => {
  let value: Json;
  try {
    value = JSON.parse(decode(bytes)) as Json;
  } catch (error) {
    if (error instanceof MalformedJsonError) throw error;
    // The parser's message quotes the text, which is private.
    throw new MalformedJsonError(
      bytes.length === 0 ? 'A JSON body is needed.' : 'The body is not valid JSON.',
    );
  }
  const flaw = flawOf(value, 0);
  if (flaw) throw new InvalidRequestError([flaw]);
  return value;
};

const UTF8 = new TextDecoder('utf-8', { fatal: true });

const decode = (bytes: Buffer): string => {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new MalformedJsonError('The body is not valid UTF-8.');
  }
};

interface Flaw {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

const flawOf = (value: Json, depth: number): Flaw | null => {
  if (typeof value === 'number' && !Number.isFinite(value))
    return { pointer: '', code: 'max', message: 'The number is larger than any that can be handed on.' };
  if (typeof value !== 'object' || value === null) return null;
  if (depth === MAX_DEPTH)
    return { pointer: '', code: 'too_deep', message: `Values may be nested ${MAX_DEPTH} levels deep.` };
  for (const [name, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    if (name === '__proto__')
      return { pointer: '/__proto__', code: 'unknown_field', message: 'No key may be called __proto__.' };
    const flaw = flawOf(item, depth + 1);
    if (flaw) return { ...flaw, pointer: `/${escaped(String(name))}${flaw.pointer}` };
  }
  return null;
};

/** For a JSON pointer (RFC 6901). */
const escaped = (name: string): string => name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
