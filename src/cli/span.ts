import { InvalidArgumentError } from 'commander';
import { parseInstant } from '../shared/parse-instant.js';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Ten years: whatever is longer was meant otherwise. */
const LONGEST_MS = 3_660 * UNIT_MS.d!;

/** Milliseconds of an argument such as `90s`, `30m`, `24h` or `90d`. @throws InvalidArgumentError */
export const parseSpan = (text: string): number => {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const span = Number(count) * (UNIT_MS[unit ?? ''] ?? NaN);
  if (span <= LONGEST_MS) return span;
  throw new InvalidArgumentError('Wants a time like 90s, 30m, 24h or 90d, of ten years at most.');
};

/** The moment an argument names, or the one that lies a span ahead. @throws InvalidArgumentError */
export const parseMoment = (text: string): Date => {
  const instant = parseInstant(text);
  if (instant) return instant;
  try {
    return new Date(Date.now() + parseSpan(text));
  } catch {
    throw new InvalidArgumentError('Wants a time like 2026-12-31T23:59:00Z, or from now on: 24h, 90d.');
  }
};
