import { Inject, Injectable, Optional } from '@nestjs/common';
import { type Pool, type PoolClient } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { type Lane } from '../domain/plan-wake.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { STILL_DUE } from './still-due.js';
import { CLAIM_SUBMITS, isWorthAnother, LOCK_SUBMIT_CLAIMS } from './submit-claims.js';

/** A piece of due work that is ours until the lease runs out. */
export interface Claim {
  readonly taskId: string;
  readonly owner: string;
  readonly model: string;
  /** The version of the task that this work follows from: an older state must not be used to do it. */
  readonly version: number;
  readonly lane: Lane;
  /** Tells this claim from a later one of the same task. */
  readonly epoch: number;
  readonly checks: number;
  readonly misses: number;
  /** When the provider was asked last; null: never. */
  readonly lastCheckedAt: Date | null;
  /** Database clock at the claim. */
  readonly now: Date;
}

/** Puts a claimed task back, to be looked at later, without an event. */
export interface Touch {
  readonly taskId: string;
  readonly epoch: number;
  readonly lane: Lane;
  readonly inMs: number;
  readonly checks: number;
  readonly misses: number;
  /** The provider was really asked. */
  readonly checked: boolean;
}

interface ClaimRow {
  task_id: string;
  owner: string;
  model: string;
  version: number;
  lane: Lane;
  epoch: string | number;
  checks: number;
  misses: number;
  last_checked_at: Date | null;
  now: Date;
}

/** A process that freezes in the middle of a claim keeps the others from claiming for so long. */
const CLAIM_WITHIN_MS = 5_000;

/** A row of CLAIM_SUBMITS; of the claim only where there is one. */
type SubmitRow = (ClaimRow | { task_id: null }) & {
  /** Place of its owner in the walk; null when the owner was found otherwise. */
  turn: number | null;
  walked_to: string | null;
  is_whole: boolean;
  share: string | number;
};

/** How many owners one claim offers a turn. */
const OWNERS_PER_CLAIM = 128;
/** How often a claim looks at further owners when those it looked at have no room or nothing due. */
const MOST_WALKS = 8;

/**
 * The timer rows, seen as a queue that many processes take from.
 *
 * A claim moves the due time by the lease: work that falls silent becomes due again by itself. All times are the
 * database's. Rows locked by another process are skipped, so two never hold the same claim.
 */
