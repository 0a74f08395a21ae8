-- The log in parts: the table of events becomes the first partition of a table of the same name. No row is copied.

-- The long part, which only keeps VACUUM away from the table.
alter table event validate constraint event_range;

-- From here on appends and readers wait: in the order in which an append takes its locks.
select pg_advisory_xact_lock(log_lock_key());
lock table event in access exclusive mode;

-- They know the table by its identity and would see the first partition only.
do $$
declare
  v_what text;
begin
  select string_agg(what, ', ') into v_what from (
    select distinct pg_describe_object('pg_class'::regclass, r.ev_class, 0) as what
      from pg_depend d join pg_rewrite r on r.oid = d.objid
     where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = 'event'::regclass
    union
    select 'publication ' || quote_ident(p.pubname) from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
     where r.prrelid = 'event'::regclass
  ) depending;
  if v_what is not null then
    raise exception 'the table of events cannot be partitioned: % would not follow', v_what
      using hint = 'Drop it, migrate, and make it again.';
  end if;
end $$;

alter table event rename to event_from_1;
alter table event_from_1 rename constraint event_pkey to event_from_1_pkey;
alter table event_from_1 rename constraint event_stream_version to event_from_1_stream_version;
alter index event_owner_position rename to event_from_1_owner_position;
alter index event_result_file_ids rename to event_from_1_result_file_ids;
alter trigger event_only_grows on event_from_1 rename to only_grows;

-- Stable for auditors as before: event(position, stream_id, version, event_id, type, owner, recorded_at, hash).
create table event (
  like event_from_1 including defaults including storage including compression including comments,
  constraint event_pkey primary key (position)
) partition by range (position);
-- Each of these also is an index of every partition. What happened to this owner's streams after position p?
create index event_owner_position on event (owner, position);
-- Whose result file has this id of the provider? See migration 12.
create index event_result_file_ids on event
  using gin (jsonb_path_query_array(data::jsonb, '$.files[*].provider_file_id'))
  where type = 'TaskSucceeded' and jsonb_path_exists(data::jsonb, '$.files[*].provider_file_id');

-- Triggers for statements guard the table that is named: this one, and each partition for itself.
create trigger event_only_grows before update or delete or truncate on event
  for each statement execute function refuse_change();
alter table event enable always trigger event_only_grows;

-- Owner and rights go over to what has the name now.
do $$
declare
  v_owner constant regrole := (select relowner::regrole from pg_class where oid = 'event_from_1'::regclass);
  v_right record;
begin
  if v_owner::oid <> (select relowner from pg_class where oid = 'event'::regclass) then
    execute format('alter table event owner to %s', v_owner);
  end if;
  for v_right in
    select acl.privilege_type || coalesce(' (' || quote_ident(acl.attname) || ')', '') as what,
           case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end as whom
      from (
        select a.privilege_type, a.grantee, null::name as attname
          from pg_class c, aclexplode(c.relacl) a where c.oid = 'event_from_1'::regclass
        union all
        select a.privilege_type, a.grantee, attname
          from pg_attribute, aclexplode(attacl) a where attrelid = 'event_from_1'::regclass
      ) acl
     where acl.grantee <> v_owner::oid
  loop
    execute format('grant %s on event to %s', v_right.what, v_right.whom);
    execute format('revoke %s on event_from_1 from %s', v_right.what, v_right.whom);
  end loop;
end $$;

do $$
begin
  execute format('alter table event attach partition event_from_1 for values from (1) to (%s)',
                 (select last_position + 1 from log_partition));
end $$;
alter table event_from_1 drop constraint event_range;

-- ---------------------------------------------------------------------------------------------------- partitions

-- Makes a table that can become a partition: columns and indexes of the log, (stream, version) once, and no change allowed.
create function create_event_table(p_name text) returns void language plpgsql set search_path from current as $$
begin
  execute format('create table %I (like event including defaults including storage including compression including comments,
                    constraint %I primary key (position), constraint %I unique (stream_id, version))',
                 p_name, p_name || '_pkey', p_name || '_stream_version');
  execute format('create index %I on %I (owner, position)', p_name || '_owner_position', p_name);
  perform refuse_changes_of(format('%I', p_name)::regclass);
end $$;

