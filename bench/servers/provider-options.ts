/** What the provider of a benchmark is told, as JSON. Times in milliseconds. */
export interface ProviderOptions {
  readonly submitLatencyMs: number;
  readonly statusLatencyMs: number;
  /** Faults of the simulator, see its README. */
  readonly faults: readonly string[];
}
