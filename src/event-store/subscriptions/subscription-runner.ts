import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type EventStore } from '../event-store.js';
import { observe } from '../event-store.observer.js';
import { type ShardTools } from './shard-tools.js';
import { ShardWorker } from './shard-worker.js';
import { type Holding } from './shard-rows.js';
import { type SettledSubscription } from './subscription.js';

export interface SubscriptionRunnerOptions {
  /** How long a shard stays with a worker that gives no sign of life. Milliseconds. */
  readonly leaseMs: number;
  /** The longest wait for pages in hand when stopping; then they are rolled back. Milliseconds. */
  readonly stopWithinMs: number;
}

/** Signs of life per lease: some may be late or fail. */
const TURNS_PER_LEASE = 5;

/**
 * Works on a process's share of all its subscriptions.
 *
 * Each turn is a sign of life per subscription, which renews leases, takes free shards and tells what is held. For each
 * shard that is held a worker runs; one whose shard is no longer held gives up what is in hand. Turns keep order and
 * nothing else: that a page counts once is kept by the fence in its own transaction, whatever the clocks and the turns do.
 */
export class SubscriptionRunner {
  /** Shown to operators as the owner of a lease. */
  readonly name = `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`;
  private readonly workers = new Map<string, ShardWorker>();
  private readonly ending = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private turning: Promise<void> = Promise.resolve();
  private stopListening: (() => void) | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly tools: ShardTools,
    private readonly options: SubscriptionRunnerOptions,
  ) {}

  /**
   * Once. Resolves when the subscriptions are known to the database and their work has begun.
   *
   * @throws InvalidSubscriptionError one does not fit what was started before; then none is begun
   */
  async start(subscriptions: readonly SettledSubscription[]): Promise<void> {
    for (const subscription of subscriptions) await this.tools.rows.declare(subscription);
    if (subscriptions.length === 0) return;
    this.stopListening = this.store.onCommit(() => this.workers.forEach((worker) => worker.wake()));
    this.turning = this.turn(subscriptions);
  }

  /** Ends pages in hand, as long as it may take, and gives the shards back. Never rejects. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.stopListening?.();
    await this.turning;
    this.workers.forEach((worker) => worker.stop());
    const timer = setTimeout(
      () => this.workers.forEach((worker) => worker.abandon()),
      this.options.stopWithinMs,
    );
    while (this.ending.size > 0) await Promise.all(this.ending);
    clearTimeout(timer);
  }

  private async turn(subscriptions: readonly SettledSubscription[]): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      for (const subscription of subscriptions) {
        if (!signal.aborted) await this.hold(subscription);
      }
      await delay(this.options.leaseMs / TURNS_PER_LEASE, undefined, { signal }).catch(() => undefined);
    }
    for (const { name } of subscriptions) {
      await this.tools.rows.leave(name, this.name).catch(() => undefined);
    }
  }

  private async hold(subscription: SettledSubscription): Promise<void> {
    try {
      const held = await this.tools.rows.hold(subscription.name, this.name, this.options.leaseMs);
      this.giveUpAllBut(subscription.name, held);
      const share = held[0]?.share ?? 0;
      held.forEach((holding, index) => {
        const worker = this.workers.get(keyOf(holding));
        if (index >= share) worker?.stop();
        else if (worker === undefined) this.begin(subscription, holding);
      });
    } catch (error) {
      observe(() => this.tools.observer.delayed?.({ subscription: subscription.name, shard: null, error }));
    }
  }

  private giveUpAllBut(subscription: string, held: readonly Holding[]): void {
    const epochs = new Map(held.map((holding) => [keyOf(holding), holding.epoch]));
    for (const [key, worker] of this.workers) {
      const { shard } = worker;
      if (shard.subscription === subscription && epochs.get(key) !== shard.epoch) worker.abandon();
    }
  }

  private begin(subscription: SettledSubscription, holding: Holding): void {
    const key = keyOf(holding);
    const worker = new ShardWorker(subscription, holding, this.tools);
    this.workers.set(key, worker);
    const { shard, epoch } = holding;
    observe(() => this.tools.observer.shardTaken?.({ subscription: subscription.name, shard, epoch }));
    const running = this.work(worker).finally(() => {
      this.workers.delete(key);
      this.ending.delete(running);
    });
    this.ending.add(running);
  }

  private async work(worker: ShardWorker): Promise<void> {
    const end = await worker.run();
    const { subscription, shard } = worker.shard;
    if (end === 'lost') observe(() => this.tools.observer.shardLost?.({ subscription, shard }));
    // Also what was lost: when it is ours after all, another worker need not wait for the lease.
    if (end !== 'stopped') await this.tools.rows.release(worker.shard).catch(() => undefined);
  }
}

const keyOf = ({ subscription, shard }: { subscription: string; shard: number }): string =>
  `${subscription} ${shard}`;
