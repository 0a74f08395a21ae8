/** Pauses that double from `firstMs` up to `lastMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The pause after this many failures, from 1. Up to half of it is taken off, so that many do not come back at once. */
export const pauseAfter = (failures: number, { firstMs, lastMs }: Backoff): number =>
  Math.min(firstMs * 2 ** (failures - 1), lastMs) * (0.5 + Math.random() / 2);
