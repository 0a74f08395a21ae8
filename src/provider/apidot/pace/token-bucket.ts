/**
 * At most `perMinute` tokens in any minute, spread over it, with small bursts of a tenth.
 *
 * The limit is meant literally, also for the first minute: size and refill together never exceed it. Time is passed
 * in, in milliseconds; going back gives no tokens and takes none.
 */
export class TokenBucket {
  private readonly size: number;
  private readonly perMs: number;
  private tokens: number;
  private countedTo: number | null = null;

  constructor(perMinute: number) {
    this.size = Math.max(1, Math.floor(perMinute / 10));
    // In a window of a minute the whole bucket goes, and then what is refilled within it, which is just below
    // `perMinute - size + 1`: together never more than `perMinute`.
    this.perMs = (perMinute - this.size + 1) / 60_000;
    this.tokens = this.size;
  }

  /** 0 when a token was taken, else the milliseconds until there will be one. */
  take(now: number): number {
    const elapsed = Math.max(0, now - (this.countedTo ?? now));
    this.tokens = Math.min(this.size, this.tokens + elapsed * this.perMs);
    this.countedTo = Math.max(now, this.countedTo ?? now);
    if (this.tokens < 1) return Math.max(1, (1 - this.tokens) / this.perMs);
    this.tokens -= 1;
    return 0;
  }
}
