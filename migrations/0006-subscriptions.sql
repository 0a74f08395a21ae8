-- Subscriptions: how far each reader of the log has come, which process works for it, and which streams it put aside.

create table subscription (
  name       text        collate "C" primary key,
  -- Never changes: with another number a stream would lie in another shard, whose checkpoint says nothing about it.
  shards     int         not null check (shards between 1 and 256),
  -- What the newest start asked for, null for all. Told to operators; whoever reads the log brings its own.
  types      text[],
  owners     text[],
  created_at timestamptz not null default clock_timestamp()
);

-- One row per shard: its checkpoint and its lease. Updated once per page and per renewal, and no indexed column changes,
-- so free space on the page keeps the updates heap-only.
create table subscription_shard (
  subscription text   collate "C" not null references subscription,
  shard        int    not null,
  -- Everything of the shard up to here was handled or lies in parked_stream.
  position     bigint not null,
  -- The log's chain at the end of the batch that holds the position; zeros for 0. The proof that it is this log.
  chain        bytea  not null,
  -- Who works here, until when (database clock) nobody else may, and how often the shard was taken. Whoever writes the
  -- checkpoint names the epoch: after a later take that changes nothing.
  worker       text,
  lease_until  timestamptz,
  epoch        bigint not null default 0,
  -- Why it stopped by itself (code of the error), and when.
  stopped      text,
  stopped_at   timestamptz,
  -- How far is this subscription? Which shards are free?
  constraint subscription_shard_pkey primary key (subscription, shard)
) with (fillfactor = 50);

-- The processes that want to work for a subscription, so that they can share its shards.
create table subscription_worker (
  subscription text        collate "C" not null references subscription,
  worker       text        not null,
  alive_until  timestamptz not null,
  -- Who is there for this subscription?
  constraint subscription_worker_pkey primary key (subscription, worker)
) with (fillfactor = 50);

-- Streams that were put aside because an event of theirs could not be handled. The events that wait are not copied: they
-- are those of the stream from this version up to the shard's checkpoint. So what comes in meanwhile lines up behind by
-- itself, and the row can go when it is the shard's owner who finds nothing waiting.
create table parked_stream (
  subscription    text        collate "C" not null references subscription,
  stream_id       uuid        not null,
  shard           int         not null,
  -- The first event that was not handled.
  position        bigint      not null,
  version         int         not null,
  -- How often that event failed.
  attempts        int         not null,
  -- Class of the last error. Never its message, which may quote what is private.
  error           text        not null,
  parked_at       timestamptz not null default clock_timestamp(),
  next_attempt_at timestamptz not null,
  -- Counts the wishes of operators: one that comes while an attempt is failing is not lost.
  redrives        int         not null default 0,
  -- Is this stream put aside?
  constraint parked_stream_pkey primary key (subscription, stream_id)
);

-- Which stream of this shard is to be tried next?
create index parked_stream_due on parked_stream (subscription, shard, next_attempt_at);

-- The shard of a stream: the first four bytes of SHA-256 over the sixteen of its id, unsigned, modulo the number of
-- shards. Not one of PostgreSQL's own hashes, which may change with its version. Stable for auditors.
create function stream_shard(p_stream uuid, p_shards int) returns int language sql immutable strict parallel safe
  return (('x' || encode(substring(sha256(uuid_send(p_stream)) from 1 for 4), 'hex'))::bit(32)::bigint % p_shards)::int;

-- Told when a checkpoint moved; the payload names the subscription.
create function subscription_channel() returns text language sql stable set search_path from current
  return 'subscriptions_' || quote_ident(current_schema())::regnamespace::oid;

-- A sign of life: renews what the worker holds, and takes free shards up to its share. One row per shard it holds now,
-- with its share; who holds more than its share gives the rest back.
--
-- The share: shards are dealt out to the workers in turn. Each subscription has an order of its own, so that those with
-- one shard do not all end with the same worker.
create function hold_shards(p_subscription text, p_worker text, p_lease_ms int)
returns table (shard int, epoch bigint, share int)
language plpgsql volatile
set search_path from current
as $$
#variable_conflict use_column
declare
  v_now   timestamptz := clock_timestamp();
  v_until timestamptz := v_now + p_lease_ms * interval '1 millisecond';
  v_share int;
  v_held  int;
begin
  insert into subscription_worker values (p_subscription, p_worker, v_until)
    on conflict (subscription, worker) do update set alive_until = excluded.alive_until;
  -- Skipping what somebody else deletes just now: two that wait for each other's rows would deadlock.
  delete from subscription_worker where (subscription, worker) in (
    select subscription, worker from subscription_worker
      where subscription = p_subscription and alive_until < v_now for update skip locked);

  select (s.shards - w.rank + w.workers - 1) / w.workers into v_share
    from subscription s, (
      select worker, count(*) over () as workers,
             row_number() over (order by hashtextextended(worker || ' ' || subscription, 0), worker) - 1 as rank
        from subscription_worker where subscription = p_subscription
    ) w
    where s.name = p_subscription and w.worker = p_worker;

  update subscription_shard set lease_until = v_until where subscription = p_subscription and worker = p_worker;
  get diagnostics v_held = row_count;

  -- What stopped is looked at again after a while: the reason may have been removed.
  update subscription_shard
    set worker = p_worker, lease_until = v_until, epoch = epoch + 1, stopped = null, stopped_at = null
    where (subscription, shard) in (
      select subscription, shard from subscription_shard
        where subscription = p_subscription and worker is distinct from p_worker
          and (lease_until is null or lease_until < v_now)
          and (stopped_at is null or stopped_at < v_now - interval '30 seconds')
        order by shard limit greatest(v_share - v_held, 0)
        for update skip locked);

  return query select shard, epoch, v_share from subscription_shard
    where subscription = p_subscription and worker = p_worker order by shard;
end $$;

-- Moves a checkpoint, or only makes sure that it is still the caller's (p_to = p_from). The fence: raises GL002 when the
-- shard was taken by another worker, or the checkpoint is not where the caller thinks it is; then the caller's
-- transaction cannot commit.
--
--   p_chain  the chain at p_to as it was read with the events, never looked up here: the log may be another one by now
--   p_page   name that the caller gave its transaction in genledger.page. Raises GL003 when this is another transaction,
--            because somebody committed or rolled back in between. Null: not checked
create function move_checkpoint(
  p_subscription text, p_shard int, p_epoch bigint, p_from bigint, p_to bigint, p_chain bytea, p_page text
) returns void
language plpgsql volatile
set search_path from current
as $$
begin
  if p_page is not null and current_setting('genledger.page', true) is distinct from p_page then
    raise exception 'the transaction of this page was ended by its handler' using errcode = 'GL003';
  end if;
  update subscription_shard set position = p_to, chain = p_chain
    where subscription = p_subscription and shard = p_shard and epoch = p_epoch and position = p_from;
  if not found then
    raise exception 'shard % of % was taken by another worker', p_shard, p_subscription using errcode = 'GL002';
  end if;
end $$;
