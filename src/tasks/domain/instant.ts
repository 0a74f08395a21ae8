/**
 * The instant of an event that is not stored yet.
 *
 * The database gives every event its time when it commits. Rows that are computed before the append carry this mark
 * where that time belongs (it becomes `infinity` on the way), and the database puts the real one in its place.
 */
export const PENDING = new Date(8_640_000_000_000_000);

/**
 * The mark for one append. A state that is evolved with it holds this very object, so setting its time after the append
 * puts the real one in every place.
 */
export const pendingInstant = (): Date => new Date(PENDING);

export const isPending = (instant: Date): boolean => instant.getTime() === PENDING.getTime();

/** When something is due: at an instant, or so many milliseconds after the append, by the database's clock. */
export type Due = { readonly at: Date } | { readonly inMs: number };

/** `ms` milliseconds after an instant that may be the append itself. */
export const after = (instant: Date, ms: number): Due =>
  isPending(instant) ? { inMs: ms } : { at: new Date(instant.getTime() + ms) };
