-- One index of open tasks in place of three: each of them was written anew whenever a task changed its status.

-- How many tasks of this owner are open (quotas), and how many of those at the provider? How many are open at all, by status?
create index task_open_by_owner on task (owner, status)
 where status not in ('succeeded', 'failed', 'cancelled', 'expired');
drop index task_open, task_open_of_owner, task_at_provider;
