/** Slower than this many times the slowest answer of late is taken for silence. */
const TIMES = 4;
/** A busy moment on either side is no silence. */
const LEAST_MS = 1_000;
/** How much of the slowest answer is forgotten with each quicker one. */
const FORGETTING = 0.05;

/**
 * How long a read is waited for that others wait behind.
 *
 * A task whose reads are never answered keeps a place busy for as long as it is waited for, and nobody knows beforehand
 * which tasks those are. So the wait follows what answers take: four times the slowest of late, at least a second, at most
 * the timeout of the call. Who can wait for longer does (the slow lane, the probes of a breaker); an answer to such a read
 * counts as well, so a provider that has become slow is met with more patience at once.
 */
export class Patience {
  private slowestMs: number | null = null;

  constructor(private readonly mostMs: number) {}

  get ms(): number {
    if (this.slowestMs === null) return this.mostMs;
    return Math.min(this.mostMs, Math.max(LEAST_MS, TIMES * this.slowestMs));
  }

  answered(afterMs: number): void {
    const before = this.slowestMs ?? 0;
    this.slowestMs = afterMs > before ? afterMs : before + (afterMs - before) * FORGETTING;
  }
}
