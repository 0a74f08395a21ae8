-- Tasks: the read model, the ids the provider gave, and what is due when. All written by the inline projection, in the
-- transaction of the events they follow from.

-- One row per task, equal to the fold of its stream. Personal parts are copies of the sealed bytes of the event named
-- beside them, so erasing the key of a task empties the row as well.
create table task (
  id               uuid        not null primary key,
  owner            text        collate "C" not null,
  domain           text        collate "C" not null,
  model            text        collate "C" not null,
  status           text        collate "C" not null,
  version          integer     not null,
  position         bigint      not null, -- of TaskSubmitted: the order of lists
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  submitted_at     timestamptz,
  completed_at     timestamptz,
  last_polled_at   timestamptz,          -- newest recorded status read
  held_since       timestamptz,
  idempotency_key  text,
  metadata_digests text[],               -- one digest per metadata pair; null for none
  facts            json        not null, -- everything public that no query asks for
  intent_event     uuid        not null,
  intent           bytea       not null,
  outcome_event    uuid,
  outcome          bytea
) with (fillfactor = 85);

-- An owner's list, newest first, stable under inserts.
create index task_of_owner on task (owner, position desc);
-- Which tasks wait for somebody (held, unconfirmed)? Small, because few do.
create index task_waiting on task (status, position) where status in ('held', 'unconfirmed');
-- Which tasks carry this metadata pair?
create index task_metadata on task using gin (metadata_digests) where metadata_digests is not null;

-- Every id the provider gave. The key is what keeps one provider task from being bound to two tasks.
create table task_provider_id (
  account          text    collate "C" not null,
  provider_task_id text    collate "C" not null,
  task_id          uuid    not null,
  attempt          integer not null,
  constraint task_provider_id_bound_once primary key (account, provider_task_id)
);
-- Which task has this provider id? (the account is not asked for)
create index task_provider_id_lookup on task_provider_id (provider_task_id);

-- What is due when: one row per task that still has something coming. Claiming a call moves due_at by the lease, so a
-- claim that falls silent becomes due again by itself; the epoch tells a claim from a later one.
create table task_timer (
  task_id         uuid        not null primary key,
  owner           text        collate "C" not null,
  model           text        collate "C" not null,
  lane            text        collate "C", -- submit, recover, confirm, poll, slow; null: no call is coming
  due_at          timestamptz,             -- of the call
  clock_at        timestamptz,             -- overdue, or the end of an unconfirmed wait
  checks          integer     not null,    -- looks in a row without news
  misses          integer     not null,    -- timeouts in a row
  epoch           bigint      not null,
  last_checked_at timestamptz
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

-- Which calls of a lane are due, oldest first?
create index task_timer_due on task_timer (lane, due_at) where due_at is not null;
-- Which owners have work in a lane, and what is each one's oldest? (owners take turns)
create index task_timer_turn on task_timer (lane, owner, due_at) where due_at is not null;
-- Which clocks have run out?
create index task_timer_clock on task_timer (clock_at) where clock_at is not null;

-- Inline projection, called by append_events under the log's lock with the commands that were written. Each document is
-- {"task": row, "timer": row or null, "bind": [ids], "checked": bool}; the time `infinity` stands for "now, this append".
create function project_tasks(
  p_stream uuid[], p_version integer[], p_first_position bigint[], p_recorded_at timestamptz, p_document text[]
) returns void language plpgsql set search_path from current as $$
declare
  this_moment constant timestamptz := clock_timestamp();
begin
  with document as materialized (
    select c.stream, c.version, c.first_position, c.body::json as body
      from unnest(p_stream, p_version, p_first_position, p_document) as c (stream, version, first_position, body)
  ), written as (
    insert into task as t
    select d.stream, r.owner, r.domain, r.model, r.status, d.version, d.first_position,
           case r.created_at when 'infinity' then p_recorded_at else r.created_at end,
           p_recorded_at,
           case r.submitted_at when 'infinity' then p_recorded_at else r.submitted_at end,
           case r.completed_at when 'infinity' then p_recorded_at else r.completed_at end,
           case r.last_polled_at when 'infinity' then p_recorded_at else r.last_polled_at end,
           case r.held_since when 'infinity' then p_recorded_at else r.held_since end,
           r.idempotency_key, r.metadata_digests, r.facts,
           r.intent_event, coalesce(decode(r.intent, 'base64'), ''), r.outcome_event, decode(r.outcome, 'base64')
      from document d,
           json_to_record(d.body -> 'task') as r (
             owner text, domain text, model text, status text, created_at timestamptz, submitted_at timestamptz,
             completed_at timestamptz, last_polled_at timestamptz, held_since timestamptz, idempotency_key text,
             metadata_digests text[], facts json, intent_event uuid, intent text, outcome_event uuid, outcome text)
    on conflict (id) do update set
      status = excluded.status, version = excluded.version, updated_at = excluded.updated_at,
      submitted_at = excluded.submitted_at, completed_at = excluded.completed_at,
      last_polled_at = excluded.last_polled_at, held_since = excluded.held_since, facts = excluded.facts,
      outcome_event = excluded.outcome_event,
      -- The bytes travel once, with the event that brought them.
      outcome = case when excluded.outcome_event is null then null
                     when excluded.outcome is null then t.outcome else excluded.outcome end
  ), bound as (
    insert into task_provider_id
    select b.account, b.provider_task_id, d.stream, b.attempt
      from document d, json_to_recordset(d.body -> 'bind') as b (account text, provider_task_id text, attempt integer)
  ), finished as (
    delete from task_timer t using document d
     where t.task_id = d.stream and json_typeof(d.body -> 'timer') = 'null'
  )
  insert into task_timer as t
  select d.stream, r.owner, r.model, r.lane,
         case when r.lane is null then null
              when r.due_at is not null then r.due_at
              else this_moment + coalesce(r.due_in_ms, 0) * interval '1 millisecond' end,
         case when r.clock_at is not null then r.clock_at
              when r.clock_in_ms is not null then this_moment + r.clock_in_ms * interval '1 millisecond' end,
         coalesce(r.checks, 0), coalesce(r.misses, 0),
         case when r.keep then 0 else 1 end, -- 0 asks below: keep the look that is planned already
         case when r.checked then p_recorded_at end
    from document d,
         json_to_record(d.body -> 'timer') as r (
           owner text, model text, lane text, due_at timestamptz, due_in_ms double precision, keep boolean,
           clock_at timestamptz, clock_in_ms double precision, checks integer, misses integer, checked boolean)
   where json_typeof(d.body -> 'timer') = 'object'
  on conflict (task_id) do update set
    (lane, due_at, checks, misses, epoch) = (
      select case when k.keeps then t.lane else excluded.lane end,
             case when k.keeps then t.due_at else excluded.due_at end,
             case when k.keeps then t.checks else excluded.checks end,
             case when k.keeps then t.misses else excluded.misses end,
             case when k.keeps then t.epoch else t.epoch + 1 end
        from (select excluded.epoch = 0 and t.due_at is not null
                     and (t.lane = excluded.lane or (t.lane = 'slow' and excluded.lane = 'poll')) as keeps) k),
    clock_at = excluded.clock_at,
    last_checked_at = coalesce(excluded.last_checked_at, t.last_checked_at);
end $$;

-- Names this log for ever, also after it was copied: part of what callback tokens are made from.
create table log_identity (id uuid not null default gen_random_uuid());
insert into log_identity default values;
