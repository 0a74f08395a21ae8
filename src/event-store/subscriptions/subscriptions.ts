import type pg from 'pg';
import { type PostgresEventStore } from '../postgres-event-store.js';
import { type Backoff } from './backoff.js';
import { PageReader } from './page-reader.js';
import { PageTransactions } from './page-transaction.js';
import { ParkedStreams } from './parked-streams.js';
import { ProgressBell, ProgressWaiter } from './progress.js';
import { ShardRows } from './shard-rows.js';
import { Slots } from './slots.js';
import { SubscriptionOperator } from './subscription-operator.js';
import { SubscriptionRunner } from './subscription-runner.js';
import { InvalidSubscriptionError } from './subscription.errors.js';
import { settleSubscription, type SettledSubscription, type Subscription } from './subscription.js';
import { type SubscriptionsObserver } from './subscriptions.observer.js';

export interface SubscriptionsLimits {
  /**
   * How long a shard stays with a process that gives no sign of life, milliseconds; by the database's clock. So long the
   * shards of a killed process stand still. Default 10,000.
   */
  readonly leaseMs?: number;
  /** Between two looks for new events when no notification comes, milliseconds. Default 1,000. */
  readonly pollMs?: number;
  /** Pages that this process handles at a time, each with a connection of the pool. Default 4. */
  readonly maxPagesAtOnce?: number;
  /** Pauses between attempts of one event, before its stream is parked. Default from 100 ms to 5 s. */
  readonly retry?: Backoff;
  /** Pauses between attempts of a parked stream. Default from 30 s to 1 h. */
  readonly parkedRetry?: Backoff;
  /** The longest {@link Subscriptions.stop} waits for pages in hand, milliseconds; then they are rolled back. Default 10,000. */
  readonly stopWithinMs?: number;
}

export interface SubscriptionsOptions extends SubscriptionsLimits {
  /** Schema that holds the tables of migrations 1 and 6. */
  readonly schema: string;
  /** For reads and for the transactions of pages. Not closed here. */
  readonly pool: pg.Pool;
  /** For a connection of our own that listens while somebody waits. */
  readonly connection: pg.ClientConfig;
  readonly observer?: SubscriptionsObserver;
}

/**
 * Checkpointed subscriptions to the log in PostgreSQL; see {@link Subscription} for what a reader is promised.
 *
 * Any number of processes may run the same subscriptions on one database: they share the shards.
 */
export class Subscriptions {
  private readonly declared = new Map<string, SettledSubscription>();
  private readonly runner: SubscriptionRunner;
  private readonly bell: ProgressBell;
  private readonly waiter: ProgressWaiter;
  private readonly operator: SubscriptionOperator;

  constructor(store: PostgresEventStore, options: SubscriptionsOptions) {
    const { schema, pool, connection } = options;
    const leaseMs = options.leaseMs ?? 10_000;
    const pollMs = options.pollMs ?? 1_000;
    this.bell = new ProgressBell(pool, schema);
    this.waiter = new ProgressWaiter({ pool, schema, connection, pollMs: Math.min(pollMs, 250) });
    this.operator = new SubscriptionOperator(pool, schema);
    const tools = {
      rows: new ShardRows(pool, schema),
      pages: new PageReader(pool, schema),
      transactions: new PageTransactions(pool, { schema, leaseMs }),
      parked: new ParkedStreams(pool, schema),
      slots: new Slots(options.maxPagesAtOnce ?? 4),
      observer: options.observer ?? {},
      onMoved: (subscription: string) => this.bell.ring(subscription),
      pollMs,
      retry: options.retry ?? { firstMs: 100, lastMs: 5_000 },
      parkedRetry: options.parkedRetry ?? { firstMs: 30_000, lastMs: 3_600_000 },
    };
    const stopWithinMs = options.stopWithinMs ?? 10_000;
    this.runner = new SubscriptionRunner(store, tools, { leaseMs, stopWithinMs });
  }

  /** As operators see it: the name under which this process holds leases. */
  get worker(): string {
    return this.runner.name;
  }

  /**
   * Makes a subscription known, before {@link start}.
   *
   * @throws InvalidSubscriptionError it cannot work as it is, or its name is taken
   */
  add(subscription: Subscription): void {
    const settled = settleSubscription(subscription);
    if (this.declared.has(settled.name))
      throw new InvalidSubscriptionError(settled.name, 'another one has the same name');
    this.declared.set(settled.name, settled);
  }

  /**
   * Begins to work on them, once.
   *
   * @throws InvalidSubscriptionError one was started before with another number of shards, or shall start behind the head
   */
  start(): Promise<void> {
    return this.runner.start([...this.declared.values()]);
  }

  /** Ends the pages in hand, gives shards back so that others take them at once, and closes connections. Never rejects. */
  async stop(): Promise<void> {
    await this.runner.stop();
    await Promise.all([this.bell.close(), this.waiter.close()]);
  }

  /**
   * Resolves when a subscription has handled everything up to a position, as `append` answers it: then what it writes
   * shows one's own event. Streams that are parked do not hold it up. Works in any process.
   *
   * @throws SubscriptionBehindError not within `timeoutMs` milliseconds; also when there is no such subscription
   */
  waitFor(subscription: string, position: number, timeoutMs: number): Promise<void> {
    return this.waiter.waitFor(subscription, position, timeoutMs);
  }

  list(): ReturnType<SubscriptionOperator['list']> {
    return this.operator.list();
  }

  parked(...wanted: Parameters<SubscriptionOperator['parked']>): ReturnType<SubscriptionOperator['parked']> {
    return this.operator.parked(...wanted);
  }

  redrive(
    ...wanted: Parameters<SubscriptionOperator['redrive']>
  ): ReturnType<SubscriptionOperator['redrive']> {
    return this.operator.redrive(...wanted);
  }
}
