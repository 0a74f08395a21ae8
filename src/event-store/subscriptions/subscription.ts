import type pg from 'pg';
import { type StoredEvent } from '../event-store.js';
import { InvalidSubscriptionError } from './subscription.errors.js';

/** Where a subscription begins when it is started for the first time. */
export type SubscriptionStart = 'beginning' | 'now' | { readonly after: number };

/**
 * A reader of the log that keeps its place, as an object or a class.
 *
 * Every event that fits the filter is handed over, none is left out. Events of one stream come in order of version; within
 * a shard all events come in order of position. What may come twice, and when, is said at {@link handle}.
 */
export interface Subscription {
  /** Stored with the checkpoint, for ever: lower-case letters, digits, `.`, `_` and `-`, up to 63 characters. */
  readonly name: string;
  /** Only events of these types. Default: all. */
  readonly types?: readonly string[];
  /** Only events of these owners. Default: all. */
  readonly owners?: readonly string[];
  /**
   * Into how many shards the streams are divided. Shards are handled side by side, by several processes too. Cannot be
   * changed later. Default 1: the whole log in order of position.
   */
  readonly shards?: number;
  /** Counts only for the very first start. Default: the beginning. */
  readonly startAt?: SubscriptionStart;
  /** Most events per call of the handler, and so in memory per shard. Default 500. */
  readonly pageSize?: number;
  /** How often a single event is tried, with growing pauses, before its stream is parked. Default 5. */
  readonly attempts?: number;

  /**
   * Handles a page: one event or more, in order of position.
   *
   * `transaction` is a connection in an open transaction, which also moves the checkpoint when the promise resolves. What
   * the handler writes through it is committed once per event, whatever crashes. Anything else (a call, a file, another
   * connection) is done at least once: a page whose transaction does not commit is handed over again, perhaps cut in other
   * places. The handler must not end the transaction, and must not use it after its promise is settled.
   *
   * What it throws rolls the page back. The page is then halved until the event that fails stands alone; the others are
   * committed.
   */
  handle(events: readonly StoredEvent[], transaction: pg.ClientBase): Promise<void>;
}

/** A subscription with its defaults filled in and checked. */
export interface SettledSubscription {
  readonly name: string;
  /** Null: all. */
  readonly types: readonly string[] | null;
  readonly owners: readonly string[] | null;
  readonly shards: number;
  readonly startAt: SubscriptionStart;
  readonly pageSize: number;
  readonly attempts: number;
  readonly handle: Subscription['handle'];
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const MAX_SHARDS = 256;
const MAX_PAGE_SIZE = 10_000;
const MAX_ATTEMPTS = 100;

/** @throws InvalidSubscriptionError */
export const settleSubscription = (subscription: Subscription): SettledSubscription => {
  const {
    name,
    types = null,
    owners = null,
    shards = 1,
    startAt = 'beginning',
    pageSize = 500,
    attempts = 5,
  } = subscription;
  const refuse = (what: string): never => {
    throw new InvalidSubscriptionError(name, what);
  };
  if (typeof name !== 'string' || !NAME.test(name))
    refuse('its name must be lower-case letters, digits, ".", "_" and "-"');
  if (types?.length === 0) refuse('it wants no types at all');
  if (owners?.length === 0) refuse('it wants no owners at all');
  if (!isWhole(shards, 1, MAX_SHARDS))
    refuse(`shards is ${shards}, not a whole number from 1 to ${MAX_SHARDS}`);
  if (!isWhole(pageSize, 1, MAX_PAGE_SIZE))
    refuse(`pageSize is ${pageSize}, not a whole number from 1 to ${MAX_PAGE_SIZE}`);
  if (!isWhole(attempts, 1, MAX_ATTEMPTS))
    refuse(`attempts is ${attempts}, not a whole number from 1 to ${MAX_ATTEMPTS}`);
  if (typeof startAt === 'object' && !isWhole(startAt.after, 0, Number.MAX_SAFE_INTEGER))
    refuse(`it starts after ${startAt.after}, which is no position`);
  const handle: Subscription['handle'] = (events, transaction) => subscription.handle(events, transaction);
  return { name, types, owners, shards, startAt, pageSize, attempts, handle };
};

/** Does an event belong to the subscription? The same answer as the query that reads its pages. */
export const isWanted = (
  { types, owners }: Pick<SettledSubscription, 'types' | 'owners'>,
  event: Pick<StoredEvent, 'type' | 'owner'>,
): boolean => (types?.includes(event.type) ?? true) && (owners?.includes(event.owner) ?? true);

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
