-- The log in parts, first step: up to where the table of events goes. The constraint is checked for new rows from now on; that
-- the old ones fit is seen in the next step, while appends and reads go on.

-- How many positions the next partition gets. Changed by the owner with an UPDATE; those that are there stay as they are.
create table log_partitioning (
  only_row boolean primary key default true check (only_row),
  size     bigint  not null check (size > 0)
);
insert into log_partitioning (size) values (10000000);

-- The partitions of the log in order of position, also those that are archived: without gaps, the last one has free room.
create table log_partition (
  first_position bigint      not null,
  -- In which partition is position p? (the first row whose last_position is not below p)
  last_position  bigint      primary key,
  made_at        timestamptz not null default clock_timestamp()
);
select refuse_changes_of('log_partition');

-- The first one holds what is there, with room for half a partition at least, so that the log does not reach the end before
-- the next step is done.
do $$
declare
  v_size constant bigint := (select size from log_partitioning);
  v_head constant bigint := (select coalesce(max(last_position), 0) from log_commit);
  v_last constant bigint := ((v_head + v_size / 2) / v_size + 1) * v_size;
begin
  insert into log_partition values (1, v_last);
  execute format('alter table event add constraint event_range check (position >= 1 and position < %s) not valid', v_last + 1);
end $$;
