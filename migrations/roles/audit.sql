-- Reading for auditors: enough for `audit verify`, `audit export`, and queries on events and tasks. Applied by
-- `migrate --grant-audit ROLE`, again after every upgrade; by hand:
--   psql -v schema=genledger -v role=genledger_audit -1 -f migrations/roles/audit.sql

revoke all on all tables in schema :"schema" from :"role";
revoke all on all functions in schema :"schema" from :"role";
grant usage on schema :"schema" to :"role";

grant select on :"schema".event, :"schema".log_commit, :"schema".stream, :"schema".log_identity, :"schema".log_seal,
  :"schema".log_partition, :"schema".log_archive to :"role";

-- Without the copies of personal parts.
grant select (id, owner, domain, model, status, version, position, created_at, updated_at) on :"schema".task to :"role";

grant select on :"schema".migration, :"schema".migration_checksum to :"role";
