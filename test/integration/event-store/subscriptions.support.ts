import type pg from 'pg';
import { type StoredEvent } from '../../../src/event-store/event-store.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import {
  type Subscription,
  Subscriptions,
  type SubscriptionsOptions,
} from '../../../src/event-store/subscriptions/index.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { type TestDatabase } from '../../support/postgres.js';
import { until } from './open-store.js';

/** Quick turns and looks, so that no spec waits for a default; a lease that outlasts a busy machine. */
export const openSubscriptions = (
  database: TestDatabase,
  store: PostgresEventStore,
  declared: readonly Subscription[],
  options: Partial<SubscriptionsOptions> = {},
): Subscriptions => {
  const subscriptions = new Subscriptions(store, {
    schema: database.schema,
    connection: { connectionString: database.url },
    pool: database.pool,
    leaseMs: 2_000,
    pollMs: 50,
    retry: { firstMs: 5, lastMs: 20 },
    parkedRetry: { firstMs: 3_600_000, lastMs: 3_600_000 },
    ...options,
  });
  declared.forEach((subscription) => subscriptions.add(subscription));
  return subscriptions;
};

/** What was handled, in the order in which it was; written in the transaction of the page. */
export class Ledger {
  constructor(private readonly database: TestDatabase) {}

  async create(): Promise<void> {
    await this.database.pool.query(
      'create table ledger (n bigserial primary key, subscription text, position bigint, stream_id uuid, version int)',
    );
  }

  async enter(
    subscription: string,
    events: readonly StoredEvent[],
    transaction: pg.ClientBase,
  ): Promise<void> {
    await transaction.query(
      `insert into ledger (subscription, position, stream_id, version)
         select $1, * from unnest($2::bigint[], $3::uuid[], $4::int[])`,
      [
        subscription,
        events.map((event) => event.position),
        events.map((event) => event.streamId),
        events.map((event) => event.version),
      ],
    );
  }

  async entries(subscription: string): Promise<Entry[]> {
    const { rows } = await this.database.pool.query<{ position: number; stream_id: string; version: number }>(
      'select position, stream_id, version from ledger where subscription = $1 order by n',
      [subscription],
    );
    return rows.map(({ stream_id, ...row }) => ({ ...row, streamId: stream_id }));
  }

  async positions(subscription: string): Promise<number[]> {
    return (await this.entries(subscription)).map((entry) => entry.position);
  }

  /** A subscription that only enters what it is given. */
  subscription(name: string, options: Partial<Subscription> = {}): Subscription {
    return {
      name,
      handle: (events, transaction) => this.enter(name, events, transaction),
      ...options,
    };
  }
}

export interface Entry {
  readonly position: number;
  readonly streamId: string;
  readonly version: number;
}

/** One event of a stream. */
export const appendOne = async (
  store: PostgresEventStore,
  streamId: string,
  type = 'Happened',
  owner = 'acme',
): Promise<number> => {
  const request = someAppend({ streamId, expected: 'any', events: [someEvent({ type })], owner });
  return (await store.append(request)).lastPosition;
};

/** Resolves when the subscription has come to the head. */
export const caughtUp = async (subscriptions: Subscriptions, store: PostgresEventStore, name: string) => {
  const { position } = await store.head();
  await subscriptions.waitFor(name, position, 20_000);
};

/** Who holds which shard. */
export const holders = async (database: TestDatabase, name: string): Promise<(string | null)[]> => {
  const { rows } = await database.pool.query<{ worker: string | null }>(
    'select worker from subscription_shard where subscription = $1 order by shard',
    [name],
  );
  return rows.map((row) => row.worker);
};

export const held = (database: TestDatabase, name: string, by: Subscriptions) =>
  until(
    () => holders(database, name),
    (all) => all.length > 0 && all.every((worker) => worker === by.worker),
  );

/** What somebody waits for and somebody else lets happen. */
export class Gate {
  open!: () => void;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}
