import pg from 'pg';
import { type Bookmark } from '../event-store.js';
import { type HeldShard } from './shard.js';
import { InvalidSubscriptionError } from './subscription.errors.js';
import { type SettledSubscription } from './subscription.js';

/** A shard that a worker holds, and to how many it is entitled. */
export interface Holding extends HeldShard {
  readonly share: number;
}

/** The rows of subscriptions, shards and workers. */
export class ShardRows {
  private readonly schema: string;

  constructor(
    private readonly pool: pg.Pool,
    schema: string,
  ) {
    this.schema = pg.escapeIdentifier(schema);
  }

  /**
   * Makes the rows of a subscription that is new, all or none; of one that is known, only remembers its filter.
   *
   * @throws InvalidSubscriptionError it was started with another number of shards, or shall start behind the head
   */
  async declare({ name, shards, types, owners, startAt }: SettledSubscription): Promise<void> {
    const after = startAt === 'now' ? null : startAt === 'beginning' ? 0 : startAt.after;
    const { schema } = this;
    await this.pool.query(
      `with start as (
         select c.position, case when c.position = 0 then decode(repeat('00', 32), 'hex') else (
                  select chain from ${schema}.log_commit
                    where last_position >= c.position order by last_position limit 1) end as chain
           from (select coalesce($5::bigint, max(last_position), 0) as position from ${schema}.log_commit) c
       ), made as (
         insert into ${schema}.subscription as known (name, shards, types, owners)
           select $1, $2, $3, $4 from start where chain is not null
           on conflict (name) do update set types = excluded.types, owners = excluded.owners
             where known.shards = excluded.shards
           returning name
       )
       insert into ${schema}.subscription_shard (subscription, shard, position, chain)
         select made.name, shard, start.position, start.chain from made, start, generate_series(0, $2 - 1) shard
         on conflict (subscription, shard) do nothing`,
      [name, shards, types, owners, after],
    );
    const { rows } = await this.pool.query<{ shards: number }>(
      `select shards from ${schema}.subscription where name = $1`,
      [name],
    );
    const [known] = rows;
    if (known === undefined)
      throw new InvalidSubscriptionError(name, `it starts after ${after}, where the log has not come yet`);
    if (known.shards !== shards) {
      throw new InvalidSubscriptionError(
        name,
        `it has ${known.shards} shards and cannot have ${shards}; give the subscription a new name`,
      );
    }
  }

  /** A sign of life: renews the worker's leases and takes free shards up to its share. Answers all it holds now. */
  async hold(subscription: string, worker: string, leaseMs: number): Promise<Holding[]> {
    const { rows } = await this.pool.query<{ shard: number; epoch: string; share: number }>(
      `select shard, epoch, share from ${this.schema}.hold_shards($1, $2, $3)`,
      [subscription, worker, leaseMs],
    );
    return rows.map(({ shard, epoch, share }) => ({ subscription, shard, epoch: Number(epoch), share }));
  }

  /** Null when another worker holds the shard. */
  async checkpoint({ subscription, shard, epoch }: HeldShard): Promise<Bookmark | null> {
    const { rows } = await this.pool.query<{ position: string; chain: string }>(
      `select position, encode(chain, 'hex') as chain from ${this.schema}.subscription_shard
        where subscription = $1 and shard = $2 and epoch = $3`,
      [subscription, shard, epoch],
    );
    const [row] = rows;
    return row === undefined ? null : { position: Number(row.position), chain: row.chain };
  }

  /** Others may take it at once. Without effect when another worker has done so already. */
  async release({ subscription, shard, epoch }: HeldShard): Promise<void> {
    await this.pool.query(
      `update ${this.schema}.subscription_shard set worker = null, lease_until = null
        where subscription = $1 and shard = $2 and epoch = $3`,
      [subscription, shard, epoch],
    );
  }

  /** Releases it, with the reason why it cannot go on. */
  async stop({ subscription, shard, epoch }: HeldShard, code: string): Promise<void> {
    await this.pool.query(
      `update ${this.schema}.subscription_shard
          set worker = null, lease_until = null, stopped = $4, stopped_at = clock_timestamp()
        where subscription = $1 and shard = $2 and epoch = $3`,
      [subscription, shard, epoch, code],
    );
  }

  /** The worker wants no shards any more. */
  async leave(subscription: string, worker: string): Promise<void> {
    await this.pool.query(
      `delete from ${this.schema}.subscription_worker where subscription = $1 and worker = $2`,
      [subscription, worker],
    );
  }
}
