import { randomFillSync } from 'node:crypto';

/** How many are drawn at once. */
const BUNCH = 64;

/**
 * Makes a source of `bytes` random bytes each, a copy that is the caller's own. They are drawn many at a time, because
 * asking the system for a few costs as much as for all, and are wiped as they are handed out: nothing but what has not
 * been used yet lies here.
 */
export const randomBunches = (bytes: number): (() => Buffer) => {
  const drawn = Buffer.alloc(BUNCH * bytes);
  let used = drawn.length;
  return () => {
    if (used === drawn.length) {
      randomFillSync(drawn);
      used = 0;
    }
    const taken = Buffer.from(drawn.subarray(used, used + bytes));
    drawn.fill(0, used, used + bytes);
    used += bytes;
    return taken;
  };
};
