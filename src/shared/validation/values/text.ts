import { type ReferenceKind, type ValueType } from '../value-type.js';
import { span } from './words.js';

export interface TextOptions {
  /** Fewest characters. */
  readonly min?: number;
  /** Most characters. */
  readonly max?: number;
  readonly pattern?: RegExp;
  /** What the pattern means, e.g. `WIDTHxHEIGHT in pixels`. */
  readonly like?: string;
}

/**
 * Text. Lengths count Unicode code points, as JSON Schema does: an emoji is one (or a few, when it is composed), never
 * two because of UTF-16. How the provider counts is not published.
 */
export const text = ({ min, max, pattern, like }: TextOptions = {}): ValueType => ({
  words: `text${span(min, max, 'character')}${like ? ` like ${like}` : ''}`,
  schema: () => ({
    type: 'string',
    ...(min !== undefined && { minLength: min }),
    ...(max !== undefined && { maxLength: max }),
    ...(pattern && { pattern: pattern.source }),
  }),
  codes: [
    'type',
    ...(min === undefined ? [] : ['minLength']),
    ...(max === undefined ? [] : ['maxLength']),
    ...(pattern ? ['pattern'] : []),
  ],
  flaw: (value) => {
    if (typeof value !== 'string') return 'type';
    if (min !== undefined && !hasAtLeast(value, min)) return 'minLength';
    if (max !== undefined && hasAtLeast(value, max + 1)) return 'maxLength';
    return pattern && !pattern.test(value) ? 'pattern' : null;
  },
});

/** The provider's id of a task, track or persona made earlier. Its form is not published, so any text will do. */
export const reference = (kind: ReferenceKind, options: TextOptions = {}): ValueType => ({
  ...text(options),
  words: `the provider's id of a ${kind === 'audio' ? 'track' : kind} made earlier`,
  reference: kind,
});

/** Counts only as far as needed: a code point is one or two UTF-16 units. */
const hasAtLeast = (value: string, count: number): boolean => {
  if (value.length < count) return false;
  if (value.length >= count * 2) return true;
  let points = 0;
  for (const _ of value) if (++points >= count) return true;
  return points >= count;
};
