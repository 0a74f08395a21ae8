import pg from 'pg';
import { EventsArchivedError } from '../event-store.errors.js';
import { InvalidSubscriptionError } from './subscription.errors.js';

/** How far a shard is, as an operator sees it. */
export interface ShardStatus {
  readonly shard: number;
  readonly position: number;
  /** Positions between it and the head. */
  readonly lagEvents: number;
  /** For how long the next event has been waiting; 0 when there is none. */
  readonly lagSeconds: number;
  /** Who holds the lease; null when it is free or over. */
  readonly worker: string | null;
  readonly epoch: number;
  /** Code of the error that stopped it, e.g. `history_forked`. */
  readonly stopped: string | null;
  /** Streams put aside. */
  readonly parked: number;
}

export interface SubscriptionStatus {
  readonly name: string;
  /** Null: all. */
  readonly types: readonly string[] | null;
  readonly owners: readonly string[] | null;
  /** Of the slowest shard. */
  readonly position: number;
  /** Where the log ends. */
  readonly head: number;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly parked: number;
  readonly shards: readonly ShardStatus[];
}

/** A stream that was put aside. Nothing of it is private. */
export interface ParkedStatus {
  readonly subscription: string;
  readonly streamId: string;
  /** The event that could not be handled. */
  readonly position: number;
  readonly type: string;
  readonly attempts: number;
  /** Class of the last error. */
  readonly error: string;
  readonly parkedAt: Date;
  readonly nextAttemptAt: Date;
  /** Events that wait, this one included. */
  readonly waiting: number;
}

/** What an operator may ask and order. Works from any process, also one that runs no subscription. */
export class SubscriptionOperator {
  private readonly schema: string;

  constructor(
    private readonly pool: pg.Pool,
    schema: string,
  ) {
    this.schema = pg.escapeIdentifier(schema);
  }

  /** All subscriptions that were ever started, by name; from one snapshot. */
  async list(): Promise<SubscriptionStatus[]> {
    const { schema } = this;
    const { rows } = await this.pool.query<StatusRow>(
      `select s.name, s.types, s.owners, h.head, c.shard, c.position, c.epoch, c.stopped,
              case when c.lease_until > clock_timestamp() then c.worker end as worker,
              (select extract(epoch from clock_timestamp() - recorded_at) from ${schema}.log_commit
                 where last_position > c.position order by last_position limit 1)::float8 as lag_seconds,
              (select count(*) from ${schema}.parked_stream p
                 where p.subscription = s.name and p.shard = c.shard) as parked
         from ${schema}.subscription s
         join ${schema}.subscription_shard c on c.subscription = s.name,
              (select coalesce(max(last_position), 0) as head from ${schema}.log_commit) h
        order by s.name, c.shard`,
    );
    const byName = new Map<string, StatusRow[]>();
    for (const row of rows) byName.set(row.name, [...(byName.get(row.name) ?? []), row]);
    return [...byName.values()].map(toSubscription);
  }

  /** Streams put aside, those longest parked first. */
  async parked(wanted: { subscription?: string; streamId?: string } = {}): Promise<ParkedStatus[]> {
    const { schema } = this;
    const { rows } = await this.pool.query<ParkedRow>(
      `select p.subscription, p.stream_id, p.attempts, p.error, first.position, first.type, rest.waiting,
              (extract(epoch from p.parked_at) * 1000)::float8 as parked_ms,
              (extract(epoch from p.next_attempt_at) * 1000)::float8 as next_ms
         from ${schema}.parked_stream p
         join ${schema}.subscription s on s.name = p.subscription
         join ${schema}.subscription_shard c on c.subscription = p.subscription and c.shard = p.shard
         cross join lateral (
           select count(*) as waiting, min(version) as version from ${schema}.event e
             where e.stream_id = p.stream_id and e.version >= p.version and e.position between p.position and c.position
               and (s.types is null or e.type = any(s.types)) and (s.owners is null or e.owner = any(s.owners))
         ) rest
         left join lateral (
           select position, type from ${schema}.event e
             where e.stream_id = p.stream_id and e.version = rest.version
               and e.position between p.position and c.position limit 1
         ) first on true
        where ($1::text is null or p.subscription = $1) and ($2::uuid is null or p.stream_id = $2)
        order by p.parked_at, p.stream_id`,
      [wanted.subscription ?? null, wanted.streamId ?? null],
    );
    return rows.map((row) => ({
      subscription: row.subscription,
      streamId: row.stream_id,
      position: Number(row.position),
      type: row.type ?? '',
      attempts: row.attempts,
      error: row.error,
      parkedAt: new Date(row.parked_ms),
      nextAttemptAt: new Date(row.next_ms),
      waiting: Number(row.waiting),
    }));
  }

