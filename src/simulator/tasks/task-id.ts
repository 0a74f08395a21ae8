import { randomBytes } from 'node:crypto';
import { type Domain, DOMAINS } from './model-profile.js';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const FORM = /^task-(?:unified|music)-(\d{1,12})-([0-9a-z]{8})$/;
const MOST_FILES = ALPHABET.length / DOMAINS.length;

/** What an id tells about its task. */
export interface TaskIdParts {
  readonly domain: Domain;
  /** 1 to 9: more files than that are not told. */
  readonly files: number;
  readonly createdAtSeconds: number;
}

/**
 * An id as the provider's documents show them: `task-unified-1757165031-uyujaw3d`.
 *
 * The first of the eight characters stands for domain and number of files, so that a simulator that was restarted can still
 * answer for the tasks of its former life. The others are random and not taken from the seed: two simulators started in the
 * same second with the same seed must not hand out the same id.
 */
export const makeTaskId = ({ domain, files, createdAtSeconds }: TaskIdParts): string => {
  const count = Math.min(Math.max(files, 1), MOST_FILES);
  const told = ALPHABET[DOMAINS.indexOf(domain) * MOST_FILES + count - 1]!;
  return `task-${domain === 'music' ? 'music' : 'unified'}-${createdAtSeconds}-${told}${randomText(7)}`;
};

/** Reads back what `makeTaskId` wrote; null for any other text. */
export const readTaskId = (id: string): TaskIdParts | null => {
  const match = FORM.exec(id);
  if (!match) return null;
  const told = ALPHABET.indexOf(match[2]![0]!);
  return {
    domain: DOMAINS[Math.floor(told / MOST_FILES)]!,
    files: (told % MOST_FILES) + 1,
    createdAtSeconds: Number(match[1]),
  };
};

const randomText = (length: number): string => {
  let text = '';
  for (const byte of randomBytes(length)) text += ALPHABET[byte % ALPHABET.length]!;
  return text;
};
