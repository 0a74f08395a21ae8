import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { connect, type ConnectionOptions } from '../../database/index.js';
import { StoredLog } from '../audit/verify/stored-log.js';
import { ArchiveBlockedError, ArchiveRefusedError } from './archive.errors.js';
import { verifyArchive } from './verify-archive.js';
import { type ArchiveRange, writeArchive } from './write-archive.js';

/** What the log cannot know of its streams: which of them somebody still works on. */
export interface ArchiveGuard {
  /** Types of events that may leave the database. Streams of others stay readable as a whole: copies of them are kept. */
  readonly types: readonly string[];
  /**
   * Why the streams that begin at or before a position are not done with, and what to do; null when they are.
   * Asked on a connection whose search_path is the schema, the second time while nothing can be appended.
   */
  readonly refusal: (database: Pick<pg.ClientBase, 'query'>, lastPosition: number) => Promise<string | null>;
}

export interface ArchiveOptions {
  /** As the owner of the log. */
  readonly connection: ConnectionOptions;
  readonly guard: ArchiveGuard;
  /** An existing folder; each partition becomes a file in it. */
  readonly folder: string;
  /** Only partitions that end before this position. */
  readonly before?: number;
  /** Only partitions whose newest event was recorded before this instant. */
  readonly recordedBefore?: Date;
  /** Told while a file is written: position, and the last one of the partition. */
  readonly onProgress?: (position: number, lastPosition: number) => void;
  /** Ends the work between two partitions. */
  readonly signal?: AbortSignal;
  /** For specs. How long each try to take a partition out may keep appends and readers waiting, milliseconds. */
  readonly patienceMs?: readonly number[];
}

export interface ArchivedPartition extends ArchiveRange {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly events: number;
  /** Events that stayed in the database as well. */
  readonly kept: number;
}

const PATIENCE_MS = [100, 200, 400, 800, 1_500, 2_500, 2_500, 2_500];
const LOCK_TIMEOUT = '55P03';
/** Namespace of our advisory lock; the second half of the key is the schema. */
const LOCK = 0x6e1a4c;

/**
 * Moves the oldest partitions of the log into files. Of each: the file is written, read back and held against the log; then,
 * in one transaction, what was archived is written down and the partition is dropped. Interrupted anywhere, the log is as it
 * was, and a file that is there already is checked and taken.
 *
 * Without `before` and `recordedBefore` one partition, the oldest.
 *
 * @throws ArchiveRefusedError the oldest partition that was asked for cannot be archived; those before it are
 * @throws ArchiveBlockedError somebody read the log for too long
 * @throws EvidenceFileError a file cannot be written, or is there and holds something else
 */
export const archive = async (options: ArchiveOptions): Promise<readonly ArchivedPartition[]> => {
  const patient = { ...options.connection, statementTimeoutMs: 0, applicationName: 'archive' };
  const clients: pg.Client[] = [];
  const open = async (): Promise<pg.Client> => {
    const client = await connect(patient);
    clients.push(client);
    return client;
  };
  try {
    const [lock, client] = [await open(), await open()];
    await takeLock(lock, options.connection.schema);
    const archiver = new Archiver(client, options);
    await archiver.refuseUnlessOwner();
    const done: ArchivedPartition[] = [];
    for (const range of await archiver.wanted()) {
      if (options.signal?.aborted === true) break;
      done.push(await archiver.archive(range));
    }
    return done;
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
};

const takeLock = async (client: pg.ClientBase, schema: string): Promise<void> => {
  await client.query('begin; set local idle_in_transaction_session_timeout = 0');
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock($1, hashtext($2)) as taken',
    [LOCK, schema],
  );
  if (!rows[0]!.taken) throw new ArchiveRefusedError('another process is archiving this log');
};

class Archiver {
  private readonly schema: string;
  private readonly log: StoredLog;

  constructor(
    private readonly client: pg.ClientBase,
    private readonly options: ArchiveOptions,
  ) {
    this.schema = pg.escapeIdentifier(options.connection.schema);
    this.log = new StoredLog(client, options.connection.schema);
  }

  async refuseUnlessOwner(): Promise<void> {
    const { rows } = await this.client.query<{ owner: string; mine: boolean }>(
      `select relowner::regrole::text as owner, pg_has_role(relowner, 'usage') as mine
         from pg_class where oid = '${this.schema}.event'::regclass`,
    );
    if (!rows[0]!.mine) throw new ArchiveRefusedError(`connect as ${rows[0]!.owner}, who owns the log`);
  }

  /** Partitions that are full, from the oldest one, as far as was asked. */
  async wanted(): Promise<readonly ArchiveRange[]> {
    const { before, recordedBefore } = this.options;
    const { rows } = await this.client.query<{ first: string | number; last: string | number }>(
      `select p.first_position as first, p.last_position as last from ${this.schema}.log_partition p
         join ${this.schema}.log_commit c on c.last_position = p.last_position
        where p.last_position > coalesce((select max(last_position) from ${this.schema}.log_archive), 0)
          and ($1::bigint is null or p.last_position < $1) and ($2::timestamptz is null or c.recorded_at < $2)
        order by p.last_position limit $3`,
      [
        before ?? null,
        recordedBefore ?? null,
        before === undefined && recordedBefore === undefined ? 1 : null,
      ],
    );
    return rows.map(({ first, last }) => ({ firstPosition: Number(first), lastPosition: Number(last) }));
  }

