-- API keys. Only a digest is stored: whoever reads this table cannot act with it.
create table api_key (
  id           uuid        not null primary key,
  -- SHA-256 of the whole key text. Which key is this?
  digest       bytea       not null constraint api_key_digest_once unique,
  owner        text        collate "C" not null,
  scopes       text[]      not null,
  name         text,
  created_at   timestamptz not null,
  expires_at   timestamptz,          -- null: never
  revoked_at   timestamptz,          -- revoked keys stay: events name them as actors
  last_used_at timestamptz           -- to the minute
);
