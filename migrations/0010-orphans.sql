-- Provider tasks that were or may have been paid and were delivered to nobody: `facts ->> 'orphans'` says why, for the
-- few tasks that have any.

-- Which tasks have orphans?
create index task_orphans on task (position) where facts ->> 'orphans' is not null;
