-- Open tasks are counted by status for metrics, without reading those that have ended.

-- How many tasks are open, by status?
create index task_open on task (status)
 where status in ('queued', 'submitting', 'unconfirmed', 'held', 'submitted', 'running');
