-- What processes that keep data keys in memory look at every few seconds: has any key been destroyed meanwhile?

-- One row. Two equal values, read one after the other: no key was destroyed between the two reads. A random value and not a
-- count, because a log that was restored could reach the same count by another way.
create table task_key_epoch (
  epoch uuid not null
);
insert into task_key_epoch values (gen_random_uuid());

-- Whatever destroys a key, a statement by hand included; who may do that must be allowed to update the epoch as well. Of two
-- that destroy, one waits on the row for the other's commit, so no epoch is seen before what it stands for.
create function task_key_destroyed() returns trigger language plpgsql set search_path from current
as $$
begin
  -- Once per transaction is enough, and keeps the destruction of many keys from piling up versions of the row.
  update task_key_epoch set epoch = gen_random_uuid() where xmin <> pg_current_xact_id()::xid;
  return null;
end $$;

-- For each row: the projection runs its DELETE with each batch, nearly always without a row.
create trigger epoch_ends after delete on task_key for each row execute function task_key_destroyed();
create trigger epoch_ends_at_once after truncate on task_key for each statement execute function task_key_destroyed();
alter table task_key enable always trigger epoch_ends, enable always trigger epoch_ends_at_once;
