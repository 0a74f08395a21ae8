const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * The moment behind a text like `2026-01-31T12:00:00.000Z`, which names its offset; null for anything else, also for days
 * that no month has and for what an offset carries beyond the year 9999, which could not be written like this again.
 */
export const parseInstant = (text: string): Date | null => {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  // `Date` takes the 30th of February for the 2nd of March.
  if (!(Number(day) <= daysOf(Number(year), Number(month)))) return null;
  const date = new Date(text);
  const inYear = date.getUTCFullYear();
  return inYear >= 0 && inYear <= 9_999 ? date : null;
};

/** 400 years later the calendar is the same, and `Date.UTC` takes years below 100 for others. */
const daysOf = (year: number, month: number): number => new Date(Date.UTC(year + 400, month, 0)).getUTCDate();
