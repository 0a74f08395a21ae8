import { type Lease, type SharedPace } from './shared-pace.js';

/** What is known of the account's pause is at most this old when a call is made. */
const NEWS_LIFE_MS = 500;
/** What is shared lies one short statement away; without an answer in this time it is out of reach. */
const ANSWER_WITHIN_MS = 1_000;
/** Without an answer nothing is taken from the budget, for this long. */
const UNREACHABLE_RETRY_MS = 1_000;

export interface SharedAccountOptions {
  readonly shared: SharedPace;
  readonly account: string;
  /** Budget of the account; null: none, only the pause is shared. */
  readonly requestsPerMinute: number | null;
  /** Milliseconds on a scale that does not go back. */
  readonly now: () => number;
  /** Told what is left of the account's pause, whenever it is read and there is one. */
  readonly onPause: (leftMs: number) => void;
}

/**
 * This process's dealings with what all processes of the account share.
 *
 * Tokens are leased when somebody waits for one, for all who wait at that moment together, and never in advance: an idle
 * process holds none, and a call costs its token at the moment it is made. Of a lease nobody gets more than a second of
 * the budget, so that those who ask by turns share it. While the budget is used up the question is not asked again.
 *
 * Out of reach, the budget grants nothing (nobody knows what the others use), and the pause stays what it was.
 */
export class SharedAccount {
  private readonly mostAtOnce: number;
  private waiting: ((waitMs: number) => void)[] = [];
  private isLeasing = false;
  private emptyUntil = Number.NEGATIVE_INFINITY;
  private heardAt = Number.NEGATIVE_INFINITY;
  private hearing: Promise<void> | null = null;

  constructor(private readonly options: SharedAccountOptions) {
    this.mostAtOnce = Math.ceil((options.requestsPerMinute ?? 0) / 60);
  }

  /**
   * Resolves when what is known of the pause is recent, or cannot be had. Never rejects. With a budget there is nothing to
   * wait for: each lease tells of the pause.
   */
  async hearPause(): Promise<void> {
    const { requestsPerMinute, now } = this.options;
    if (requestsPerMinute !== null) return;
    if (this.hearing === null && now() - this.heardAt < NEWS_LIFE_MS) return;
    this.hearing ??= this.askForPause().finally(() => (this.hearing = null));
    await this.hearing;
  }

  /** 0 when a token of the budget was taken (or there is no budget), else the milliseconds until it is worth asking again. */
  takeToken(): Promise<number> {
    if (this.options.requestsPerMinute === null) return Promise.resolve(0);
    const left = this.emptyUntil - this.options.now();
    if (left > 0) return Promise.resolve(left);
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (!this.isLeasing) void this.leaseForAll();
    });
  }

  /** Tells the others. Lost when they cannot be reached: they will be told by their own 429. */
  tellPause(forMs: number): void {
    const { shared, account } = this.options;
    void answered(shared.pause(account, forMs)).catch(() => undefined);
  }

  private async askForPause(): Promise<void> {
    const { shared, account, now } = this.options;
    this.heardAt = now();
    await answered(shared.pauseLeft(account)).then(
      (leftMs) => this.hear(leftMs),
      () => undefined,
    );
  }

  private async leaseForAll(): Promise<void> {
    this.isLeasing = true;
    // Let the others of this turn join.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const wanted = Math.min(this.waiting.length, this.mostAtOnce);
      const { granted, retryInMs, pausedForMs } = await this.lease(wanted);
      this.hear(pausedForMs);
      for (const grant of this.waiting.splice(0, granted)) grant(0);
      if (granted < wanted) this.sendAway(retryInMs);
    }
    this.isLeasing = false;
  }

  private sendAway(retryInMs: number): void {
    this.emptyUntil = this.options.now() + retryInMs;
    for (const refuse of this.waiting.splice(0)) refuse(retryInMs);
  }

  private async lease(wanted: number): Promise<Lease> {
    const { shared, account, requestsPerMinute } = this.options;
    return answered(shared.lease(account, requestsPerMinute!, wanted)).catch(() => ({
      granted: 0,
      retryInMs: UNREACHABLE_RETRY_MS,
      pausedForMs: 0,
    }));
  }

  private hear(leftMs: number): void {
    if (leftMs > 0) this.options.onPause(leftMs);
  }
}

const answered = async <T>(asked: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ANSWER_WITHIN_MS);
  });
  return Promise.race([asked, tooLate]).finally(() => clearTimeout(timer));
};
