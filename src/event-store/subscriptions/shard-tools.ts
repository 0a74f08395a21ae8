import { type Backoff } from './backoff.js';
import { type PageReader } from './page-reader.js';
import { type PageTransactions } from './page-transaction.js';
import { type ParkedStreams } from './parked-streams.js';
import { type ShardRows } from './shard-rows.js';
import { type Slots } from './slots.js';
import { type SubscriptionsObserver } from './subscriptions.observer.js';

/** What the work on a shard is done with; the same for all shards of a process. */
export interface ShardTools {
  readonly rows: ShardRows;
  readonly pages: PageReader;
  readonly transactions: PageTransactions;
  readonly parked: ParkedStreams;
  readonly slots: Slots;
  readonly observer: SubscriptionsObserver;
  /** Told whenever a checkpoint moved. */
  readonly onMoved: (subscription: string) => void;
  /** Between two looks for something to do when nobody rings, milliseconds. */
  readonly pollMs: number;
  /** Between two attempts of one event, before its stream is parked. */
  readonly retry: Backoff;
  /** Between two attempts of a parked stream. */
  readonly parkedRetry: Backoff;
}
