/** A scrape does not wait longer for a number from the database. */
const PATIENCE_MS = 2_000;

/**
 * A value that costs something to get, fetched at most once in `lifeMs`, whoever asks and however often. Answers null
 * when it has never been fetched, and the last value when it cannot be fetched now: a database that is away or slow must
 * not take the other metrics with it.
 */
export const recent = <T>(lifeMs: number, fetch: () => Promise<T>): (() => Promise<T | null>) => {
  let last: T | null = null;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | null = null;
  const refresh = async (): Promise<void> => {
    try {
      last = await fetch();
      fetchedAt = performance.now();
    } catch {
      // The next scrape tries again.
    } finally {
      fetching = null;
    }
  };
  return async () => {
    if (performance.now() - fetchedAt < lifeMs) return last;
    fetching ??= refresh();
    await withPatience(fetching);
    return last;
  };
};

const withPatience = async (work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)))]);
  clearTimeout(timer);
};
