/** Injection token of the clock keys expire by. */
export const ACCESS_CLOCK = Symbol('AccessClock');
