import pg from 'pg';
import { GENESIS_CHAIN } from '../../event-hash.js';
import { type Database } from '../seal-rows.js';
import { type BatchEnd, type BatchRow, type EventRow } from './batch-walk.js';
import { type StreamStart } from './stream-walk.js';

/** Where the log ends, by its batches and by its events; the same unless somebody changed one of them. */
export interface LogExtent {
  readonly logId: string;
  readonly lastBatch: number;
  readonly lastEvent: number;
}

/** A stretch of the log that lies in a file. */
export interface ArchivedRange {
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** Name of the file, and its SHA-256 when it was written. */
  readonly file: string;
  readonly sha256: string;
  /** How many of its events stayed in the database, then and now. */
  readonly kept: number;
  readonly keptNow: number;
}

/** What is wrong with a stream that was met. */
export interface SuspectStream {
  readonly streamId: string;
  /** The version before the one that was met lies before it. */
  readonly hasPredecessor: boolean;
  /** Where its row in the table of streams stops agreeing with its events; null when it agrees. */
  readonly disagreesAt: number | null;
}

/** Events per query: two pages are in memory at a time, and one event may have a megabyte. */
const PAGE = 1_000;

/** The tables of the log as an auditor reads them: everything, as it is stored. */
export class StoredLog {
  private readonly schema: string;

  constructor(
    private readonly database: Database,
    schema: string,
  ) {
    this.schema = pg.escapeIdentifier(schema);
  }

  async extent(): Promise<LogExtent> {
    const [row] = await this.rows<[string, number, number]>(
      `select (select id from ${this.schema}.log_identity),
              coalesce((select max(last_position) from ${this.schema}.log_commit), 0),
              coalesce((select max(position) from ${this.schema}.event), 0)`,
      [],
    );
    const [logId, lastBatch, lastEvent] = row!;
    return { logId, lastBatch, lastEvent };
  }

  /** What was taken out of the database, in order of position. */
  async archives(): Promise<ArchivedRange[]> {
    const rows = await this.rows<[number, number, string, string, number, number]>(
      `select a.first_position, a.last_position, a.file, encode(a.sha256, 'hex'), a.kept, (
                select count(*) from ${this.schema}.event e where e.position between a.first_position and a.last_position)
         from ${this.schema}.log_archive a order by a.last_position`,
      [],
    );
    return rows.map(([firstPosition, lastPosition, file, sha256, kept, keptNow]) => ({
      firstPosition,
      lastPosition,
      file,
      sha256,
      kept,
      keptNow,
    }));
  }

  /** Up to where the log is archived; 0: it is whole. */
  async archivedTo(): Promise<number> {
    const [row] = await this.rows<[number | null]>(
      `select max(last_position) from ${this.schema}.log_archive`,
      [],
    );
    return row?.[0] ?? 0;
  }

  /** The end of the last batch that ends before a position; zeros before the first. */
  async batchEndBefore(position: number): Promise<BatchEnd> {
    const [row] = await this.rows<[number, number, Buffer]>(
      `select last_position, ${US}, chain from ${this.schema}.log_commit
        where last_position < $1 order by last_position desc limit 1`,
      [position],
    );
    if (row === undefined) return { lastPosition: 0, recordedUs: 0, chain: GENESIS_CHAIN };
    const [lastPosition, recordedUs, chain] = row;
    return { lastPosition, recordedUs, chain };
  }

  /** The end of the batch that holds a position; null beyond the last batch. */
  async batchEndAt(position: number): Promise<number | null> {
    const [row] = await this.rows<[number]>(
      `select last_position from ${this.schema}.log_commit where last_position >= $1 order by last_position limit 1`,
      [position],
    );
    return row?.[0] ?? null;
  }

  async batches(after: number, upTo: number, limit: number | null = null): Promise<BatchRow[]> {
    const rows = await this.rows<[number, number, number, Buffer, Buffer]>(
      `select last_position, events, ${US}, digest, chain from ${this.schema}.log_commit
        where last_position > $1 and last_position <= $2 order by last_position limit $3`,
      [after, upTo, limit],
    );
    return rows.map(([lastPosition, events, recordedUs, digest, chain]) => ({
      lastPosition,
      events,
      recordedUs,
      digest,
      chain,
    }));
  }

  /** Events behind `after` up to `upTo`, page by page; the next page is on its way while one is worked on. */
  async *events(after: number, upTo: number): AsyncGenerator<EventRow[]> {
    let coming: Promise<EventRow[]> | null = this.eventPage(after, upTo);
    while (coming !== null) {
      const page: EventRow[] = await coming;
      const last: EventRow | undefined = page.at(-1);
      coming = last !== undefined && page.length === PAGE ? this.eventPage(last.position, upTo) : null;
      // Its failure is met at the next turn, or nobody wants the page any more.
      coming?.catch(() => undefined);
      yield page;
    }
  }