  async archive(range: ArchiveRange): Promise<ArchivedPartition> {
    await this.refuseUnlessDone(range.lastPosition);
    const { logId } = await this.log.extent();
    const name = `genledger-${logId.slice(0, 8)}-${range.firstPosition}-${range.lastPosition}.jsonl.gz`;
    const path = join(this.options.folder, name);
    // What has the name is whole: an earlier attempt got no further.
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (!isThere) {
      await writeArchive(this.log, range, path, (position) =>
        this.options.onProgress?.(position, range.lastPosition),
      );
    }
    const file = await verifyArchive(this.log, path);
    const [fault] = file.findings;
    if (fault !== undefined || file.header.lastPosition !== range.lastPosition || file.sha256 === null) {
      const what = fault?.message.replace(/\.$/, '') ?? 'it holds another stretch of the log';
      throw new ArchiveRefusedError(`${path} is not what the log holds (${what}); move it away`);
    }
    const { sha256, bytes, events } = file;
    const kept = await this.takeOut(range, { path, sha256, bytes });
    return { ...range, path, sha256, bytes, events, kept };
  }

  /** Everything that would miss the events. */
  private async refuseUnlessDone(lastPosition: number): Promise<void> {
    const { client, schema } = this;
    const stretch = `up to position ${lastPosition}`;
    const refusal = await this.options.guard.refusal(client, lastPosition);
    if (refusal !== null) throw new ArchiveRefusedError(refusal);
    const { rows: behind } = await client.query<{ name: string; position: string | number }>(
      `select subscription as name, min(position) as position from ${schema}.subscription_shard
        where position < $1 group by 1 order by 1`,
      [lastPosition],
    );
    if (behind.length > 0) {
      const list = behind.map(({ name, position }) => `${name} (at ${position})`).join(', ');
      throw new ArchiveRefusedError(
        `${stretch} events wait for subscriptions: ${list}. Let them catch up, or give them up with "subscriptions restart NAME --after ${lastPosition}"`,
      );
    }
    const { rows: parked } = await client.query<{ name: string; streams: string | number }>(
      `select subscription as name, count(*) as streams from ${schema}.parked_stream
        where position <= $1 group by 1 order by 1`,
      [lastPosition],
    );
    if (parked.length > 0) {
      const list = parked.map(({ name, streams }) => `${streams} of ${name}`).join(', ');
      throw new ArchiveRefusedError(`${stretch} parked streams wait: ${list}. See "parked list"`);
    }
    const { rows: rebuilds } = await client.query<{ projection: string }>(
      `select projection from ${schema}.projection_rebuild`,
    );
    if (rebuilds.length > 0) {
      const list = rebuilds.map(({ projection }) => projection).join(', ');
      throw new ArchiveRefusedError(`a rebuild of ${list} is under way or was interrupted. End it first`);
    }
  }

  /** One transaction; what takes long in it keeps nobody waiting. Answers how many events stayed. */
  private async takeOut(
    { firstPosition, lastPosition }: ArchiveRange,
    { path, sha256, bytes }: { path: string; sha256: string; bytes: number },
  ): Promise<number> {
    const { client, schema } = this;
    const { types } = this.options.guard;
    const rest = `event_kept_from_${firstPosition}`;
    const range = `for values from (${firstPosition}) to (${lastPosition + 1})`;
    await client.query('begin');
    try {
      const partition = await this.partitionOf(firstPosition);
      await client.query(`set local search_path to ${schema}, pg_temp`);
      await client.query('select create_event_table($1)', [rest]);
      const copied = await client.query(
        `insert into ${rest} select * from event
          where position between $1 and $2 and not (type = any ($3)) order by position`,
        [firstPosition, lastPosition, types],
      );
      const kept = copied.rowCount ?? 0;
      await client.query(
        `insert into log_archive_owner (owner, last_position)
         select owner, max(position) from event
          where position between $1 and $2 and type = any ($3) group by owner`,
        [firstPosition, lastPosition, types],
      );
      await client.query(
        `insert into log_archive (first_position, last_position, file, bytes, sha256, kept)
         values ($1, $2, $3, $4, decode($5, 'hex'), $6)`,
        [firstPosition, lastPosition, basename(path), bytes, sha256, kept],
      );
      await this.whileNobodyUses(path, async () => {
        await this.refuseUnlessDone(lastPosition);
        await client.query(`alter table event detach partition ${partition}`);
        await client.query(`drop table ${partition}`);
        if (kept > 0) await client.query(`alter table event attach partition ${rest} ${range}`);
        else await client.query(`drop table ${rest}`);
      });
      await client.query('commit');
      return kept;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  private async partitionOf(firstPosition: number): Promise<string> {
    const { rows } = await this.client.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits
         join pg_class c on c.oid = inhrelid
        where inhparent = '${this.schema}.event'::regclass
          and pg_get_expr(c.relpartbound, c.oid) like $1`,
      [`FOR VALUES FROM ('${firstPosition}')%`],
    );
    return rows[0]!.name;
  }

  /** First the log's lock, as every append takes it, then the table: in another order both could wait for ever. */
  private async whileNobodyUses(path: string, work: () => Promise<void>): Promise<void> {
    const { client } = this;
    const tries = this.options.patienceMs ?? PATIENCE_MS;
    await client.query('savepoint untouched');
    for (const [index, patienceMs] of tries.entries()) {
      try {
        await client.query(`set local lock_timeout = '5s'; select pg_advisory_xact_lock(log_lock_key())`);
        await client.query(
          `set local lock_timeout = ${patienceMs}; lock table event in access exclusive mode`,
        );
        return await work();
      } catch (error) {
        await client.query('rollback to savepoint untouched');
        if ((error as { code?: string }).code !== LOCK_TIMEOUT) throw error;
        if (index === tries.length - 1) throw new ArchiveBlockedError(path, error);
      }
      await pause(patienceMs * 2);
    }
  }
}
