import { type Bookmark, type StoredEvent } from '../event-store.js';
import { pauseAfter } from './backoff.js';
import { errorClass } from './error-class.js';
import { type Page } from './page-reader.js';
import { type Failure, type ShardHandler } from './shard-handler.js';

/**
 * Delivers one page: in one transaction when all goes well, else in halves, so that what can be handled is committed and
 * never done again because of a neighbour. An event that fails for itself alone is tried again with growing pauses; then
 * its stream is parked, and the rest of the page goes on without it.
 */
export class PageDelivery {
  /** Where the checkpoint stands. */
  private reached: Bookmark;
  private readonly parked = new Set<string>();

  constructor(
    private readonly handler: ShardHandler,
    private readonly page: Page,
    from: Bookmark,
  ) {
    this.reached = from;
  }

  /** Resolves when everything up to the end of the page is handled or parked. */
  run(): Promise<void> {
    return this.deliver(this.page.events, this.page.end);
  }

  private async deliver(events: readonly StoredEvent[], end: Bookmark): Promise<void> {
    const failure = await this.attempt(events, end);
    if (failure === null) return;
    this.handler.failed(events, 1, failure);
    if (events.length === 1) return this.insist(events[0]!, end, failure);

    const middle = events.length >> 1;
    const { position } = events[middle - 1]!;
    await this.deliver(
      events.slice(0, middle),
      await this.handler.tools.pages.within(position, this.page.end),
    );
    await this.deliver(
      events.slice(middle).filter((event) => !this.parked.has(event.streamId)),
      end,
    );
  }

  /** The event has failed alone, once. */
  private async insist(event: StoredEvent, end: Bookmark, firstFailure: Failure): Promise<void> {
    const { subscription, tools } = this.handler;
    let failure: Failure | null = firstFailure;
    for (let failed = 1; failed < subscription.attempts; failed += 1) {
      await this.handler.pause(pauseAfter(failed, tools.retry));
      failure = await this.attempt([event], end);
      if (failure === null) return;
      this.handler.failed([event], failed + 1, failure);
    }
    await this.park(event, end, failure);
  }

  private async park(event: StoredEvent, end: Bookmark, { error }: Failure): Promise<void> {
    const { subscription, shard, tools } = this.handler;
    const kind = errorClass(error);
    const pauseMs = pauseAfter(1, tools.parkedRetry);
    await this.attempt([], end, (transaction) =>
      tools.parked.park(transaction, shard, event, subscription.attempts, kind, pauseMs),
    );
    this.parked.add(event.streamId);
    this.handler.tell((observer, place) =>
      observer.streamParked?.({
        ...place,
        streamId: event.streamId,
        position: event.position,
        type: event.type,
        errorClass: kind,
      }),
    );
  }

  private async attempt(
    events: readonly StoredEvent[],
    to: Bookmark,
    record?: Parameters<ShardHandler['attempt']>[2],
  ): Promise<Failure | null> {
    const { tools } = this.handler;
    const startedAt = performance.now();
    const failure = await this.handler.attempt(events, { from: this.reached, to }, record);
    if (failure !== null) return failure;
    this.reached = to;
    const durationMs = performance.now() - startedAt;
    const { head, behindMs } = this.page;
    this.handler.tell((observer, place) =>
      observer.pageHandled?.({
        ...place,
        events: events.length,
        position: to.position,
        lagEvents: head - to.position,
        lagMs: behindMs,
        durationMs,
      }),
    );
    tools.onMoved(this.handler.shard.subscription);
    return null;
  }
}
