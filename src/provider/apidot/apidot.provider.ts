import { createHash } from 'node:crypto';
import {
  type Admission,
  type CallbackReading,
  type Operation,
  Provider,
  type ProviderReport,
  type StatusReading,
  type SubmitCall,
  type SubmitOutcome,
} from '../../tasks/index.js';
import { type ApidotOptions, checkOptions } from './apidot.options.js';
import { Connections } from './http/connections.js';
import { exchange, type Exchange } from './http/exchange.js';
import { resultOfStatus, resultOfSubmit } from './outcomes/call-results.js';
import { readStatus } from './outcomes/status-reading.js';
import { readSubmitOutcome } from './outcomes/submit-outcome.js';
import { Admissions } from './pace/admissions.js';
import { type Breaker } from './pace/breaker.js';
import { NO_EVIDENCE } from './pace/call-result.js';
import { Patience } from './pace/patience.js';
import { readCallback } from './wire/callback.js';
import { parseBody } from './wire/provider-body.js';
import { isUsableTaskId } from './wire/provider-task-id.js';
import { readBalance } from './wire/balance.js';

/** How the provider looks from here, for health and metrics. */
export interface ApidotCondition {
  readonly breakers: Readonly<Record<Operation, Breaker['mode']>>;
  /** Milliseconds until the pause after a 429 ends; 0: none. */
  readonly pausedForMs: number;
}

export interface StatusOptions {
  /**
   * False for tasks known to hang: their timeouts say nothing about the others. Default true.
   */
  readonly countsForBreaker?: boolean;
  /** True: waits for the whole timeout, however quick answers have been of late. Default false. */
  readonly isPatient?: boolean;
}

/**
 * The APIDot API over HTTP.
 *
 * Logs nothing and keeps nothing of what it carries: outcomes hold what a caller needs, and the key leaves only in the
 * `Authorization` header. Safe for concurrent use.
 */
export class ApidotProvider extends Provider {
  override readonly name = 'apidot';
  override readonly account: string;
  private readonly base: string;
  private readonly connections: Connections;
  private readonly admissions: Admissions;
  private readonly patience: Patience;

  /** @throws ApidotOptionInvalidError an option cannot work */
  constructor(private readonly options: ApidotOptions) {
    super();
    checkOptions(options);
    const url = new URL(options.baseUrl);
    this.base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    this.account = accountOf(options.apiKey);
    this.connections = new Connections(url.origin);
    this.patience = new Patience(options.statusTimeoutMs);
    this.admissions = new Admissions(
      {
        requestsPerMinute: options.requestsPerMinute,
        slowInitialMs: options.submitRetryInitialMs,
        slowMaxMs: options.submitRetryMaxMs,
      },
      options.breaker,
      () => options.clock.monotonic(),
      options.random,
      options.sharedPace ? { pace: options.sharedPace, account: this.account } : null,
    );
  }

  override admit(operation: Operation): Promise<Admission> {
    return this.admissions.admit(operation);
  }

  override async submit(call: SubmitCall): Promise<SubmitOutcome> {
    const body = JSON.stringify({
      model: call.model,
      ...(call.callbackUrl === null ? {} : { callback_url: call.callbackUrl }),
      input: call.input,
    });
    const ticket = await this.admissions.begin('submit');
    if (!ticket.granted) {
      const reason = ticket.reason === 'breaker_open' ? 'breaker_open' : 'not_sent';
      return { kind: 'deferred', reason, retryAfterMs: ticket.retryInMs, message: null };
    }
    const startedAt = this.options.clock.monotonic();
    const answer = await this.connections.fresh((dispatcher) =>
      exchange({
        method: 'POST',
        url: `${this.base}/api/generate/submit`,
        headers: { ...this.headers(), 'content-type': 'application/json' },
        body,
        timeoutMs: this.options.submitTimeoutMs,
        dispatcher,
        mayStart: call.mayStart,
      }),
    );
    const outcome = readSubmitOutcome(answer, this.options.clock.now());
    ticket.conclude(resultOfSubmit(outcome));
    this.tell('submit', 'reason' in outcome ? outcome.reason : outcome.kind, startedAt);
    return 'message' in outcome ? { ...outcome, message: this.withoutKey(outcome.message) } : outcome;
  }

  override async status(providerTaskId: string, options?: StatusOptions): Promise<StatusReading> {
    return this.read(providerTaskId, `/api/generate/status/${encodeURIComponent(providerTaskId)}`, options);
  }

