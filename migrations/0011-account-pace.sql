-- The pace of a provider account, one for all processes that call it.

create table account_pace (
  account      text        collate "C" not null primary key, -- fingerprint of the key, as in task_provider_id
  -- Nothing is sent from here to there. Both ends are kept, so that a clock that jumps back ends the pause.
  paused_from  timestamptz not null default '-infinity',
  paused_until timestamptz not null default '-infinity',
  tokens       float8      not null default 'infinity', -- at counted_at; more than the bucket holds means full
  counted_at   timestamptz not null default clock_timestamp()
  -- Each lease writes the row anew; the page has room for many versions of it, so the index is left alone.
) with (fillfactor = 10);

-- How long an account is paused from now, milliseconds; 0 when it is not.
create function pause_left(p_from timestamptz, p_until timestamptz, p_now timestamptz) returns float8
language sql immutable set search_path from current
as $$
  select case when p_now >= p_from and p_now < p_until then extract(epoch from p_until - p_now)::float8 * 1000 else 0 end
$$;

-- Takes up to p_wanted calls out of the budget of an account, and tells of its pause. The bucket is the one of
-- src/provider/apidot/pace/token-bucket.ts: a tenth of the budget as burst, and so much refill that no window of a minute
-- has more than the budget. Leases of one account queue up on its row.
create function lease_calls(
  p_account text, p_per_minute integer, p_wanted integer,
  out granted integer, out retry_in_ms float8, out paused_for_ms float8
) language plpgsql set search_path from current
as $$
declare
  v_size   constant float8 := greatest(1, p_per_minute / 10);
  v_per_ms constant float8 := (p_per_minute - v_size + 1) / 60000;
  v_pace   account_pace;
  v_now    timestamptz;
  v_tokens float8;
begin
  loop
    select * into v_pace from account_pace where account = p_account for update;
    exit when found;
    insert into account_pace (account) values (p_account) on conflict do nothing;
  end loop;
  v_now := clock_timestamp(); -- after the wait for the row
  paused_for_ms := pause_left(v_pace.paused_from, v_pace.paused_until, v_now);
  v_tokens := least(v_size, v_pace.tokens
                            + greatest(0, extract(epoch from v_now - v_pace.counted_at)::float8 * 1000) * v_per_ms);
  granted := case when paused_for_ms > 0 then 0 else least(p_wanted, floor(v_tokens)::integer) end;
  v_tokens := v_tokens - granted;
  retry_in_ms := case when granted >= p_wanted then 0
                      else greatest(paused_for_ms, (1 - least(1, v_tokens)) / v_per_ms) end;
  update account_pace set tokens = v_tokens, counted_at = v_now where account = p_account;
end $$;
