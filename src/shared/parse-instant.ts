const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** The moment behind a text like `2026-01-31T12:00:00.000Z`, which names its offset; null for anything else. */
export const parseInstant = (text: string): Date | null => {
  const date = INSTANT.test(text) ? new Date(text) : new Date(NaN);
  return Number.isNaN(date.getTime()) ? null : date;
};
