import { LRUCache } from 'lru-cache';
import { type Clock } from '../shared/clock.js';
import { type ApiKey } from './api-key.js';

/** The longest a revoked key is still let in by a replica that saw it just before. */
export const KEY_CACHE_MS = 3_000;

interface Entry {
  readonly key: Promise<ApiKey | null>;
  readonly until: number;
}

/**
 * What was found under a digest a moment ago, also that nothing was found.
 *
 * Requests that ask while a lookup is under way share it, so a burst costs one query. A failed lookup is not kept.
 */
export class KeyCache {
  private readonly entries = new LRUCache<string, Entry>({ max: 10_000 });

  constructor(
    private readonly find: (digest: Buffer) => Promise<ApiKey | null>,
    private readonly clock: Clock,
  ) {}

  get(digest: Buffer): Promise<ApiKey | null> {
    const name = digest.toString('latin1');
    const known = this.entries.get(name);
    if (known && known.until > this.clock.monotonic()) return known.key;
    const entry: Entry = { key: this.find(digest), until: this.clock.monotonic() + KEY_CACHE_MS };
    this.entries.set(name, entry);
    entry.key.catch(() => {
      if (this.entries.get(name) === entry) this.entries.delete(name);
    });
    return entry.key;
  }

  clear(): void {
    this.entries.clear();
  }
}
