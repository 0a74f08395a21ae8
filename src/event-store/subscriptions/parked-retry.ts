import { type Bookmark, type StoredEvent } from '../event-store.js';
import { pauseAfter } from './backoff.js';
import { errorClass } from './error-class.js';
import { type ParkedStream } from './parked-streams.js';
import { type ShardHandler } from './shard-handler.js';

/**
 * Tries a parked stream again, a page at most: the event that failed, then those that came behind it. Up to the shard's
 * checkpoint, which stands still meanwhile, so that the next event of the stream is either among them or on a later page.
 */
export const retryParked = async (
  handler: ShardHandler,
  parked: ParkedStream,
  checkpoint: Bookmark,
): Promise<void> => {
  const { subscription, shard, tools } = handler;
  const waiting = await tools.pages.waiting(subscription, parked, checkpoint);
  const isWhole = waiting.length < subscription.pageSize;
  const stay = { from: checkpoint, to: checkpoint };

  let handled = 0;
  let size = waiting.length;
  for (;;) {
    const events = waiting.slice(handled, handled + size);
    const isEnd = isWhole && handled + events.length === waiting.length;
    const failure = await handler.attempt(events, stay, (transaction) =>
      isEnd
        ? tools.parked.release(transaction, shard, parked.streamId)
        : tools.parked.advance(transaction, shard, events.at(-1)!),
    );
    if (failure === null) {
      handled += events.length;
      if (isEnd) {
        handler.tell((observer, place) => observer.streamReleased?.({ ...place, streamId: parked.streamId }));
      }
      if (handled === waiting.length) return;
    } else if (events.length > 1) {
      size = events.length >> 1;
    } else {
      const [event] = events as [StoredEvent];
      // One that stood behind another has not failed before.
      const attempt = handled === 0 ? parked.attempts + 1 : 1;
      handler.failed(events, attempt, failure);
      const kind = errorClass(failure.error);
      const pauseMs = pauseAfter(attempt, tools.parkedRetry);
      await handler.attempt([], stay, (transaction) =>
        tools.parked.failedAgain(transaction, shard, parked, event, kind, pauseMs),
      );
      return;
    }
  }
};
