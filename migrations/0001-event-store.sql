-- The event log: events, the version of each stream, and one row per committed batch.
--
-- Names are unqualified: whoever applies this file sets search_path to our schema first, and the functions keep it.
--
-- Stable for auditors: event(position, stream_id, version, event_id, type, owner, recorded_at, hash).

create table event (
  -- 1, 2, 3 … in commit order without gaps: the previous head plus n, never a sequence.
  position       bigint      not null,
  stream_id      uuid        not null,
  -- 1, 2, 3 … within the stream.
  version        int         not null,
  -- Chosen by the writer. A request sent again is recognised by its event ids.
  event_id       uuid        not null,
  type           text        collate "C" not null,
  schema_version smallint    not null,
  owner          text        collate "C" not null,
  actor          text        not null,
  correlation_id text,
  causation_id   text,
  -- The same for all events of a batch, whole milliseconds, never decreasing with position. Never used for ordering.
  recorded_at    timestamptz not null,
  -- json, not jsonb: the text stays as it was written, and the hash covers exactly this text.
  data           json        not null,
  -- The personal part, encrypted by the writer before the hash was taken.
  sealed         bytea,
  -- SHA-256 of the event as event-hash.ts encodes it.
  hash           bytea       not null,
  -- Which events came after position p? (subscriptions, pages of the log)
  constraint event_pkey primary key (position),
  -- What happened in this stream, in order? Also the second line of defence of optimistic concurrency.
  constraint event_stream_version unique (stream_id, version)
);

-- What happened to this owner's streams after position p? (an owner's feed)
create index event_owner_position on event (owner, position);

-- The authority of optimistic concurrency. One row is updated per append and no indexed column changes, so free space
-- on the page keeps the update heap-only.
create table stream (
  -- At which version is this stream?
  stream_id      uuid   primary key,
  version        int    not null,
  first_position bigint not null,
  last_position  bigint not null
) with (fillfactor = 80);

-- One row per batch: the head of the log and its hash chain. Append-only, so that an old open snapshot leaves no dead
-- rows in the way of the next append, which a counter row would.
create table log_commit (
  -- Where does the log end? Which batch holds position p? (the first row whose last_position is not below p)
  last_position bigint      primary key,
  events        int         not null,
  recorded_at   timestamptz not null,
  -- SHA-256 over the events of the batch, and SHA-256 over the previous chain and this batch: see event-hash.ts.
  digest        bytea       not null,
  chain         bytea       not null
);

-- ------------------------------------------------------------------------------------------------ immutability

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% of % is refused: the log only grows', tg_op, tg_table_name
    using errcode = 'restrict_violation', hint = 'Correct history by appending a new event.';
end $$;

create trigger event_only_grows before update or delete or truncate on event
  for each statement execute function refuse_change();
create trigger log_commit_only_grows before update or delete or truncate on log_commit
  for each statement execute function refuse_change();

-- Always: also in a session that switched its triggers off with session_replication_role.
alter table event enable always trigger event_only_grows;
alter table log_commit enable always trigger log_commit_only_grows;

-- ------------------------------------------------------------------------------------------------------ append

-- Advisory locks and notification channels are shared by the whole database: two logs in one database keep apart by
-- the oid of their schema.
create function log_lock_key() returns bigint language sql stable set search_path from current
  return hashtextextended('event log ' || quote_ident(current_schema())::regnamespace::oid, 0);

create function log_channel() returns text language sql stable set search_path from current
  return 'event_log_' || quote_ident(current_schema())::regnamespace::oid;

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
create function append_events(
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
language plpgsql volatile
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
  v_distinct  int;
  -- one element per command
  v_actual    int[];         -- version of the stream before this batch
  v_first     int[];         -- index of the command's first event
  v_stored    int[];         -- version of its first event when the command is a repetition, else null
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
  select array_agg(coalesce(s.version, 0) order by c.n), array_agg(c.first order by c.n), count(distinct c.stream_id)
    into v_actual, v_first, v_distinct
    from (
      select n, stream_id, sum(events) over (order by n) - events + 1 as first
        from unnest(p_stream, p_events) with ordinality as u (stream_id, events, n)
    ) c
    left join lateral (select version from stream where stream.stream_id = c.stream_id limit 1) s on true;
  if v_distinct <> cardinality(p_stream) then
    raise exception 'append_events: a stream occurs twice in one batch' using errcode = 'invalid_parameter_value';
  end if;

  -- Repetitions: only where the stream has grown past the expectation, or where there was none. Before anything is
  -- written, so that a command does not find itself.
  if exists (
    select from unnest(p_expected, v_actual) as u (expected, actual) where u.actual > greatest(u.expected, 0)
  ) then
    select array_agg(e.version order by c.n) into v_stored
      from unnest(p_stream, p_expected, p_events, v_actual, v_first)
             with ordinality as c (stream_id, expected, events, actual, first, n)
      left join lateral (
        select e.version from event e
          where e.stream_id = c.stream_id
            and e.version between greatest(c.expected, 0) + 1
                              and case when c.expected < 0 then c.actual else c.expected + 1 end
            and e.event_id = p_event_id[c.first]
            and p_event_id[c.first : c.first + c.events - 1] = array(
              select same.event_id from event same
                where same.stream_id = c.stream_id and same.version between e.version and e.version + c.events - 1
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
        from digested;

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
           case c.outcome when 0 then c.base + 1 when 2 then e.position end,
           case c.outcome when 0 then c.base + c.events when 2 then e.position + c.events - 1 end,
           case c.outcome when 0 then v_now when 2 then e.recorded_at end
      from unnest(p_stream, p_events, v_actual, v_stored, v_outcome, v_base)
             with ordinality as c (stream_id, events, actual, stored, outcome, base, n)
      left join lateral (
        select position, recorded_at from event
          where event.stream_id = c.stream_id and event.version = c.stored limit 1
      ) e on c.outcome = 2
      order by c.n;
end $$;
