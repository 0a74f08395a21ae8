-- What the server needs and nothing beyond. Applied by `migrate --grant-run ROLE`, again after every upgrade; by hand:
--   psql -v schema=genledger -v role=genledger_run -1 -f migrations/roles/run.sql
-- Every table of the schema is named here, so that a new one cannot be forgotten.

revoke all on all tables in schema :"schema" from :"role";
revoke all on all functions in schema :"schema" from :"role";
grant usage on schema :"schema" to :"role";

-- The log is read, and written through append_events alone, which works with the rights of its owner.
grant select on :"schema".event, :"schema".log_commit, :"schema".stream, :"schema".log_identity to :"role";
grant execute on function :"schema".append_events, :"schema".log_channel, :"schema".log_lock_key to :"role";

-- Which positions lie in archives. Partitions are made by append_events, and named by nobody but the owner.
grant select on :"schema".log_partitioning, :"schema".log_partition, :"schema".log_archive, :"schema".log_archive_owner to :"role";

-- A seal can be added and never changed.
grant select, insert on :"schema".log_seal to :"role";

-- The read model is written by the inline projection, inside append_events.
grant select on :"schema".task, :"schema".task_provider_id to :"role";

-- Claims move and drop what is due; the projection makes it.
grant select, insert, update, delete on :"schema".task_timer to :"role";

-- Data keys are stored and destroyed by the projection; a rotation of the master key wraps them anew.
grant select, update on :"schema".task_key to :"role";
grant select on :"schema".task_key_epoch to :"role";
grant select, insert, update on :"schema".log_key to :"role";

-- The pace of the provider account.
grant select, insert, update on :"schema".account_pace to :"role";
grant execute on function :"schema".lease_calls, :"schema".pause_left to :"role";

-- Subscriptions: checkpoints, leases, streams put aside.
grant select, insert, update on :"schema".subscription, :"schema".subscription_shard to :"role";
grant select, insert, update, delete on :"schema".subscription_worker, :"schema".parked_stream to :"role";

-- A rebuild makes tables, which only the owner may.
grant select on :"schema".projection_rebuild to :"role";

grant select, insert, update on :"schema".api_key to :"role";

-- Is the schema what this program expects?
grant select on :"schema".migration, :"schema".migration_checksum to :"role";
