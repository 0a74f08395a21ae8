import pg from 'pg';
import { EventStoreUnavailableError } from '../event-store.errors.js';
import { Doorbell } from './doorbell.js';
import { SubscriptionBehindError } from './subscription.errors.js';

/** At most one notification in so many milliseconds: a commit with a notification takes a lock of the whole database. */
const PAUSE_MS = 20;

/** Tells waiting processes that checkpoints moved, often enough and not more often. */
export class ProgressBell {
  private readonly moved = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: pg.Pool,
    private readonly schema: string,
  ) {}

  /** The first of a series is told at once. */
  ring(subscription: string): void {
    this.moved.add(subscription);
    if (this.timer !== null) return;
    this.send();
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.moved.size > 0) this.ring([...this.moved][0]!);
    }, PAUSE_MS);
  }

  /** Tells what is left to tell. */
  async close(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.moved.size > 0) this.send();
    await this.sending;
  }

  private send(): void {
    const names = [...this.moved];
    this.moved.clear();
    const text = `select pg_notify(${pg.escapeIdentifier(this.schema)}.subscription_channel(), name)
                    from unnest($1::text[]) name`;
    const before = this.sending;
    this.sending = this.pool.query(text, [names]).then(
      () => before,
      // Whoever waits looks for itself from time to time.
      () => before,
    );
  }
}

export interface ProgressWaiterOptions {
  readonly pool: pg.Pool;
  readonly schema: string;
  /** For a connection that listens while somebody waits. */
  readonly connection: pg.ClientConfig;
  /** Between two looks when no notification comes, milliseconds. */
  readonly pollMs: number;
}

interface Waiting {
  readonly subscription: string;
  readonly position: number;
  readonly resolve: () => void;
}

/** The connection is kept so long for the next one who waits. */
const LINGER_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;

/**
 * Waits until subscriptions have come to a position. One connection listens for all who wait in this process, and one
 * query looks for all of them.
 *
 * Life: idle → (somebody has to wait) looking, at each notification and each `pollMs` → (nobody waits for a while) idle.
 */
export class ProgressWaiter {
  private readonly waiting = new Set<Waiting>();
  private readonly bell = new Doorbell();
  private readonly closing = new AbortController();
  private watching: Promise<void> | null = null;
  private client: pg.Client | null = null;

  constructor(private readonly options: ProgressWaiterOptions) {}

  /** See Subscriptions.waitFor. */
  async waitFor(subscription: string, position: number, timeoutMs: number): Promise<void> {
    if (((await this.positions([subscription])).get(subscription) ?? -1) >= position) return;
    if (this.closing.signal.aborted) throw closed();
    await new Promise<void>((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        this.closing.signal.removeEventListener('abort', onClose);
        this.waiting.delete(entry);
        end();
      };
      const giveUp = async (): Promise<void> => {
        const reached = (await this.positions([subscription]).catch(() => null))?.get(subscription) ?? null;
        if (reached !== null && reached >= position) entry.resolve();
        else settle(() => reject(new SubscriptionBehindError(subscription, position, reached, timeoutMs)));
      };
      const onClose = (): void => settle(() => reject(closed()));
      const timer = setTimeout(() => void giveUp(), timeoutMs);
      const entry: Waiting = { subscription, position, resolve: () => settle(resolve) };
      this.closing.signal.addEventListener('abort', onClose, { once: true });
      this.waiting.add(entry);
      this.bell.ring();
      this.watching ??= this.watch().finally(() => (this.watching = null));
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.watching;
  }

  /** Never rejects. */
  private async watch(): Promise<void> {
    const { signal } = this.closing;
    let idleSince = performance.now();
    while (!signal.aborted && (this.waiting.size > 0 || performance.now() - idleSince < LINGER_MS)) {
      if (this.waiting.size > 0) {
        this.client ??= await this.listen();
        await this.look().catch(() => undefined);
        idleSince = performance.now();
      }
      await this.bell.sleep(this.waiting.size > 0 ? this.options.pollMs : LINGER_MS, signal);
    }
    await this.client?.end().catch(() => undefined);
    this.client = null;
  }

  private async look(): Promise<void> {
    const positions = await this.positions([
      ...new Set([...this.waiting].map((entry) => entry.subscription)),
    ]);
    for (const entry of [...this.waiting]) {
      if ((positions.get(entry.subscription) ?? -1) >= entry.position) entry.resolve();
    }
  }

  /** How far the slowest shard of each is. */
  private async positions(subscriptions: readonly string[]): Promise<Map<string, number>> {
    const { rows } = await this.options.pool.query<{ subscription: string; position: string }>(
      `select subscription, min(position) as position from ${this.schema}.subscription_shard
        where subscription = any($1) group by subscription`,
      [subscriptions],
    );
    return new Map(rows.map((row) => [row.subscription, Number(row.position)]));
  }

  /** Null when it cannot be had: then looking now and then must do. */
  private async listen(): Promise<pg.Client | null> {
    const client = new pg.Client({
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      keepAlive: true,
      ...this.options.connection,
      application_name: 'genledger progress',
      query_timeout: ANSWER_WITHIN_MS,
    });
    const drop = (): void => {
      if (this.client === client) this.client = null;
    };
    client.on('error', drop);
    client.on('end', drop);
    client.on('notification', ({ payload }) => {
      if ([...this.waiting].some((entry) => entry.subscription === payload)) this.bell.ring();
    });
    try {
      await client.connect();
      const { rows } = await client.query<{ channel: string }>(
        `select ${this.schema}.subscription_channel() as channel`,
      );
      await client.query(`listen ${pg.escapeIdentifier(rows[0]!.channel)}`);
      return client;
    } catch {
      await client.end().catch(() => undefined);
      return null;
    }
  }

  private get schema(): string {
    return pg.escapeIdentifier(this.options.schema);
  }
}

const closed = (): EventStoreUnavailableError =>
  new EventStoreUnavailableError('The process is shutting down.', true);