  /**
   * Asks for another attempt of parked streams at once. The worker of the shard makes it, in the order of the stream: the
   * event that failed, then what came behind it. Answers how many streams were meant.
   */
  async redrive(wanted: { subscription?: string; streamId?: string } = {}): Promise<number> {
    const { rowCount } = await this.pool.query(
      `update ${this.schema}.parked_stream set next_attempt_at = clock_timestamp(), redrives = redrives + 1
        where ($1::text is null or subscription = $1) and ($2::uuid is null or stream_id = $2)`,
      [wanted.subscription ?? null, wanted.streamId ?? null],
    );
    return rowCount ?? 0;
  }

  /**
   * Lets a subscription begin again behind a position: after its log was replaced, or when everything is to be handled
   * once more. What is in hand at that moment is rolled back; parked streams are forgotten, because their events come
   * again.
   *
   * @throws InvalidSubscriptionError there is no such subscription, or the log does not have this position
   * @throws EventsArchivedError what comes behind the position is no longer in the database
   */
  async restart(name: string, after: number): Promise<void> {
    const { schema } = this;
    const { rows } = await this.pool.query<{ archived_to: string | null }>(
      `select max(last_position) as archived_to from ${schema}.log_archive`,
    );
    const archivedTo = Number(rows[0]!.archived_to ?? 0);
    if (after < archivedTo) throw new EventsArchivedError(archivedTo);
    const { rowCount } = await this.pool.query(
      `with start as (
         select case when $2::bigint = 0 then decode(repeat('00', 32), 'hex') else (
                  select chain from ${schema}.log_commit
                    where last_position >= $2::bigint order by last_position limit 1) end as chain
       ), forgotten as (
         delete from ${schema}.parked_stream using start where subscription = $1 and start.chain is not null
       )
       update ${schema}.subscription_shard s
          set position = $2::bigint, chain = start.chain, epoch = epoch + 1,
              worker = null, lease_until = null, stopped = null, stopped_at = null
         from start where s.subscription = $1 and start.chain is not null`,
      [name, after],
    );
    if (!rowCount) {
      throw new InvalidSubscriptionError(
        name,
        `there is none of this name, or the log has not come to position ${after}`,
      );
    }
  }
}

interface StatusRow {
  name: string;
  types: string[] | null;
  owners: string[] | null;
  head: string;
  shard: number;
  position: string;
  epoch: string;
  stopped: string | null;
  worker: string | null;
  lag_seconds: number | null;
  parked: string;
}

interface ParkedRow {
  subscription: string;
  stream_id: string;
  attempts: number;
  error: string;
  position: string | null;
  type: string | null;
  waiting: string;
  parked_ms: number;
  next_ms: number;
}

const toSubscription = (rows: readonly StatusRow[]): SubscriptionStatus => {
  const { name, types, owners, head } = rows[0]!;
  const shards = rows.map((row) => toShard(row));
  return {
    name,
    types,
    owners,
    position: Math.min(...shards.map((shard) => shard.position)),
    head: Number(head),
    lagEvents: Math.max(...shards.map((shard) => shard.lagEvents)),
    lagSeconds: Math.max(...shards.map((shard) => shard.lagSeconds)),
    parked: shards.reduce((sum, shard) => sum + shard.parked, 0),
    shards,
  };
};

const toShard = (row: StatusRow): ShardStatus => ({
  shard: row.shard,
  position: Number(row.position),
  lagEvents: Math.max(0, Number(row.head) - Number(row.position)),
  lagSeconds: Math.max(0, row.lag_seconds ?? 0),
  worker: row.worker,
  epoch: Number(row.epoch),
  stopped: row.stopped,
  parked: Number(row.parked),
});
