import { type Clock } from '../../shared/clock.js';
import { type ProviderObserver } from '../../tasks/index.js';
import { ApidotOptionInvalidError } from './apidot.errors.js';
import { parseUrl } from '../../shared/parse-url.js';
import { type SharedPace } from './pace/shared-pace.js';

/** Settings of the provider client. All times in milliseconds. */
export interface ApidotOptions {
  /** Where the API is, http or https, with or without a path: `https://api.apidot.ai`. */
  readonly baseUrl: string;
  /** Sent as bearer; appears nowhere else. */
  readonly apiKey: string;
  /** From the start of connecting to the last byte of the answer. */
  readonly submitTimeoutMs: number;
  /** The same for status, detail and balance. */
  readonly statusTimeoutMs: number;
  /** Budget of the account over all operations; null: none. */
  readonly requestsPerMinute: number | null;
  /** First pause of the account after a 429 without `Retry-After`. */
  readonly submitRetryInitialMs: number;
  /** Longest of those pauses. */
  readonly submitRetryMaxMs: number;
  /** What this process shares with others of the same account. Default: it is alone, and the budget is its own. */
  readonly sharedPace?: SharedPace | null;
  /** Per operation: so many transport errors, timeouts and 5xx in a row stop it for so long. */
  readonly breaker: { readonly failures: number; readonly openMs: number };
  /** Metrics. Default: nobody is told. */
  readonly observer?: ProviderObserver;
  readonly clock: Clock;
  /** From 0 to below 1; spreads retries. */
  readonly random: () => number;
}

/** Injection token of the options. */
export const APIDOT_OPTIONS = Symbol('ApidotOptions');

/**
 * Refuses options that would fail in every call, where each failure would look like an outage.
 *
 * @throws ApidotOptionInvalidError
 */
export const checkOptions = (options: ApidotOptions): void => {
  if (!isBaseUrl(options.baseUrl)) {
    throw new ApidotOptionInvalidError('baseUrl', 'an http or https URL without user, query and fragment');
  }
  // What is legal in an "Authorization: Bearer" header and survives every proxy unchanged.
  if (!/^[\x21-\x7e]+$/.test(options.apiKey)) {
    throw new ApidotOptionInvalidError('apiKey', 'visible ASCII characters without spaces');
  }
  const positive = {
    submitTimeoutMs: options.submitTimeoutMs,
    statusTimeoutMs: options.statusTimeoutMs,
    requestsPerMinute: options.requestsPerMinute ?? 1,
    submitRetryInitialMs: options.submitRetryInitialMs,
    submitRetryMaxMs: options.submitRetryMaxMs,
    'breaker.failures': options.breaker.failures,
    'breaker.openMs': options.breaker.openMs,
  };
  for (const [option, value] of Object.entries(positive)) {
    if (!Number.isInteger(value) || value < 1)
      throw new ApidotOptionInvalidError(option, 'a whole number from 1');
  }
};

const isBaseUrl = (text: string): boolean => {
  const url = parseUrl(text);
  if (!url) return false;
  return /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === '';
};
