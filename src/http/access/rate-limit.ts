import { LRUCache } from 'lru-cache';
import { type Clock } from '../../shared/clock.js';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * A bucket of tokens per API key: it holds a minute's worth and refills evenly, so a burst passes and the mean holds.
 *
 * Per process: with several replicas behind one address the limit is that many times higher.
 */
export class RateLimit {
  private readonly buckets = new LRUCache<string, Bucket>({ max: 10_000 });
  private readonly perMs: number;

  constructor(
    readonly perMinute: number,
    private readonly clock: Clock,
  ) {
    this.perMs = perMinute / 60_000;
  }

  /** Takes a token; answers 0, or after how many whole seconds there will be one. */
  take(key: string): number {
    const now = this.clock.monotonic();
    let bucket = this.buckets.get(key);
    if (!bucket) this.buckets.set(key, (bucket = { tokens: this.perMinute, filledAt: now }));
    bucket.tokens = Math.min(this.perMinute, bucket.tokens + (now - bucket.filledAt) * this.perMs);
    bucket.filledAt = now;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / this.perMs / 1_000));
  }
}
