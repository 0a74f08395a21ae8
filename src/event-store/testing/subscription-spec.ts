import { createHash } from 'node:crypto';
import type pg from 'pg';
import { type JsonObject } from '../../shared/json.js';
import { uuidFrom } from '../../shared/ids.js';
import { type StoredEvent } from '../event-store.js';
import { isWanted, settleSubscription, type Subscription } from '../subscriptions/subscription.js';

/** What a spec says of an event; the rest follows. */
export interface HappenedEvent {
  /** Any name: the same name is the same stream. */
  readonly stream: string;
  readonly type: string;
  readonly data?: JsonObject;
  /** Default `acme`. */
  readonly owner?: string;
  /** Default 1. */
  readonly schemaVersion?: number;
  /** Default 2026-01-01 and a second more per event. */
  readonly recordedAt?: Date;
}

export interface SubscriptionSpecOptions {
  /**
   * Where the handler's SQL runs: in one transaction, rolled back in the end. Without it a handler that uses its
   * transaction fails.
   */
  readonly pool?: pg.Pool;
  /** How many events a call of the handler is given. Default: as many as there are. */
  readonly pageSize?: number;
}

/** The id of a stream in {@link subscriptionSpec}. */
export const streamNamed = (name: string): string => uuidFrom('stream of a spec', name);

/**
 * Given / when / then for whatever handles events: what has happened, what happens now, what is to be seen then.
 *
 * Events are handed over as the runner would: only those that the subscription wants, in pages, with positions over all of
 * them and versions per stream. What the handler throws is the result.
 *
 * @example
 * await subscriptionSpec(new OrderTotals(), { pool })
 *   .given({ stream: 'order 1', type: 'OrderPlaced', data: { total: 20 } })
 *   .when({ stream: 'order 1', type: 'OrderPaid' })
 *   .thenExpect(async (transaction) => {
 *     const { rows } = await transaction.query('select sum(total)::int as paid from order_total');
 *     expect(rows).toEqual([{ paid: 20 }]);
 *   });
 */
export const subscriptionSpec = (
  subscription: Subscription,
  options: SubscriptionSpecOptions = {},
): SubscriptionSpec => new SubscriptionSpec(subscription, options, []);

export class SubscriptionSpec {
  constructor(
    private readonly subscription: Subscription,
    private readonly options: SubscriptionSpecOptions,
    private readonly steps: readonly (readonly HappenedEvent[])[],
  ) {}

  /** What has happened: handled first. */
  given(...events: HappenedEvent[]): SubscriptionSpec {
    return this.and(events);
  }

  /** What happens now: handed over in calls of its own. */
  when(...events: HappenedEvent[]): SubscriptionSpec {
    return this.and(events);
  }

  /** Handles everything and looks at the result. Rejects with what the handler or the check throws. */
  async thenExpect(check: (transaction: pg.ClientBase) => Promise<void> | void): Promise<void> {
    await this.inTransaction(async (transaction) => {
      await this.handleAll(transaction);
      await check(transaction);
    });
  }

  /** Resolves with what the handler throws, which it must. */
  async thenFails(): Promise<unknown> {
    let failure: { error: unknown } | null = null;
    await this.inTransaction((transaction) =>
      this.handleAll(transaction).catch((error: unknown) => void (failure = { error })),
    );
    if (failure === null) throw new Error(`${this.subscription.name} handled everything; it was to fail.`);
    return (failure as { error: unknown }).error;
  }

  private and(events: readonly HappenedEvent[]): SubscriptionSpec {
    return new SubscriptionSpec(this.subscription, this.options, [...this.steps, events]);
  }

  private async handleAll(transaction: pg.ClientBase): Promise<void> {
    const settled = settleSubscription(this.subscription);
    for (const step of asStored(this.steps)) {
      const wanted = step.filter((event) => isWanted(settled, event));
      const size = this.options.pageSize ?? wanted.length;
      for (let from = 0; from < wanted.length; from += size) {
        await settled.handle(wanted.slice(from, from + size), transaction);
      }
    }
  }

  private async inTransaction(work: (transaction: pg.ClientBase) => Promise<void>): Promise<void> {
    const { pool } = this.options;
    if (pool === undefined) return work(noDatabase(this.subscription.name));
    const client = await pool.connect();
    try {
      await client.query('begin');
      await work(client);
    } finally {
      await client.query('rollback');
      client.release();
    }
  }
}

const FIRST_INSTANT = Date.UTC(2026, 0, 1);

const asStored = (steps: readonly (readonly HappenedEvent[])[]): StoredEvent[][] => {
  const versions = new Map<string, number>();
  let position = 0;
  return steps.map((events) =>
    events.map((event): StoredEvent => {
      position += 1;
      const version = (versions.get(event.stream) ?? 0) + 1;
      versions.set(event.stream, version);
      return {
        position,
        streamId: streamNamed(event.stream),
        version,
        id: uuidFrom('event of a spec', String(position)),
        type: event.type,
        schemaVersion: event.schemaVersion ?? 1,
        owner: event.owner ?? 'acme',
        actor: 'key:spec',
        correlationId: null,
        causationId: null,
        recordedAt: event.recordedAt ?? new Date(FIRST_INSTANT + position * 1_000),
        data: event.data ?? {},
        sealed: null,
        hash: createHash('sha256').update(String(position)).digest('hex'),
      };
    }),
  );
};

const noDatabase = (name: string): pg.ClientBase =>
  ({
    query: () => {
      throw new Error(`The spec of ${name} has no database: give it a pool.`);
    },
  }) as unknown as pg.ClientBase;
