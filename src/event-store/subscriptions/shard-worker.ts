import { EventsArchivedError, HistoryForkedError } from '../event-store.errors.js';
import { type Bookmark } from '../event-store.js';
import { type Backoff, pauseAfter } from './backoff.js';
import { Doorbell } from './doorbell.js';
import { PageDelivery } from './page-delivery.js';
import { retryParked } from './parked-retry.js';
import { ShardHandler, Stopped } from './shard-handler.js';
import { type ShardTools } from './shard-tools.js';
import { type HeldShard, ShardLostError } from './shard.js';
import { type SettledSubscription } from './subscription.js';

/**
 * `released`: told to stop; `lost`: somebody else holds the shard; `stopped`: it cannot go on by itself, because the log is
 * another one, or what comes next is archived.
 */
export type ShardEnd = 'released' | 'lost' | 'stopped';

/** Between two attempts while the database does not answer. */
const DATABASE_RETRY: Backoff = { firstMs: 50, lastMs: 5_000 };

/**
 * Works on one shard for as long as its lease is held: pages in order, one at a time, and between them streams that were
 * parked and are due. Because one worker does both, one after the other, a parked stream that is released cannot be
 * overtaken by an event that comes in at that moment.
 *
 * When the database fails, whether the last page was committed is unknown: the checkpoint is read again.
 */
export class ShardWorker {
  private readonly stopping = new AbortController();
  private readonly abandoned = new AbortController();
  private readonly bell = new Doorbell();
  private readonly handler: ShardHandler;
  /** When to look for parked streams again. Monotonic, milliseconds. */
  private lookForParkedAt = 0;

  constructor(
    subscription: SettledSubscription,
    readonly shard: HeldShard,
    private readonly tools: ShardTools,
  ) {
    const { stopping, abandoned } = this;
    this.handler = new ShardHandler(subscription, shard, tools, stopping.signal, abandoned.signal);
  }

  /** Never rejects. */
  async run(): Promise<ShardEnd> {
    let checkpoint: Bookmark | null = null;
    let failures = 0;
    while (!this.stopping.signal.aborted) {
      try {
        const from: Bookmark = checkpoint ?? (await this.readCheckpoint());
        checkpoint = await this.nextPage(from);
        const hasRetried = await this.nextParked(checkpoint);
        failures = 0;
        if (checkpoint.position === from.position && !hasRetried) await this.sleep(this.tools.pollMs);
      } catch (error) {
        if (error instanceof Stopped) break;
        if (error instanceof ShardLostError) return 'lost';
        if (error instanceof HistoryForkedError || error instanceof EventsArchivedError)
          return this.stopped(error);
        this.handler.tell((observer, place) => observer.delayed?.({ ...place, error }));
        checkpoint = null;
        failures += 1;
        await this.sleep(pauseAfter(failures, DATABASE_RETRY));
      }
    }
    return this.abandoned.signal.aborted ? 'lost' : 'released';
  }

  /** Something was committed. */
  wake(): void {
    this.bell.ring();
  }

  /** Ends after what is in hand. */
  stop(): void {
    this.stopping.abort();
  }

  /** What is in hand is rolled back. */
  abandon(): void {
    this.stopping.abort();
    this.abandoned.abort();
  }

  private async readCheckpoint(): Promise<Bookmark> {
    const checkpoint = await this.tools.rows.checkpoint(this.shard);
    if (checkpoint === null) throw new ShardLostError(this.shard);
    return checkpoint;
  }

  private async nextPage(from: Bookmark): Promise<Bookmark> {
    const page = await this.tools.pages.page(this.handler.subscription, this.shard.shard, from);
    if (page.end.position > from.position) await new PageDelivery(this.handler, page, from).run();
    return page.end;
  }

  /** Answers whether there was one. */
  private async nextParked(checkpoint: Bookmark): Promise<boolean> {
    if (performance.now() < this.lookForParkedAt) return false;
    const parked = await this.tools.parked.due(this.shard);
    if (parked === null) {
      this.lookForParkedAt = performance.now() + this.tools.pollMs;
      return false;
    }
    await retryParked(this.handler, parked, checkpoint);
    return true;
  }

  private async stopped(error: HistoryForkedError | EventsArchivedError): Promise<ShardEnd> {
    await this.tools.rows.stop(this.shard, error.code).catch(() => undefined);
    this.handler.tell((observer, place) => observer.shardStopped?.({ ...place, error }));
    return 'stopped';
  }

  private sleep(ms: number): Promise<void> {
    return this.bell.sleep(ms, this.stopping.signal);
  }
}
