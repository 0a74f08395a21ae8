/**
 * Awaited between two costly steps of something that many callers do at once: each of them has done the first step before
 * any does the second, so code and data of a step stay in the processor's caches while all of them need it.
 *
 * Costs a microtask. Nothing else happens in between: no I/O, no timer.
 */
export const inStep: Promise<void> = Promise.resolve();
