import { LRUCache } from 'lru-cache';
import { type Clock } from '../shared/clock.js';

/** Wrong tokens an address may try within the window before it is told to wait. */
export const WRONG_TOKENS = 60;
const WINDOW_MS = 60_000;

/** Counts wrong tokens per address. Addresses nobody heard of for long are forgotten. */
export class WrongTokenLimit {
  private readonly windows = new LRUCache<string, { count: number; endsAt: number }>({ max: 10_000 });

  constructor(private readonly clock: Clock) {}

  /** Counts one; answers how many seconds the address has to wait, 0 while it is within the limit. */
  count(address: string): number {
    const now = this.clock.monotonic();
    const known = this.windows.get(address);
    const window = known && known.endsAt > now ? known : { count: 0, endsAt: now + WINDOW_MS };
    window.count++;
    if (window !== known) this.windows.set(address, window);
    return window.count > WRONG_TOKENS ? Math.ceil((window.endsAt - now) / 1_000) : 0;
  }
}