-- Adds partitions until the log can go on beyond a position, with one in reserve. Called by append_events under the log's
-- lock, with a tenth of a partition still free, so it need not succeed at once: while somebody else works on the table (an
-- ANALYZE), and the room is enough, it leaves it to a later append.
create function make_room(p_position bigint) returns void language plpgsql set search_path from current as $$
declare
  v_size  constant bigint := (select size from log_partitioning);
  v_first bigint;
  v_last  bigint := (select coalesce(max(last_position), 0) from log_partition);
begin
  while v_last < p_position + greatest(v_size / 10, 1) loop
    if v_last >= p_position then
      begin
        lock table event in share update exclusive mode nowait;
      exception when lock_not_available then
        return;
      end;
    end if;
    v_first := v_last + 1;
    v_last := v_last + v_size;
    perform create_event_table('event_from_' || v_first);
    execute format('alter table event attach partition %I for values from (%s) to (%s)',
                   'event_from_' || v_first, v_first, v_last + 1);
    insert into log_partition (first_position, last_position) values (v_first, v_last);
  end loop;
end $$;

revoke execute on function create_event_table, make_room from public;

-- -------------------------------------------------------------------------------------------------------- append

-- Appends a batch of commands. A command is all events of one request for one stream; a stream occurs at most once in
-- a batch. Commands whose expected version does not hold drop out and are reported, the others are written.
--
--   p_origin       who appends; travels in the notification, so that a process can ignore its own
--   p_together     true: when any command conflicts, raise GL001 instead, so that the caller's transaction cannot
--                  commit the others
--   p_projections  names of functions in this schema, called in this order, once per batch, with the written commands
--                  that carry a document:
--                  fn(p_stream uuid[], p_version int[], p_first_position bigint[], p_recorded_at timestamptz,
--                     p_document text[])
--   p_expected     a version (0: no stream yet), -1: any, -2: the stream exists
--   p_events       how many events each command has
--   p_owner …      columns of texts are one text, its elements separated by U+001E; an empty element is null
--   p_sealed       the sealed parts one behind the other; of each event: where its part starts (from 1, null for none)
--                  and how long it is
--   p_hash         32 bytes per event, one behind the other
--   p_command      of each event: which command it belongs to (1-based); events of a command lie next to each other,
--                  in order of command
--
-- One row per command, in order:
--   outcome 0      written; version and positions are the new ones
--   outcome 1      conflict; version is the actual one, 0 for no stream
--   outcome 2      the same event ids are already stored in the stream, where the command would have put them (for any
--                  and exists: anywhere); version, positions and time are the stored ones
create or replace function append_events(
  p_origin text, p_together boolean, p_projections text[],
  -- one element per command
  p_stream uuid[], p_expected int[], p_events int[], p_owner text, p_actor text, p_correlation_id text,
  p_causation_id text, p_document text,
  -- one element per event
  p_command int[], p_event_id uuid[], p_type text, p_schema_version smallint[], p_data text, p_sealed bytea,
  p_sealed_from int[], p_sealed_length int[], p_hash bytea
)
returns table (
  command int, outcome int, version int, first_position bigint, last_position bigint, recorded_at timestamptz
)
language plpgsql volatile security definer
set search_path from current
-- The arrays say nothing about a better plan, so one plan is kept. Without statistics (fresh tables) the planner would
-- read whole tables, and that plan would stay.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_head      bigint;
  v_chain     bytea;
  v_now       timestamptz;
  v_written   int;           -- events written by this batch
  v_border    bigint;        -- last position of a partition
  v_from      bigint;        -- positions that are written now: all of them, unless they lie on both sides of a border
  v_to        bigint;
  v_low       bigint;        -- between which positions the streams of this batch lie
  v_high      bigint;
  v_distinct  int;
  -- one element per command
  v_actual    int[];         -- version of the stream before this batch
  v_first     int[];         -- index of the command's first event
  v_stored    int[];         -- version of its first event when the command is a repetition, else null
  v_stored_at bigint[];      -- position of that event, and its time
  v_stored_on timestamptz[];
  v_outcome   int[];
  v_base      bigint[];      -- position before its first event
  v_lost      jsonb;
  -- columns of texts
  v_owner        text[] := string_to_array(p_owner, e'\x1e');
  v_actor        text[] := string_to_array(p_actor, e'\x1e');
  v_correlation  text[] := string_to_array(p_correlation_id, e'\x1e', '');
  v_causation    text[] := string_to_array(p_causation_id, e'\x1e', '');
  v_document     text[] := string_to_array(p_document, e'\x1e', '');
  v_type         text[] := string_to_array(p_type, e'\x1e');
  v_data         text[] := string_to_array(p_data, e'\x1e');
  -- one element per document
  v_streams   uuid[];
  v_versions  int[];
  v_positions bigint[];
  v_documents text[];
  v_projection text;
