import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/*
 * The documents of the project, as specs read them.
 */

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const readPage = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');

/** The part of a page under a heading, up to the next heading of the same or a higher level. */
export const sectionOf = (page: string, heading: string): string => {
  const lines = page.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`There is no heading "${heading}".`);
  const level = heading.indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
};

/** The rows of all tables in a text, cell by cell, without heads and rules. */
export const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line, index, lines) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? ''))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );

const isRule = (line: string): boolean => /^\|[ :|-]+\|$/.test(line);

/** A cell that is one code span, without its backticks; any other cell is null. */
export const codeIn = (cell: string | undefined): string | null =>
  /^`([^`]+)`$/.exec(cell ?? '')?.[1] ?? null;

/** The fenced blocks of one language, in order. */
export const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(/^```(\S*)\n(.*?)^```$/gms)]
    .filter(([, tag]) => tag === language)
    .map(([, , content]) => content!);
