/** How long each of many calls took. */
export class Timings {
  private readonly all: number[] = [];

  add(milliseconds: number): void {
    this.all.push(milliseconds);
  }

  get count(): number {
    return this.all.length;
  }

  /** Milliseconds. */
  summary(): Percentiles {
    const sorted = Float64Array.from(this.all).sort();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}