begin
  -- The reads below must see what the previous holder of the lock committed; an older snapshot would not.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'append_events needs a READ COMMITTED transaction, not %',
      upper(current_setting('transaction_isolation')) using errcode = 'invalid_transaction_state';
  end if;

  -- First of all: from here to the end of the transaction this is the only append. Taken later, two batches with
  -- common streams could deadlock.
  perform pg_advisory_xact_lock(log_lock_key());

  select c.last_position, c.chain, c.recorded_at into v_head, v_chain, v_now
    from log_commit c order by c.last_position desc limit 1;
  v_head := coalesce(v_head, 0);
  v_chain := coalesce(v_chain, decode(repeat('00', 32), 'hex'));
  v_now := date_trunc('milliseconds', greatest(clock_timestamp(), v_now));

  -- The lateral subquery with its limit is looked up by key once per command, whatever the planner thinks of the table.
  select array_agg(coalesce(s.version, 0) order by c.n), array_agg(c.first order by c.n), count(distinct c.stream_id),
         min(s.first_position), max(s.last_position)
    into v_actual, v_first, v_distinct, v_low, v_high
    from (
      select n, stream_id, sum(events) over (order by n) - events + 1 as first
        from unnest(p_stream, p_events) with ordinality as u (stream_id, events, n)
    ) c
    left join lateral (
      select version, first_position, last_position from stream where stream.stream_id = c.stream_id limit 1) s on true;
  if v_distinct <> cardinality(p_stream) then
    raise exception 'append_events: a stream occurs twice in one batch' using errcode = 'invalid_parameter_value';
  end if;

  -- Repetitions: only where the stream has grown past the expectation, or where there was none. Before anything is
  -- written, so that a command does not find itself. What is archived is not found: its repetition is a conflict.
  if exists (
    select from unnest(p_expected, v_actual) as u (expected, actual) where u.actual > greatest(u.expected, 0)
  ) then
    select array_agg(e.version order by c.n), array_agg(e.position order by c.n), array_agg(e.recorded_at order by c.n)
      into v_stored, v_stored_at, v_stored_on
      from unnest(p_stream, p_expected, p_events, v_actual, v_first)
             with ordinality as c (stream_id, expected, events, actual, first, n)
      left join lateral (
        select e.version, e.position, e.recorded_at from event e
          where e.stream_id = c.stream_id and e.position between v_low and v_high
            and e.version between greatest(c.expected, 0) + 1
                              and case when c.expected < 0 then c.actual else c.expected + 1 end
            and e.event_id = p_event_id[c.first]
            and p_event_id[c.first : c.first + c.events - 1] = array(
              select same.event_id from event same
                where same.stream_id = c.stream_id and same.version between e.version and e.version + c.events - 1
                  and same.position between v_low and v_high
                order by same.version)
          limit 1
      ) e on c.actual > greatest(c.expected, 0);
  end if;

  select array_agg(outcome order by n), array_agg(base order by n), coalesce(sum(events) filter (where outcome = 0), 0),
         jsonb_agg(jsonb_build_object('command', n, 'actual', actual) order by n) filter (where outcome = 1)
    into v_outcome, v_base, v_written, v_lost
    from (
      select n, events, actual, outcome,
             v_head + sum(case outcome when 0 then events else 0 end) over (order by n)
                    - case outcome when 0 then events else 0 end as base
        from (
          select n, events, actual,
                 case when stored is not null then 2
                      when expected = actual or expected = -1 or (expected = -2 and actual > 0) then 0
                      else 1 end as outcome
            from unnest(p_expected, p_events, v_actual, v_stored)
                   with ordinality as u (expected, events, actual, stored, n)
        ) judged
    ) placed;

  if p_together and v_lost is not null then
    raise exception 'append_events: a stream is not at the expected version' using errcode = 'GL001', detail = v_lost;
  end if;

  if v_written > 0 then
    -- The partition that the next position falls into, and a new one in time.
    select last_position into v_border from log_partition where last_position > v_head order by last_position limit 1;
    if v_border is null or v_head + v_written > v_border - (select size / 10 from log_partitioning) then
      perform make_room(v_head + v_written);
      select last_position into v_border from log_partition where last_position > v_head order by last_position limit 1;
    end if;

    -- What is committed as one batch lies in one partition, so that a partition can be checked alone: a batch that crosses a
    -- border is written as several, in this one transaction.
    v_from := v_head + 1;
    loop
      v_to := least(v_border, v_head + v_written);
      with winner as materialized (
        select * from unnest(p_stream, p_events, v_owner, v_actor, v_correlation, v_causation,
                             v_actual, v_first, v_outcome, v_base)
          with ordinality as u (stream_id, events, owner, actor, correlation_id, causation_id,
                                actual, first, outcome, base, command)
          where outcome = 0
      ), grown as (
        insert into stream (stream_id, version, first_position, last_position)
          select stream_id, actual + events, base + 1, base + events from winner
          on conflict (stream_id) do update set version = excluded.version, last_position = excluded.last_position
      ), written as (
        insert into event (position, stream_id, version, event_id, type, schema_version, owner, actor, correlation_id,
                           causation_id, recorded_at, data, sealed, hash)
          select w.base + e.n - w.first + 1, w.stream_id, w.actual + e.n - w.first + 1, e.event_id, e.type,
                 e.schema_version, w.owner, w.actor, w.correlation_id, w.causation_id, v_now, e.data::json,
                 substring(p_sealed from e.sealed_from for e.sealed_length),
                 substring(p_hash from (e.n - 1)::int * 32 + 1 for 32)
            from unnest(p_command, p_event_id, v_type, p_schema_version, v_data, p_sealed_from, p_sealed_length)
                   with ordinality as e (command, event_id, type, schema_version, data, sealed_from, sealed_length, n)
            join winner w on w.command = e.command
           where w.base + e.n - w.first + 1 between v_from and v_to
          returning position, stream_id, version, hash
      ), digested as (
        select max(position) as last_position, count(*) as events,
               sha256(string_agg(int8send(position) || uuid_send(stream_id) || int4send(version) || hash, ''
                                 order by position)) as digest
          from written
      )
      insert into log_commit (last_position, events, recorded_at, digest, chain)
        select last_position, events, v_now, digest,
               sha256(v_chain || int8send(last_position)
                              || int8send((extract(epoch from v_now) * 1000)::bigint) || digest)
          from digested
        returning chain into v_chain;
      exit when v_to = v_head + v_written;
      v_from := v_to + 1;
      select last_position into v_border from log_partition where last_position > v_to order by last_position limit 1;
    end loop;

    if cardinality(p_projections) > 0 then
      select array_agg(stream_id order by n), array_agg(actual + events order by n), array_agg(base + 1 order by n),
             array_agg(document order by n)
        into v_streams, v_versions, v_positions, v_documents
        from unnest(p_stream, v_actual, p_events, v_base, v_document, v_outcome)
               with ordinality as u (stream_id, actual, events, base, document, outcome, n)
        where outcome = 0 and document is not null;
      if v_streams is not null then
        foreach v_projection in array p_projections loop
          execute format('select %I($1, $2, $3, $4, $5)', v_projection)
            using v_streams, v_versions, v_positions, v_now, v_documents;
        end loop;
      end if;
    end if;

    -- Once per batch: a commit with notifications takes a lock of the whole database.
    perform pg_notify(log_channel(), p_origin || ':' || (v_head + v_written));
  end if;

  return query
    select c.n::int, c.outcome,
           case c.outcome when 0 then c.actual + c.events when 1 then c.actual else c.stored + c.events - 1 end,
           case c.outcome when 0 then c.base + 1 when 2 then c.stored_at end,
           case c.outcome when 0 then c.base + c.events when 2 then c.stored_at + c.events - 1 end,
           case c.outcome when 0 then v_now when 2 then c.stored_on end
      from unnest(p_stream, p_events, v_actual, v_stored, v_stored_at, v_stored_on, v_outcome, v_base)
             with ordinality as c (stream_id, events, actual, stored, stored_at, stored_on, outcome, base, n)
      order by c.n;
end $$;

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
  v_now  constant timestamptz := clock_timestamp();
  -- What is looked up in the log was written by this append: no partition before it is touched.
  v_from constant bigint := p_first_position[1];
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
         where s.f[1] is not null and event.stream_id = s.stream and event.version = 1
           and event.position >= v_from limit 1) i on true
      left join lateral (
        select event_id, sealed from event
         where s.f[13] <> '0' and event.stream_id = s.stream and event.version = s.f[13]::integer
           and event.position >= v_from limit 1) o on true
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
