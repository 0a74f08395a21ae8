import { type Admission, type Operation } from '../../../tasks/index.js';
import { Breaker, type BreakerGrant, type BreakerOptions } from './breaker.js';
import { type CallResult, NO_EVIDENCE } from './call-result.js';
import { Pace, type PaceGrant, type PaceOptions } from './pace.js';
import { SharedAccount } from './shared-account.js';
import { type SharedPace } from './shared-pace.js';

type Refused = Extract<Admission, { granted: false }>;

/** Permission for one call that is about to be made. */
export interface Ticket {
  readonly granted: true;
  /** Must be called exactly once, when the call is over. */
  conclude(result: CallResult): void;
}

interface Grant {
  readonly breaker: BreakerGrant;
  readonly pace: PaceGrant;
  /** When an unused grant is lost. */
  readonly expires: number;
}

/**
 * A grant is used right after the record of the attempt is written, or not at all when five seconds have passed or the
 * task was cancelled in between; what waits longer was forgotten.
 */
const GRANT_LIFE_MS = 10_000;

const OPERATIONS: readonly Operation[] = ['submit', 'status'];

/** Whom this process shares the account with. */
export interface Sharing {
  readonly pace: SharedPace;
  readonly account: string;
}

/** Spreads those who were told to come back over a fifth of the wait, so that they do not return together. */
const SPREAD = 0.2;

/**
 * May a call be made now: one pace for the account, one breaker per operation.
 *
 * `admit` answers before any effort is made and keeps the grant; the next `begin` of that operation uses the oldest one
 * kept. A call without a kept grant asks for itself, so a forgotten `admit` cannot exceed the budget and an early one
 * is not charged twice.
 *
 * With `sharing`, budget and pause are those of all processes of the account. The breakers stay this process's own: a
 * pause is what the provider said of the account, a failure may be the fault of the way from here to there.
 */
export class Admissions {
  private readonly pace: Pace;
  private readonly others: SharedAccount | null;
  private readonly breakers: Record<Operation, Breaker>;
  private readonly kept: Record<Operation, Grant[]> = { submit: [], status: [] };

  constructor(
    pace: PaceOptions,
    breaker: BreakerOptions,
    private readonly now: () => number,
    private readonly random: () => number,
    sharing: Sharing | null = null,
  ) {
    const { requestsPerMinute } = pace;
    this.pace = new Pace(sharing ? { ...pace, requestsPerMinute: null } : pace);
    this.others =
      sharing &&
      new SharedAccount({
        shared: sharing.pace,
        account: sharing.account,
        requestsPerMinute,
        now,
        onPause: (leftMs) => this.pace.pauseElsewhere(leftMs, this.now()),
      });
    this.breakers = { submit: new Breaker(breaker), status: new Breaker(breaker) };
  }

  async admit(operation: Operation): Promise<Admission> {
    this.dropExpired();
    const asked = await this.ask(operation);
    if ('granted' in asked) return asked;
    this.kept[operation].push(asked);
    return { granted: true };
  }

  async begin(operation: Operation): Promise<Ticket | Refused> {
    this.dropExpired();
    const grant = this.kept[operation].shift() ?? (await this.ask(operation));
    if ('granted' in grant) return grant;
    return { granted: true, conclude: (result) => this.conclude(operation, grant, result) };
  }

  /** For health and metrics. */
  breakerMode(operation: Operation): Breaker['mode'] {
    return this.breakers[operation].mode;
  }

  /** For health and metrics: milliseconds until the account's pause ends. */
  pauseLeft(): number {
    return this.pace.pauseLeft(this.now());
  }

  private async ask(operation: Operation): Promise<Grant | Refused> {
    await this.others?.hearPause();
    const now = this.now();
    // The breaker first: a call that it stops must not cost a token.
    const breaker = this.breakers[operation].admit(now);
    if (!breaker.granted) return this.refuse('breaker_open', breaker.retryInMs);
    const pace = this.pace.admit(now);
    if (!pace.granted) {
      this.breakers[operation].conclude(breaker.grant, NO_EVIDENCE, now);
      return this.refuse(pace.reason, pace.retryInMs);
    }
    const grant = { breaker: breaker.grant, pace: pace.grant, expires: now + GRANT_LIFE_MS };
    return (await this.refusalByOthers(operation, grant)) ?? grant;
  }

  /** Null when the call may be made as far as the other processes are concerned. */
  private async refusalByOthers(operation: Operation, grant: Grant): Promise<Refused | null> {
    const wait = (await this.others?.takeToken()) ?? 0;
    const isPaused = !this.pace.isCurrent(grant.pace);
    if (wait === 0 && !isPaused) return null;
    this.conclude(operation, grant, NO_EVIDENCE);
    return this.refuse(isPaused ? 'slowed_down' : 'rate', Math.max(wait, this.pauseLeft()));
  }

  private refuse(reason: Refused['reason'], retryInMs: number): Refused {
    return { granted: false, reason, retryInMs: Math.ceil(retryInMs * (1 + SPREAD * this.random())) };
  }

  private conclude(operation: Operation, grant: Grant, result: CallResult): void {
    const now = this.now();
    this.breakers[operation].conclude(grant.breaker, result, now);
    const before = this.pace.pauseLeft(now);
    this.pace.conclude(grant.pace, result, now);
    const after = this.pace.pauseLeft(now);
    if (after > before) this.others?.tellPause(after);
  }

  /** Of all operations: the place on the ramp that an unused one holds is missed by the others. */
  private dropExpired(): void {
    const now = this.now();
    for (const operation of OPERATIONS) {
      const kept = this.kept[operation];
      while (kept.length > 0 && kept[0]!.expires <= now) {
        this.conclude(operation, kept.shift()!, NO_EVIDENCE);
      }
    }
  }
}
