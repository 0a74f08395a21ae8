/** What was seen of the server at a moment. */
export interface Sample {
  /** Since the steady load began. */
  readonly atMs: number;
  readonly residentMiB: number;
  readonly heapMiB: number;
  readonly loopDelayMs: number;
  readonly connections: number;
  readonly timers: number;
  readonly timerTableMiB: number;
  readonly lives: number;
}

/** Shorter, and compiler, caches and pools are still getting warm: memory is told, not judged. */
export const JUDGED_FROM_MS = 5 * 60_000;
/** Memory may grow by this share of its mean over the second half of the run. */
export const ALLOWED_GROWTH = 0.05;

export interface Growth {
  readonly name: string;
  readonly meanMiB: number;
  /** Over the second half, by a straight line through its samples. */
  readonly grewMiB: number;
  readonly isFlat: boolean;
}

/** Of the second half: how memory went, by the line of least squares, so that one collection more or less is nothing. */
export const growthOf = (
  name: string,
  samples: readonly Sample[],
  of: (sample: Sample) => number,
): Growth => {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = average(half.map(of));
  const meanAt = average(half.map(({ atMs }) => atMs));
  let [together, spread] = [0, 0];
  for (const sample of half) {
    together += (sample.atMs - meanAt) * (of(sample) - mean);
    spread += (sample.atMs - meanAt) ** 2;
  }
  const lengthMs = half.length < 2 ? 0 : half.at(-1)!.atMs - half[0]!.atMs;
  const grew = spread === 0 ? 0 : (together / spread) * lengthMs;
  return { name, meanMiB: round(mean), grewMiB: round(grew), isFlat: grew <= mean * ALLOWED_GROWTH };
};

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

const round = (value: number): number => Math.round(value * 10) / 10;
