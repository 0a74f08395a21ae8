/** Time comes in from outside, so that tests can move it (backwards too). */
export interface Clock {
  /** Wall clock. May jump. */
  now(): Date;
  /** Milliseconds that only ever grow, for measuring spans within this process. */
  monotonic(): number;
}

/** Injection token of the process's clock. */
export const CLOCK = Symbol('Clock');

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
};
