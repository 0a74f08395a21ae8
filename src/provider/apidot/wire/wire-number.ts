/** A finite number, or the decimal text of one (clients have seen both); null for anything else. */
export const wireNumber = (value: unknown): number | null => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !/^\s*[+-]?\d{1,15}(\.\d{1,15})?\s*$/.test(value)) return null;
  return Number(value);
};
