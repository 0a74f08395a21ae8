export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** True for a plain JSON object: no array, no null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same text for equal JSON whatever the order of keys: what a fingerprint is taken of. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = value as Readonly<Record<string, unknown>>;
    const keys = Object.keys(members).filter((key) => members[key] !== undefined);
    // Without a comparison of ours, keys are ordered by their UTF-16 units.
    return `{${keys
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(members[key])}`)
      .join(',')}}`;
  }
  return JSON.stringify(value ?? null);
};
