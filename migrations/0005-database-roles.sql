-- The server can run under a role that cannot change the log: append_events works with the rights of its owner, and is the
-- only way in. What roles are granted lies in migrations/roles, applied by `migrate --grant-run` and `--grant-audit`.

alter function append_events security definer;

-- Who may create temporary tables could otherwise put one named like ours in front of it, with a trigger that then runs
-- with the owner's rights: temporary objects are looked for first unless pg_temp is named.
do $$
declare
  v_function regprocedure;
begin
  for v_function in select oid::regprocedure from pg_proc where pronamespace = quote_ident(current_schema())::regnamespace
  loop
    execute format('alter function %s set search_path to %I, pg_temp', v_function, current_schema());
  end loop;
end $$;

-- Functions are open to everybody unless that is taken back. Roles that could append until now still can.
do $$
declare
  v_role regrole;
begin
  revoke execute on function append_events from public;
  for v_role in
    select distinct acl.grantee::regrole
      from pg_class, aclexplode(relacl) acl
     where pg_class.oid = 'event'::regclass and acl.privilege_type = 'INSERT' and acl.grantee not in (0, relowner)
  loop
    execute format('grant execute on function append_events to %s', v_role);
  end loop;
end $$;