@Injectable()
export class TimerStore {
  private readonly lastOwner = new Map<Lane, string>();
  private readonly mostAtProvider: number | null;

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Optional() @Inject(TASKS_OPTIONS) options?: Pick<TasksOptions, 'quotas'>,
  ) {
    this.mostAtProvider = options?.quotas?.tasksAtProvider ?? null;
  }

  /**
   * Takes up to `limit` due calls of a lane. Owners take turns: first the oldest call of each of the next owners, then
   * the oldest of all; for submissions see submit-claims.ts.
   */
  async claim(lane: Lane, limit: number, leaseMs: number): Promise<Claim[]> {
    return lane === 'submit' ? this.claimSubmits(limit, leaseMs) : this.claimCalls(lane, limit, leaseMs);
  }

  private async claimCalls(lane: Lane, limit: number, leaseMs: number): Promise<Claim[]> {
    const { rows } = await this.pool.query<ClaimRow>({
      name: 'claim_calls',
      text: CLAIM_CALLS,
      values: [lane, limit, leaseMs, this.lastOwner.get(lane) ?? '', OWNERS_PER_CLAIM],
    });
    // The next claim goes on behind the last owner of this one.
    const owners = rows.map((row) => row.owner).sort();
    const last = owners.findLast((owner) => owner > (this.lastOwner.get(lane) ?? '')) ?? owners.at(-1);
    this.lastOwner.set(lane, last ?? '');
    return rows.map(toClaim);
  }

  private async claimSubmits(limit: number, leaseMs: number): Promise<Claim[]> {
    const claims: Claim[] = [];
    for (let walks = 0; walks < MOST_WALKS; walks++) {
      const wanted = limit - claims.length;
      const rows = await this.querySubmits(wanted, leaseMs);
      const claimed = rows.filter((row): row is ClaimRow & SubmitRow => row.task_id !== null);
      claims.push(...claimed.map(toClaim));
      const { walked_to: walkedTo, is_whole: isWhole, share } = rows[0]!;
      // The next claim goes on behind the last owner of this one, or where the walk ended without reaching them all.
      const last = claimed.findLast(({ turn }) => turn !== null)?.owner;
      const next = isWhole ? (last ?? walkedTo) : (walkedTo ?? last);
      this.lastOwner.set('submit', next ?? '');
      const owners = claimed.map(({ owner }) => owner);
      if (!isWorthAnother({ owners, limit: wanted, share: Number(share), isWhole })) break;
    }
    return claims;
  }

  private async querySubmits(limit: number, leaseMs: number): Promise<SubmitRow[]> {
    const { mostAtProvider } = this;
    const values = [limit, leaseMs, this.lastOwner.get('submit') ?? '', OWNERS_PER_CLAIM, mostAtProvider];
    const claimBy = async (client: Pick<PoolClient, 'query'>): Promise<SubmitRow[]> =>
      (await client.query<SubmitRow>({ name: 'claim_submits', text: CLAIM_SUBMITS, values })).rows;
    return mostAtProvider === null ? claimBy(this.pool) : this.inTurn(claimBy);
  }

  private async inTurn<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let isBroken = true;
    try {
      await client.query(
        `begin; set local idle_in_transaction_session_timeout = ${CLAIM_WITHIN_MS}; ${LOCK_SUBMIT_CLAIMS}`,
      );
      const result = await work(client);
      await client.query('commit');
      isBroken = false;
      return result;
    } finally {
      client.release(isBroken);
    }
  }

  /** Takes up to `limit` tasks whose clock has run out. The clock is silenced for the lease. */
  async claimClocks(limit: number, leaseMs: number): Promise<{ taskId: string; now: Date }[]> {
    const { rows } = await this.pool.query<{ task_id: string; now: Date }>({
      name: 'claim_clocks',
      text: `update task_timer t set clock_at = clock_timestamp() + $2 * interval '1 millisecond'
              where t.task_id = any (array(
                      select task_id from task_timer where clock_at <= statement_timestamp()
                       order by clock_at limit $1 for update skip locked))
              returning t.task_id, clock_timestamp() as now`,
      values: [limit, leaseMs],
    });
    return rows.map((row) => ({ taskId: row.task_id, now: row.now }));
  }

  /** Puts claims back. Those that are no longer ours are left alone. */
  async touch(touches: readonly Touch[]): Promise<void> {
    if (touches.length === 0) return;
    await this.pool.query({
      name: 'touch_timers',
      text: `update task_timer t
                set lane = u.lane, due_at = clock_timestamp() + u.in_ms * interval '1 millisecond', checks = u.checks,
                    misses = u.misses, claimed = false, last_checked_at = case when u.checked then clock_timestamp() else t.last_checked_at end
               from unnest($1::uuid[], $2::bigint[], $3::text[], $4::float8[], $5::int[], $6::int[], $7::boolean[])
                    as u (task_id, epoch, lane, in_ms, checks, misses, checked)
              where t.task_id = u.task_id and t.epoch = u.epoch`,
      values: [
        touches.map((touch) => touch.taskId),
        touches.map((touch) => touch.epoch),
        touches.map((touch) => touch.lane),
        touches.map((touch) => touch.inMs),
        touches.map((touch) => touch.checks),
        touches.map((touch) => touch.misses),
        touches.map((touch) => touch.checked),
      ],
    });
  }

  /**
   * Moves up to `limit` due submissions of a model out of the way of the others. Answers how many.
   *
   * @param inMs when they are due again
   */
  async putOffModel(model: string, limit: number, inMs: number): Promise<number> {
    const { rowCount } = await this.pool.query({
      name: 'put_off_model',
      text: `update task_timer set due_at = clock_timestamp() + $3 * interval '1 millisecond', claimed = false
              where task_id = any (array(
                      select task_id from task_timer
                       where lane = 'submit' and due_at <= statement_timestamp() and model = $1
                       order by due_at limit $2 for update skip locked))`,
      values: [model, limit, inMs],
    });
    return rowCount ?? 0;
  }

  /** Ends the looks at a task that has nothing left to tell. */
  async drop(claim: Pick<Claim, 'taskId' | 'epoch'>): Promise<void> {
    await this.pool.query('delete from task_timer where task_id = $1 and epoch = $2', [
      claim.taskId,
      claim.epoch,
    ]);
  }

  /** No call is coming any more; a clock that is set goes on. */
  async rest(claim: Pick<Claim, 'taskId' | 'epoch'>): Promise<void> {
    await this.pool.query(
      'update task_timer set lane = null, due_at = null, claimed = false where task_id = $1 and epoch = $2',
      [claim.taskId, claim.epoch],
    );
  }

  /** How many tasks have something coming, counting no further than `max`. */
  async countUpTo(max: number): Promise<number> {
    const { rows } = await this.pool.query<{ n: number }>(
      'select count(*)::int as n from (select from task_timer limit $1) t',
      [max],
    );
    return rows[0]!.n;
  }

  /** The database's clock: the only one that is the same for all replicas. */
  async now(): Promise<Date> {
    const { rows } = await this.pool.query<{ now: Date }>('select clock_timestamp() as now');
    return rows[0]!.now;
  }
}

