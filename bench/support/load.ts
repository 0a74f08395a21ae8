import autocannon from 'autocannon';

export interface LoadResult {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p97: number;
  readonly p99: number;
  readonly errors: number;
  readonly non2xx: number;
  /** What the first refused request was told. */
  readonly refusal: string | null;
}

export interface LoadOptions {
  readonly url: string;
  readonly seconds?: number;
  /** So many requests, however long they take; instead of `seconds`. */
  readonly amount?: number;
  readonly connections: number;
  /** The next request; called for each. */
  readonly next: () => {
    method: 'GET' | 'POST';
    path: string;
    body?: string;
    headers?: Record<string, string>;
  };
}

/** Closed-loop load from this process: so many connections, each sends its next request when it has the answer. */
export const load = async ({ url, seconds, amount, connections, next }: LoadOptions): Promise<LoadResult> => {
  let refusal: string | null = null;
  const result = await autocannon({
    url,
    connections,
    ...(amount === undefined ? { duration: seconds } : { amount }),
    requests: [
      {
        // A copy: the load generator writes a Content-Length into the headers it is given.
        setupRequest: (request) => {
          const { headers, ...rest } = next();
          return { ...request, ...rest, headers: { ...headers } };
        },
        onResponse: (status, body) => {
          if (status >= 300) refusal ??= `${status} ${body}`;
        },
      },
    ],
  });
  return {
    requestsPerSecond: result.requests.average,
    p50: result.latency.p50,
    p97: result.latency.p97_5,
    p99: result.latency.p99,
    errors: result.errors,
    non2xx: result.non2xx,
    refusal,
  };
};
