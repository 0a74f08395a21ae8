import { STILL_DUE } from './still-due.js';

/*
 * Which queued tasks are sent next. Owners take turns, whatever the priorities of their tasks; within an owner the
 * priority decides, then age. An owner with as many tasks at the provider as one may have gets no turn.
 */

/**
 * $1 limit, $2 lease (ms), $3 owner served last, $4 owners to offer a turn, $5 most tasks of an owner at the provider or
 * null.
 *
 * The walk goes along an index from owner to owner, as in CLAIM_CALLS: from the one served last to the end (lap 0), then
 * from the beginning to where it started (lap 1). An owner out of its reach is found by having one of the oldest due
 * tasks. Those that have something due, and room, are served round after round with an equal share. So a claim reads a few
 * index entries per owner and about as many tasks as it brings, however many are open; with a bound also what one owner
 * has at the provider, at most the bound.
 *
 * There is always a row that tells how far the walk went; `task_id` is null where nothing was claimed.
 */
export const CLAIM_SUBMITS = `
  with recursive walk as (
    select owner, case when owner > $3 then 0 else 1 end as lap, 1 as n
      from (select coalesce(
        (select owner from task_timer where submit_rank is not null and owner > $3 order by owner limit 1),
        (select owner from task_timer where submit_rank is not null order by owner limit 1)) as owner
        offset 0) first
     where owner is not null
    union all
    select next.owner, case when next.owner > o.owner then o.lap else 1 end, o.n + 1
      from walk o, lateral (select coalesce(
        (select owner from task_timer where submit_rank is not null and owner > o.owner order by owner limit 1),
        (select owner from task_timer where o.lap = 0 and submit_rank is not null
          order by owner limit 1)) as owner offset 0) next
     where o.n < $4 and ((o.lap = 0 and next.owner > o.owner) or next.owner <= $3)
  ), oldest as (
    select owner from task_timer
     where lane = 'submit' and due_at <= statement_timestamp() order by due_at limit $1
  ), reach as (
    select owner, n from walk
    union all
    select distinct owner, null::integer from oldest where owner not in (select owner from walk)
  ), served as (
    select r.owner, r.n, room.room
      from reach r, lateral (
        select r.owner from (values (0), (1), (2)) rank (rank), lateral (
          select from task_timer where owner = r.owner and submit_rank = rank.rank and due_at <= statement_timestamp() limit 1) due limit 1) due, lateral (
        select case when $5::integer is not null then $5::integer
          - (select count(*) from (select from task where owner = due.owner
                and status in ('submitting', 'submitted', 'running') limit $5) at_provider)
          - (select count(*) from (select from task_timer where owner = due.owner and claimed
                and due_at > statement_timestamp() limit $5) about_to_start) end as room offset 0) room
     where room.room is null or room.room > 0
     limit $1
  ), share as (
    select ceil($1::float8 / greatest(1, count(*)))::bigint as size from served
  ), picks as (
    select task.task_id, row_number() over (order by task.round, s.n) as place
      from served s, lateral (
        select next.task_id, row_number() over (order by rank.rank, next.due_at) as round
          from (values (0), (1), (2)) rank (rank), lateral (
            select task_id, due_at from task_timer
             where owner = s.owner and submit_rank = rank.rank and due_at <= statement_timestamp()
             order by due_at limit (select size from share)) next
         order by round limit least((select size from share), s.room)) task
  ), ids as (
    select array(select task_id from picks order by place) as ids
  ), taken as (
    select t.task_id from task_timer t
     where t.task_id = any ((select ids from ids)::uuid[]) and t.lane is not distinct from 'submit' and ${STILL_DUE}
     order by array_position((select ids from ids), t.task_id) limit $1 for update of t skip locked
  ), claimed as (
    update task_timer t
       set due_at = clock_timestamp() + $2 * interval '1 millisecond', epoch = t.epoch + 1, claimed = $5 is not null
     where t.task_id = any (array(select task_id from taken))
    returning t.task_id, t.owner, t.model, t.version, t.lane, t.epoch, t.checks, t.misses, t.last_checked_at,
              clock_timestamp() as now
  ), walked as (
    -- Only when not everybody found a place was the walk gone to its end.
    select case when count(*) < $1 then (select owner from walk order by n desc limit 1) end as walked_to,
           case when count(*) < $1 then (select count(*) from walk) < $4 else false end as is_whole,
           (select size from share) as share
      from served
  )
  select c.*, w.*, array_position((select ids from ids), c.task_id) as place,
         (select n from served where served.owner = c.owner) as turn
    from walked w left join claimed c on true
   order by place`;

/** Taken for a transaction by claims that count what an owner has at the provider: no two see the same room. */
export const LOCK_SUBMIT_CLAIMS = `select pg_advisory_xact_lock(hashtextextended('submit claims ' || current_schema(), 0))`;

/** What a claim tells of itself beside its rows. */
export interface ClaimedShares {
  /** Owners of what was claimed, in the order of their turns. */
  readonly owners: readonly string[];
  readonly limit: number;
  /** How much each owner could get. */
  readonly share: number;
  /** Every owner that has submissions was looked at. */
  readonly isWhole: boolean;
}

/** Whether another claim at once would bring more: an owner had its whole share, or not all owners were looked at. */
export const isWorthAnother = ({ owners, limit, share, isWhole }: ClaimedShares): boolean => {
  if (owners.length >= limit) return false;
  if (!isWhole) return true;
  const counts = new Map<string, number>();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return [...counts.values()].some((count) => count >= share);
};
