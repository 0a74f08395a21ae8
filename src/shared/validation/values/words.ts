/** " of 3 to 20 characters", " of at most 8 items", or nothing. */
export const span = (min: number | undefined, max: number | undefined, unit: string): string => {
  const units = (n: number) => `${n} ${unit}${n === 1 ? '' : 's'}`;
  if (min !== undefined && min === max) return ` of ${units(min)}`;
  if (min !== undefined && max !== undefined) return ` of ${min} to ${units(max)}`;
  if (max !== undefined) return ` of at most ${units(max)}`;
  return min === undefined ? '' : ` of at least ${units(min)}`;
};

/** " from 4 to 15", or nothing. */
export const range = (min: number | undefined, max: number | undefined): string => {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (max !== undefined) return ` of at most ${max}`;
  return min === undefined ? '' : ` of at least ${min}`;
};

/** `a`, `a or b`, `a, b or c`. */
export const listed = (words: readonly string[], link: 'or' | 'and'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${link} ${words.at(-1)}`;
