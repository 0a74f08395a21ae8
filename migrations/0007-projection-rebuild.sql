-- Rebuilding a read model from the log: how far it has come. One row while a rebuild is under way or was interrupted; the
-- new tables lie beside the live ones until they take their place.
create table projection_rebuild (
  projection   text        collate "C" primary key,
  -- The process that works on it. Each start writes its own; a process that was overtaken changes nothing any more.
  run          uuid        not null,
  -- Digest of the program's version and of the shape of the live tables: another one means beginning again.
  definition   text        not null,
  phase        text        not null check (phase in ('copy', 'index', 'follow')),
  -- Everything up to here is in the new tables.
  position     bigint      not null,
  -- The log's chain at the end of the batch that holds the position: the proof that it is this log. Empty for an empty log.
  chain        bytea       not null,
  -- A stream may have several rows, of which the newest counts.
  has_old_rows boolean     not null,
  started_at   timestamptz not null default clock_timestamp(),
  updated_at   timestamptz not null default clock_timestamp()
);
