-- Seals: signed statements about the head of the log, each naming the one before it.

-- Append-only like the log itself. What is signed, and how, is written down in src/event-store/audit/log-seal.ts.
create table log_seal (
  -- 1, 2, 3 … without gaps. Two replicas that seal at once want the same number, and one of them writes nothing.
  number      bigint      not null,
  -- Which log (log_identity).
  log_id      uuid        not null,
  -- Last position of a batch, and the chain at it: everything up to here is sealed. Which seal covers position p?
  position    bigint      not null,
  chain       bytea       not null,
  -- Database clock at sealing, whole milliseconds.
  recorded_at timestamptz not null,
  -- SHA-256 of the statement of the seal before; zeros for the first.
  previous    bytea       not null,
  -- Ed25519, SubjectPublicKeyInfo in DER; the id is its fingerprint.
  public_key  bytea       not null,
  key_id      text        generated always as (encode(sha256(public_key), 'hex')) stored,
  signature   bytea       not null,
  constraint log_seal_pkey primary key (number),
  constraint log_seal_position unique (position)
);

-- Makes a table refuse UPDATE, DELETE and TRUNCATE, also in a session that switched its triggers off. Statement triggers
-- are not inherited: whoever makes a partition of the log calls this for the partition as well.
create function refuse_changes_of(p_table regclass) returns void language plpgsql as $$
begin
  execute format('create trigger only_grows before update or delete or truncate on %s
                    for each statement execute function refuse_change()', p_table);
  execute format('alter table %s enable always trigger only_grows', p_table);
end $$;

select refuse_changes_of('log_seal');
-- Seals and callback tokens name it.
select refuse_changes_of('log_identity');
