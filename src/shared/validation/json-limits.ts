/** Deeper than any model's input by far. */
export const DEEPEST = 16;

/** More values than any model's input by far; a body of 1 MiB could hold half a million. */
export const MOST_VALUES = 10_000;

/**
 * Whether a value is small enough to be looked at, before anything looks at it. Visits at most `MOST_VALUES` values,
 * without recursion; a cycle ends as too deep.
 */
export const exceeds = (value: unknown): 'too_deep' | 'too_large' | null => {
  if (typeof value !== 'object' || value === null) return null;
  const open: { readonly value: object; readonly depth: number }[] = [{ value, depth: 1 }];
  let values = 1;
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.depth > DEEPEST) return 'too_deep';
    const parts: readonly unknown[] = Array.isArray(next.value) ? next.value : Object.values(next.value);
    values += parts.length;
    if (values > MOST_VALUES) return 'too_large';
    for (const part of parts) {
      if (typeof part === 'object' && part !== null) open.push({ value: part, depth: next.depth + 1 });
    }
  }
  return null;
};
