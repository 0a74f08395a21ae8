-- What was taken out of the database: which positions, and the file that holds them. Written in the transaction that drops
-- the partition. Archives follow each other from position 1 on; the batches (log_commit) stay, so the chain stays whole.

create table log_archive (
  first_position bigint      not null,
  -- Up to where is the log archived? (the last row)
  last_position  bigint      primary key,
  -- Name of the file, and what it is: size and SHA-256 of the file as it was written.
  file           text        not null,
  bytes          bigint      not null,
  sha256         bytea       not null,
  -- How many of its events stay in the database as well, because their streams are still read.
  kept           bigint      not null,
  archived_at    timestamptz not null default clock_timestamp()
);

-- The last archived event of each owner: a feed that begins behind it misses nothing.
create table log_archive_owner (
  owner         text   collate "C" not null,
  last_position bigint not null,
  -- Up to where are this owner's events archived?
  constraint log_archive_owner_pkey primary key (owner, last_position)
);

select refuse_changes_of('log_archive');
select refuse_changes_of('log_archive_owner');