  private async eventPage(after: number, upTo: number): Promise<EventRow[]> {
    const rows = await this.rows<EventTuple>(
      `select position, stream_id, version, event_id, type, schema_version, owner, actor, correlation_id, causation_id,
              ${US}, data::text, sealed, hash
         from ${this.schema}.event where position > $1 and position <= $2 order by position limit ${PAGE}`,
      [after, upTo],
    );
    return rows.map(toEventRow);
  }

  /** Only what is wrong: each of these streams that lacks its predecessor, or whose row says something else. */
  async suspects(streams: readonly StreamStart[]): Promise<SuspectStream[]> {
    const event = `${this.schema}.event`;
    const rows = await this.rows<[string, boolean, number | null]>(
      `select * from (
         select w.stream_id,
                w.version = 1 or coalesce(before.position < w.position, s.first_position <= a.upto, false)
                  as has_predecessor,
                case when s.first_position is distinct from first.position
                          and not coalesce(first.position is null and s.first_position <= a.upto, false) then w.position
                     when beyond.position is not null then beyond.position
                     when s.last_position is distinct from last.position
                          and not coalesce(last.position is null and s.last_position <= a.upto, false)
                     then coalesce(last.position, s.last_position) end as disagrees_at
           from unnest($1::uuid[], $2::int[], $3::bigint[]) as w (stream_id, version, position)
           -- What is archived cannot be looked up.
           cross join (select coalesce(max(last_position), 0) as upto from ${this.schema}.log_archive) a
           left join lateral (select position from ${event} e
             where e.stream_id = w.stream_id and e.version = w.version - 1 limit 1) before on true
           left join lateral (select * from ${this.schema}.stream s where s.stream_id = w.stream_id limit 1) s on true
           left join lateral (select position from ${event} e
             where e.stream_id = w.stream_id and e.version = 1 limit 1) first on true
           left join lateral (select position from ${event} e
             where e.stream_id = w.stream_id and e.version = s.version limit 1) last on true
           left join lateral (select position from ${event} e
             where e.stream_id = w.stream_id and e.version > s.version order by version limit 1) beyond on true
       ) seen where not has_predecessor or disagrees_at is not null`,
      [
        streams.map(({ streamId }) => streamId),
        streams.map(({ version }) => version),
        streams.map(({ position }) => position),
      ],
    );
    return rows.map(([streamId, hasPredecessor, disagreesAt]) => ({ streamId, hasPredecessor, disagreesAt }));
  }

  /** A row of the table of streams without any event; null when there is none. Reads the whole table by key. */
  async streamWithoutEvents(): Promise<{ streamId: string; firstPosition: number } | null> {
    const [row] = await this.rows<[string, number]>(
      `select stream_id, first_position from ${this.schema}.stream s
        where not exists (select from ${this.schema}.event e where e.stream_id = s.stream_id and e.version = 1)
          and s.first_position > (select coalesce(max(last_position), 0) from ${this.schema}.log_archive)
        limit 1`,
      [],
    );
    return row === undefined ? null : { streamId: row[0], firstPosition: row[1] };
  }

  /** The chain at each of these ends of batches, lower-case hex; missing where no batch ends. */
  async chainsAt(positions: readonly number[]): Promise<Map<number, string>> {
    const rows = await this.rows<[number, string]>(
      `select last_position, encode(chain, 'hex') from ${this.schema}.log_commit where last_position = any ($1::bigint[])`,
      [positions],
    );
    return new Map(rows);
  }

  private async rows<Row extends unknown[]>(text: string, values: unknown[]): Promise<Row[]> {
    return (await this.database.query<Row>({ text, values, rowMode: 'array' })).rows;
  }
}

const US = '(extract(epoch from recorded_at) * 1000000)::bigint';

type EventTuple = [
  number,
  string,
  number,
  string,
  string,
  number,
  string,
  string,
  string | null,
  string | null,
  number,
  string,
  Buffer | null,
  Buffer,
];

const toEventRow = ([
  position,
  streamId,
  version,
  eventId,
  type,
  schemaVersion,
  owner,
  actor,
  correlationId,
  causationId,
  recordedUs,
  data,
  sealed,
  hash,
]: EventTuple): EventRow => ({
  position,
  streamId,
  version,
  eventId,
  type,
  schemaVersion,
  owner,
  actor,
  correlationId,
  causationId,
  recordedUs,
  data,
  sealed,
  hash,
});
