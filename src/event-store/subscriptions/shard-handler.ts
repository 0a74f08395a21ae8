import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { observe } from '../event-store.observer.js';
import { type StoredEvent } from '../event-store.js';
import { HandlerFailedError, type Move } from './page-transaction.js';
import { type ShardTools } from './shard-tools.js';
import { type HeldShard } from './shard.js';
import { type SettledSubscription } from './subscription.js';
import { type SubscriptionsObserver } from './subscriptions.observer.js';

/** The worker was told to stop while it paused. What was in hand is not handled and not parked. */
export class Stopped extends Error {}

/** Thrown by the handler, whatever that is. */
export interface Failure {
  readonly error: unknown;
}

/** Hands events of one shard to the handler of its subscription. */
export class ShardHandler {
  constructor(
    readonly subscription: SettledSubscription,
    readonly shard: HeldShard,
    readonly tools: ShardTools,
    /** Nothing new is begun. */
    private readonly stopping: AbortSignal,
    /** What is in hand is rolled back. */
    private readonly abandoned: AbortSignal,
  ) {}

  /**
   * One transaction: the handler, the checkpoint, and what is recorded along with them. Without events the handler is not
   * called. Resolves with what the handler threw, when nothing was written.
   *
   * @throws Stopped before anything was begun
   * @throws ShardLostError, and the database's errors: see PageTransactions
   */
  async attempt(
    events: readonly StoredEvent[],
    move: Move,
    record?: (transaction: pg.ClientBase) => Promise<void>,
  ): Promise<Failure | null> {
    const { subscription, shard, tools } = this;
    const handle =
      events.length === 0
        ? null
        : (transaction: pg.ClientBase): Promise<void> => subscription.handle(events, transaction);
    return tools.slots.run(async () => {
      if (this.stopping.aborted) throw new Stopped();
      try {
        await tools.transactions.run(shard, move, handle, this.abandoned, record);
        return null;
      } catch (error) {
        if (error instanceof HandlerFailedError) return { error: error.cause };
        throw error;
      }
    });
  }

  /** @throws Stopped */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping }).catch(() => {
      throw new Stopped();
    });
  }

  failed(events: readonly StoredEvent[], attempt: number, { error }: Failure): void {
    this.tell((observer, place) =>
      observer.handlerFailed?.({ ...place, events: events.length, attempt, error }),
    );
  }

  tell(
    call: (observer: SubscriptionsObserver, place: { subscription: string; shard: number }) => void,
  ): void {
    const { subscription, shard } = this.shard;
    observe(() => call(this.tools.observer, { subscription, shard }));
  }
}
