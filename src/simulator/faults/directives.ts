import { parseFaults, type FaultSetting } from './parse-faults.js';

const OPENING = '[[sim:';
const DIRECTIVE = /\[\[sim:(.*?)\]\]/gs;

/** A cheap look at the raw body: without this text there is nothing to search for. */
export const mayHoldDirectives = (rawBody: string): boolean => rawBody.includes(OPENING);

/**
 * The faults a caller asked for in the texts of its own input: `A red fox [[sim:submit=drop]]`,
 * `[[sim:duration=5000; fail=Too red]]`.
 *
 * @throws FaultSyntaxError when a directive is badly written
 */
export const readDirectives = (input: unknown): FaultSetting[] =>
  parseFaults(texts(input).flatMap(directivesOf));

const directivesOf = (text: string): string[] =>
  [...text.matchAll(DIRECTIVE)].flatMap(([, content = '']) => content.split(';'));

const texts = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
};
