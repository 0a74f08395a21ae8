/** What the HTTP room needs to know. */
export interface HttpOptions {
  /** Requests per minute and API key; all of them may come at once. */
  readonly rateLimitPerMinute: number;
  /** Assumed life of result URLs, milliseconds: `result.expires_at` is `completed_at` plus this. */
  readonly resultTtlMs: number;
  /** Take notify URLs that name hosts of this network (tests, closed networks). Default: false. */
  readonly allowPrivateNotifyUrls?: boolean;
  /** Browsers are told to come by https only. For servers whose callers do. Default: false. */
  readonly strictTransport?: boolean;
  /** What `/metrics` wants as bearer; null: it is open. */
  readonly metricsToken: string | null;
  /** Shown in the OpenAPI document and by `/health/live`. */
  readonly version: string;
  /** How long requests under way may take when the server closes, milliseconds. Default 40 s. */
  readonly drainMs?: number;
  /** Longest request body, bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Requests that may wait for the feed at once. Default 1,000. */
  readonly maxWaiting?: number;
  readonly health?: HealthOptions;
}

/** What readiness looks at besides the log. Names appear in the answer, so they are no secrets. */
export interface HealthOptions {
  /** Each resolves with null when all is well, else with the reason in a few words. Rejecting counts as a reason too. */
  readonly checks?: Readonly<Record<string, () => Promise<string | null>>>;
  /** Each answers null, or why this process works with less than usual although it is ready. */
  readonly degradations?: readonly (() => string | null)[];
}

/** Injection token of the HttpOptions. */
export const HTTP_OPTIONS = Symbol('HttpOptions');

export const DEFAULT_DRAIN_MS = 40_000;
export const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
