/** A server may ask for any pause; we wait at most this long before asking again. */
export const RETRY_AFTER_CAP_MS = 15 * 60_000;

/**
 * The pause a `Retry-After` header asks for, in milliseconds from now, at most 15 minutes; null without a usable one.
 *
 * A date is measured against the answer's own `Date` header when there is one: both come from one clock then, and ours
 * may be wrong.
 */
export const readRetryAfter = (headers: { get(name: string): string | null }, now: Date): number | null => {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return capped(Number(value) * 1000);
  const until = httpDate(value);
  if (until === null) return null;
  return capped(until - (httpDate(headers.get('date')?.trim() ?? '') ?? now.getTime()));
};

const capped = (ms: number): number => Math.ceil(Math.min(Math.max(ms, 0), RETRY_AFTER_CAP_MS));

/** All three spellings of RFC 9110 begin with the name of a day; `Date.parse` alone would take almost any text. */
const httpDate = (text: string): number | null => {
  if (!/^(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?[, ]/.test(text)) return null;
  // The asctime spelling names no zone and means UTC like the others.
  const time = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(time) ? null : time;
};
