/** Of the operating system, while a connection is made or used. */
const SYSTEM_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** SQLSTATE classes: connection exception, insufficient resources, operator intervention (shutdown, cancelled by timeout). */
const SQLSTATE_CLASSES = /^(08|53|57)[0-9A-Z]{3}$/;

/** The driver gives these no code. */
const DRIVER_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Cannot use a pool after)/;

/** True for errors that say "the database cannot be used just now", however deep they are wrapped: retrying may help. */
export const isDatabaseOutage = (error: unknown): boolean => {
  for (
    let cause: unknown = error, depth = 0;
    cause instanceof Error && depth < 10;
    cause = cause.cause, depth++
  ) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && (SYSTEM_CODES.has(code) || SQLSTATE_CLASSES.test(code))) return true;
    if (DRIVER_MESSAGES.test(cause.message)) return true;
    if (cause instanceof AggregateError && cause.errors.some(isDatabaseOutage)) return true;
  }
  return false;
};
