import pg from 'pg';
import { type StoredEvent } from '../event-store.js';
import { type HeldShard } from './shard.js';

/** A stream that was put aside for a subscription, with the first event that waits. */
export interface ParkedStream {
  readonly streamId: string;
  readonly version: number;
  /** How often the first event failed. */
  readonly attempts: number;
  /** How often an operator asked for it. */
  readonly redrives: number;
}

/**
 * The streams that a shard has put aside. Only the worker that holds the shard changes a row, in a transaction that is
 * fenced; operators only say when the next attempt is due.
 */
export class ParkedStreams {
  private readonly table: string;

  constructor(
    private readonly pool: pg.Pool,
    schema: string,
  ) {
    this.table = `${pg.escapeIdentifier(schema)}.parked_stream`;
  }

  /** The one that has been due for longest, or null. */
  async due({ subscription, shard }: HeldShard): Promise<ParkedStream | null> {
    const { rows } = await this.pool.query<{
      stream_id: string;
      version: number;
      attempts: number;
      redrives: number;
    }>(
      `select stream_id, version, attempts, redrives from ${this.table}
        where subscription = $1 and shard = $2 and next_attempt_at <= clock_timestamp()
        order by next_attempt_at limit 1`,
      [subscription, shard],
    );
    const [row] = rows;
    return row === undefined ? null : { ...row, streamId: row.stream_id };
  }

  async park(
    transaction: pg.ClientBase,
    { subscription, shard }: HeldShard,
    event: StoredEvent,
    attempts: number,
    error: string,
    pauseMs: number,
  ): Promise<void> {
    await transaction.query(
      `insert into ${this.table} (subscription, stream_id, shard, position, version, attempts, error, next_attempt_at)
        values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8 * interval '1 millisecond')`,
      [subscription, event.streamId, shard, event.position, event.version, attempts, error, pauseMs],
    );
  }

  /** The event that now stands first is another one, which has not failed yet: at once again. */
  async advance(transaction: pg.ClientBase, { subscription }: HeldShard, before: StoredEvent): Promise<void> {
    await transaction.query(
      `update ${this.table}
          set position = $3, version = $4, attempts = 0, next_attempt_at = clock_timestamp()
        where subscription = $1 and stream_id = $2`,
      [subscription, before.streamId, before.position + 1, before.version + 1],
    );
  }

  /** An operator who asked meanwhile wants another attempt at once. */
  async failedAgain(
    transaction: pg.ClientBase,
    { subscription }: HeldShard,
    parked: ParkedStream,
    event: StoredEvent,
    error: string,
    pauseMs: number,
  ): Promise<void> {
    await transaction.query(
      `update ${this.table}
          set position = $3, version = $4, attempts = attempts + 1, error = $5,
              next_attempt_at = clock_timestamp()
                + case when redrives = $6 then $7 * interval '1 millisecond' else interval '0' end
        where subscription = $1 and stream_id = $2`,
      [subscription, parked.streamId, event.position, event.version, error, parked.redrives, pauseMs],
    );
  }

  /** Nothing waits any more: the stream is handled with the others again. */
  async release(transaction: pg.ClientBase, { subscription }: HeldShard, streamId: string): Promise<void> {
    await transaction.query(`delete from ${this.table} where subscription = $1 and stream_id = $2`, [
      subscription,
      streamId,
    ]);
  }
}
