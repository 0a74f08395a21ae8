/** How long the end of a process waits for a last write that nobody needs. */
export const LAST_WRITE_MS = 2_000;

/** Resolves when the work is done, or after so many milliseconds; the work goes on. @throws what the work throws by then */
export const withDeadline = async (work: Promise<unknown>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  } finally {
    clearTimeout(timer);
  }
};