  /** The music detail, with `providerFileId` (the provider's `audio_id`) on its files. */
  override async detail(providerTaskId: string, options?: StatusOptions): Promise<StatusReading> {
    const query = `task_id=${encodeURIComponent(providerTaskId)}`;
    return this.read(providerTaskId, `/api/generate/detail/music?${query}`, options);
  }

  override readCallback(body: Buffer): CallbackReading {
    const reading = readCallback(body);
    if (reading.kind === 'report') this.noticeWord(reading.report);
    return reading;
  }

  /** Whether APIDot serves this call is not documented; its failures therefore never open the breaker. */
  override async balance(): Promise<number | null> {
    const ticket = await this.admissions.begin('status');
    if (!ticket.granted) return null;
    const answer = await this.get('/api/user/balance');
    const isLimited = answer.kind === 'answer' && answer.httpStatus === 429;
    ticket.conclude(isLimited ? { kind: 'limited', retryAfterMs: null } : NO_EVIDENCE);
    return answer.kind === 'answer' ? readBalance(answer.httpStatus, parseBody(answer.body)) : null;
  }

  condition(): ApidotCondition {
    return {
      breakers: {
        submit: this.admissions.breakerMode('submit'),
        status: this.admissions.breakerMode('status'),
      },
      pausedForMs: Math.ceil(this.admissions.pauseLeft()),
    };
  }

  /** Waits for reads under way, then closes kept connections. Submits own theirs and finish by themselves. */
  async close(): Promise<void> {
    await this.connections.close();
  }

  private async read(providerTaskId: string, path: string, options?: StatusOptions): Promise<StatusReading> {
    // Ids come from outside: `..` would be another path.
    if (!isUsableTaskId(providerTaskId)) return NOT_ASKED;
    const ticket = await this.admissions.begin('status');
    if (!ticket.granted) return { ...NOT_ASKED, retryAfterMs: ticket.retryInMs };
    const startedAt = this.options.clock.monotonic();
    const answer = await this.get(path, this.timeoutOf(options));
    if (answer.kind === 'answer') this.patience.answered(this.options.clock.monotonic() - startedAt);
    const reading = readStatus(answer, providerTaskId, this.options.clock.now());
    const result = resultOfStatus(reading);
    const counts = options?.countsForBreaker !== false || result.kind !== 'failed';
    ticket.conclude(counts ? result : NO_EVIDENCE);
    this.tell('status', reading.kind === 'read' ? reading.report.status : reading.class, startedAt);
    if (reading.kind === 'unread') return reading;
    this.noticeWord(reading.report);
    return { kind: 'read', report: { ...reading.report, message: this.withoutKey(reading.report.message) } };
  }

  private tell(operation: Operation, outcome: string, startedAt: number): void {
    const durationMs = this.options.clock.monotonic() - startedAt;
    this.options.observer?.callEnded?.({ operation, outcome, durationMs });
  }

  private noticeWord({ knownWord, rawStatus }: ProviderReport): void {
    if (!knownWord) this.options.observer?.unknownStatusWord?.(rawStatus);
  }

  /** A probe is not hurried: a provider that has become slow must be able to pass it. */
  private timeoutOf(options?: StatusOptions): number {
    const isHurried = options?.isPatient !== true && this.admissions.breakerMode('status') === 'closed';
    return isHurried ? this.patience.ms : this.options.statusTimeoutMs;
  }

  private get(path: string, timeoutMs = this.options.statusTimeoutMs): Promise<Exchange> {
    return exchange({
      method: 'GET',
      url: `${this.base}${path}`,
      headers: this.headers(),
      timeoutMs,
      dispatcher: this.connections.shared,
      mayStart: () => true,
    });
  }

  private headers(): Record<string, string> {
    return {
      authorization: `Bearer ${this.options.apiKey}`,
      accept: 'application/json',
      'user-agent': 'genledger',
    };
  }

  /** An error text may quote the key it refuses. */
  private withoutKey(message: string | null): string | null {
    return message?.replaceAll(this.options.apiKey, '[key]') ?? null;
  }
}

const NOT_ASKED = { kind: 'unread', class: 'not_asked', httpStatus: null, retryAfterMs: null } as const;

/** A key with enough entropy cannot be found back from 64 bits of its hash; the prefix keeps it apart from other uses. */
const accountOf = (apiKey: string): string =>
  createHash('sha256').update(`genledger:apidot-account:v1:${apiKey}`).digest('hex').slice(0, 16);
