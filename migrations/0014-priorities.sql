-- Priorities of queued tasks, and a bound on the tasks of one owner that are at the provider at once.

alter table task_timer
  -- Order among the submissions of one owner: 0 high, 1 normal, 2 low.
  add column rank    smallint not null default 1,
  -- A submission that was claimed and has not started yet, until due_at; kept only where owners have such a bound.
  add column claimed boolean  not null default false;
-- The rank of rows that are submissions. A column of its own keeps the planner from taking an index over all lanes, and
-- is right whoever writes the row.
alter table task_timer
  add column submit_rank smallint generated always as (case when lane = 'submit' and due_at is not null then rank end) stored;

-- Which owners have submissions, and which of an owner's is next? Ranks are few, so each is looked up on its own: a task
-- that waits for its next attempt never stands before one that is due.
create index task_timer_submit on task_timer (owner, submit_rank, due_at) where submit_rank is not null;
-- How many submissions of this owner are about to start?
create index task_timer_claimed on task_timer (owner) where claimed;
-- How many tasks of this owner are at the provider?
create index task_at_provider on task (owner) where status in ('submitting', 'submitted', 'running');

-- Inline projection, called by append_events under the log's lock with the commands that were written. The document of a
-- command is the row as it will be and what is due next, computed by the writer for exactly this version; its fields stand
-- in this order, separated by U+001F, an empty one is null. The instant `infinity` means "now, this append".
--
--    1 is new   2 owner   3 domain   4 model   5 status   6 submitted at   7 completed at   8 last polled at
--    9 held since   10 idempotency key   11 metadata digests   12 facts
--   13 version of the event whose sealed part is the outcome's; 0: there is no outcome; null: as it was
--   14 account, 15 provider id and 16 attempt of an id that is bound by this append
--   17 timer: null for none any more, `set`, or `keep` for "if a call of this lane is planned already, its time stands"
--   18 lane   19 due at, or 20 due in ms   21 clock at, or 22 clock in ms   23 checks   24 misses   25 the provider was asked
--   26 id of the master key and 27 wrapped data key (base64) to be stored   28 erased at: copies and key go   29 rank
create or replace function project_tasks(
  p_stream uuid[], p_version integer[], p_first_position bigint[], p_recorded_at timestamptz, p_document text[]
) returns void language plpgsql set search_path from current
as $$
declare
  v_now constant timestamptz := clock_timestamp();
begin
  with change as materialized (
    select c.stream, c.version, c.position, string_to_array(c.document, e'\x1f', '') as f
      from unnest(p_stream, p_version, p_first_position, p_document) as c (stream, version, position, document)
  ), state as materialized (
    select c.stream, c.version, c.position, c.f,
           case c.f[6] when 'infinity' then p_recorded_at else c.f[6]::timestamptz end as submitted_at,
           case c.f[7] when 'infinity' then p_recorded_at else c.f[7]::timestamptz end as completed_at,
           case c.f[8] when 'infinity' then p_recorded_at else c.f[8]::timestamptz end as last_polled_at,
           case c.f[9] when 'infinity' then p_recorded_at else c.f[9]::timestamptz end as held_since,
           case c.f[28] when 'infinity' then p_recorded_at else c.f[28]::timestamptz end as erased_at
      from change c
  ), written as (
    -- One upsert for new and known tasks, because it finds the row by key whatever the statistics say; an update that
    -- joins would be planned once, while the tables are small, and read them whole ever after.
    insert into task as t (id, owner, domain, model, status, version, position, created_at, updated_at, submitted_at,
                           completed_at, last_polled_at, held_since, idempotency_key, metadata_digests, facts,
                           intent_event, intent, outcome_event, outcome, erased_at)
    select s.stream, s.f[2], s.f[3], s.f[4], s.f[5], s.version,
           -- Of a known task the position is not written; 0 tells the update below to leave its outcome as it was.
           case when s.f[1] is not null or s.f[13] is not null then s.position else 0 end,
           p_recorded_at, p_recorded_at, s.submitted_at,
           s.completed_at, s.last_polled_at, s.held_since, s.f[10], s.f[11]::text[], s.f[12]::json,
           -- A known task keeps these two, what stands for them here is not written.
           coalesce(i.event_id, s.stream), coalesce(i.sealed, ''), o.event_id, o.sealed, s.erased_at
      from state s
      left join lateral (
        select event_id, sealed from event
         where s.f[1] is not null and event.stream_id = s.stream and event.version = 1 limit 1) i on true
      left join lateral (
        select event_id, sealed from event
         where s.f[13] <> '0' and event.stream_id = s.stream and event.version = s.f[13]::integer limit 1) o on true
    on conflict (id) do update
       set status = excluded.status, version = excluded.version, updated_at = excluded.updated_at,
           submitted_at = excluded.submitted_at, completed_at = excluded.completed_at,
           last_polled_at = excluded.last_polled_at, held_since = excluded.held_since, facts = excluded.facts,
           outcome_event = case when excluded.position = 0 then t.outcome_event else excluded.outcome_event end,
           outcome = case when excluded.position = 0 then t.outcome else excluded.outcome end,
           erased_at = excluded.erased_at,
           metadata_digests = case when excluded.erased_at is null then t.metadata_digests end,
           intent = case when excluded.erased_at is null then t.intent else ''::bytea end
  ), keyed as (
    insert into task_key (task_id, key_id, wrapped)
    select stream, f[26], decode(f[27], 'base64') from change where f[27] is not null
  ), forgotten as (
    delete from task_key where task_id = any (array(select stream from state where erased_at is not null))
  ), bound as (
    insert into task_provider_id (account, provider_task_id, task_id, attempt)
    select f[14], f[15], stream, f[16]::integer from change where f[15] is not null
  ), ended as (
    delete from task_timer
     where task_id = any (array(select stream from change where f[17] is null and f[1] is null))
  )
  insert into task_timer as t (task_id, owner, model, version, lane, due_at, clock_at, checks, misses, epoch,
                               last_checked_at, rank)
  select stream, f[2], f[4], version, f[18],
         case when f[18] is null then null
              when f[19] is not null then f[19]::timestamptz
              else v_now + f[20]::float8 * interval '1 millisecond' end,
         coalesce(f[21]::timestamptz, v_now + f[22]::float8 * interval '1 millisecond'),
         f[23]::integer, f[24]::integer,
         case f[17] when 'keep' then 0 else 1 end, -- 0 asks below to keep the call that is planned
         case when f[25] is not null then p_recorded_at end,
         -- A replica of the version before knows of no ranks.
         coalesce(f[29]::smallint, 1)
    from change where f[17] is not null
  on conflict (task_id) do update set
    (lane, due_at, checks, misses, epoch, claimed) = (
      select case when k.keeps then t.lane else excluded.lane end,
             case when k.keeps then t.due_at else excluded.due_at end,
             case when k.keeps then t.checks else excluded.checks end,
             case when k.keeps then t.misses else excluded.misses end,
             case when k.keeps then t.epoch else t.epoch + 1 end,
             k.keeps and t.claimed
        from (select excluded.epoch = 0 and t.due_at is not null
                     and (t.lane = excluded.lane or (t.lane = 'slow' and excluded.lane = 'poll')) as keeps) k),
    version = excluded.version,
    clock_at = excluded.clock_at,
    last_checked_at = coalesce(excluded.last_checked_at, t.last_checked_at);
end $$;