/**
 * $1 lane, $2 limit, $3 lease (ms), $4 owner served last, $5 owners to offer a turn.
 *
 * The recursion walks the index from owner to owner instead of reading every row of each: from the one served last to the
 * end (lap 0), then from the beginning to where it started (lap 1). Rows are taken by key from a short list: a join with
 * the table would be planned by statistics that are old when the table has just grown. `offset 0` keeps the planner from
 * writing a step out, and looking it up, wherever its result is used.
 */
export const CLAIM_CALLS = `
  with recursive owners as (
    select owner, case when owner > $4 then 0 else 1 end as lap, 1 as n
      from (select coalesce(
        (select owner from task_timer where lane = $1 and due_at is not null and owner > $4 order by owner limit 1),
        (select owner from task_timer where lane = $1 and due_at is not null order by owner limit 1)) as owner offset 0) first
     where owner is not null
    union all
    select next.owner, case when next.owner > o.owner then o.lap else 1 end, o.n + 1
      from owners o, lateral (select coalesce(
        (select owner from task_timer where lane = $1 and due_at is not null and owner > o.owner order by owner limit 1),
        (select owner from task_timer where o.lap = 0 and lane = $1 and due_at is not null
          order by owner limit 1)) as owner offset 0) next
     where o.n < $5 and ((o.lap = 0 and next.owner > o.owner) or next.owner <= $4)
  ), turns as (
    select first.task_id from owners o, lateral (
      select task_id from task_timer
       where lane = $1 and owner = o.owner and due_at <= statement_timestamp() order by due_at limit 1) first
    limit $2
  ), oldest as (
    select task_id from task_timer
     where lane = $1 and due_at <= statement_timestamp() order by due_at limit $2
  ), candidates as (
    select array(select task_id from turns union all select task_id from oldest) as ids
  ), taken as (
    select t.task_id from task_timer t
     where t.task_id = any ((select ids from candidates)::uuid[]) and t.lane is not distinct from $1 and ${STILL_DUE}
     order by array_position((select ids from candidates), t.task_id) limit $2 for update of t skip locked
  )
  update task_timer t
     set due_at = clock_timestamp() + $3 * interval '1 millisecond', epoch = t.epoch + 1
   where t.task_id = any (array(select task_id from taken))
  returning t.task_id, t.owner, t.model, t.version, t.lane, t.epoch, t.checks, t.misses, t.last_checked_at,
            clock_timestamp() as now`;

const toClaim = (row: ClaimRow): Claim => ({
  taskId: row.task_id,
  owner: row.owner,
  model: row.model,
  version: row.version,
  lane: row.lane,
  epoch: Number(row.epoch),
  checks: row.checks,
  misses: row.misses,
  lastCheckedAt: row.last_checked_at,
  now: row.now,
});
