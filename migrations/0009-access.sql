-- Who made a key, who ended it, and which key it took over from.
alter table api_key
  add column created_by text,  -- actor, as in events; null: made before this was noted
  add column revoked_by text,
  add column replaces   uuid constraint api_key_replaces references api_key;

-- How many tasks of this owner are open? (quotas)
create index task_open_of_owner on task (owner)
  where status not in ('succeeded', 'failed', 'cancelled', 'expired');
