import pg from 'pg';
import { GroupedLookup } from '../shared/grouped-lookup.js';
import { type JsonObject } from '../shared/json.js';
import { statementName } from './append-call.js';
import { GENESIS_CHAIN } from './event-hash.js';
import { EventStoreUnavailableError, HistoryForkedError } from './event-store.errors.js';
import {
  type Bookmark,
  type LogHead,
  type LogPage,
  type ReadLogOptions,
  type ReadStreamOptions,
  type StoredEvent,
} from './event-store.js';

/** Reads through the pool. Every read is one statement, so it sees one state of the log. */
export class LogReader {
  private readonly streamStatement: pg.QueryConfig;
  private readonly logStatement: pg.QueryConfig;
  private readonly feedStatement: pg.QueryConfig;
  private readonly headStatement: pg.QueryConfig;
  private readonly grownStatement: pg.QueryConfig;
  private readonly chainStatement: pg.QueryConfig;
  private readonly wholeStreams: GroupedLookup<StoredEvent[]>;

  constructor(
    private readonly pool: pg.Pool,
    schema: string,
  ) {
    const statements = readStatements(pg.escapeIdentifier(schema));
    const named = (name: string, text: string): pg.QueryConfig => ({
      name: statementName(name, schema),
      text,
    });
    this.streamStatement = named('read_stream', statements.stream);
    this.logStatement = named('read_log', statements.log);
    this.feedStatement = named('read_feed', statements.feed);
    this.headStatement = named('log_head', statements.head);
    this.grownStatement = named('grown_streams', statements.grown);
    this.chainStatement = named('chain_at', statements.chain);
    const streamsStatement = named('read_streams', statements.streams);
    this.wholeStreams = new GroupedLookup(async (ids) => {
      const rows = await this.query<EventRow>(streamsStatement, [ids]);
      const streams = new Map<string, StoredEvent[]>();
      for (const row of rows) {
        const stream = streams.get(row.stream_id);
        if (stream) stream.push(toStoredEvent(row));
        else streams.set(row.stream_id, [toStoredEvent(row)]);
      }
      return streams;
    });
  }

  async readStream(streamId: string, options: ReadStreamOptions = {}): Promise<StoredEvent[]> {
    const { fromVersion = 1, toVersion = MAX_INT, until = null, limit = null } = options;
    const isWhole = fromVersion <= 1 && toVersion === MAX_INT && until === null && limit === null;
    if (isWhole) return (await this.wholeStreams.get(streamId)) ?? [];
    const rows = await this.query<EventRow>(this.streamStatement, [
      streamId,
      fromVersion,
      toVersion,
      until,
      limit,
    ]);
    return rows.map(toStoredEvent);
  }

  async readLog({ after, limit, owner, types }: ReadLogOptions): Promise<LogPage> {
    // By type alone there is no index: a rare type would make one page read the whole log.
    const window = types !== undefined && owner === undefined ? Math.max(TYPE_WINDOW, limit) : null;
    const statement = owner === undefined ? this.logStatement : this.feedStatement;
    const rows = await this.query<EventRow & { bound: string }>(statement, [
      after,
      limit,
      owner ?? null,
      types ?? null,
      window,
    ]);
    const events = rows.filter((row) => row.position !== null).map(toStoredEvent);
    const next = events.length === limit ? (events.at(-1)?.position ?? after) : Number(rows[0]?.bound ?? 0);
    return { events, next: Math.max(next, after) };
  }

  async head(): Promise<LogHead> {
    const [row] = await this.query<{ position: string; recorded_ms: number }>(this.headStatement, []);
    if (row === undefined) return { position: 0, recordedAt: null };
    return { position: Number(row.position), recordedAt: new Date(row.recorded_ms) };
  }

  async bookmark(position: number): Promise<Bookmark> {
    const { chain, head } = await this.chainAt(position);
    if (chain === null) throw new HistoryForkedError({ position, chain: '' }, head);
    return { position, chain };
  }

  async assertSameHistory(bookmark: Bookmark): Promise<void> {
    const { chain, head } = await this.chainAt(bookmark.position);
    if (chain !== bookmark.chain) throw new HistoryForkedError(bookmark, head);
  }

  /** The chain at the end of the batch that holds the position; null beyond the head. */
  private async chainAt(position: number): Promise<{ chain: string | null; head: number }> {
    const [row] = await this.query<{ chain: string | null; head: string }>(this.chainStatement, [position]);
    return { chain: position === 0 ? GENESIS_CHAIN.toString('hex') : row!.chain, head: Number(row!.head) };
  }

  /** Streams with events behind `after`, up to `upTo`. */
  async grownStreams(after: number, upTo: number): Promise<string[]> {
    const rows = await this.query<{ stream_id: string }>(this.grownStatement, [after, upTo]);
    return rows.map((row) => row.stream_id);
  }

  private async query<Row extends pg.QueryResultRow>(
    statement: pg.QueryConfig,
    values: unknown[],
  ): Promise<Row[]> {
    try {
      return (await this.pool.query<Row>({ ...statement, values })).rows;
    } catch (cause) {
      throw new EventStoreUnavailableError('The log cannot be read just now.', true, cause);
    }
  }
}

const MAX_INT = 2_147_483_647;
/** Positions that one page filtered by type alone looks at. */
const TYPE_WINDOW = 20_000;

/** An event as {@link eventColumns} gives it. */
export interface EventRow {
  position: string;
  stream_id: string;
  version: number;
  event_id: string;
  type: string;
  schema_version: number;
  owner: string;
  actor: string;
  correlation_id: string | null;
  causation_id: string | null;
  recorded_ms: number;
  data: string;
  sealed: Buffer | null;
  hash: string;
}

/**
 * Of the table or subquery `e`. Time as a number and JSON as text: a host may have changed how its driver reads both. The
 * hash in hex, as it is shown: the driver would make bytes of it first.
 */
export const eventColumns = `e.position, e.stream_id, e.version, e.event_id, e.type, e.schema_version, e.owner, e.actor,
    e.correlation_id, e.causation_id, round(date_part('epoch', e.recorded_at) * 1000) as recorded_ms,
    e.data::text as data, e.sealed, encode(e.hash, 'hex') as hash`;

const readStatements = (schema: string) => {
  return {
    stream: `select ${eventColumns} from ${schema}.event e
      where e.stream_id = $1 and e.version between $2 and $3
        and ($4::timestamptz is null or e.recorded_at <= $4::timestamptz)
      order by e.version limit $5`,

    // Whole streams, each found by key whatever the planner thinks of the table.
    streams: `select ${eventColumns} from unnest($1::uuid[]) as wanted (id)
      cross join lateral (
        select * from ${schema}.event where event.stream_id = wanted.id order by version offset 0) e`,

    log: pageOf(schema, '$3::text is null and position > $1::bigint and position <= b.bound', 'position'),

    // Rows are compared, which only the index by owner can answer: of two conditions the planner takes the one on position,
    // once it has a plan for any owner, and reads the whole log for an owner who has few events.
    feed: pageOf(
      schema,
      '(owner, position) > ($3::text, $1::bigint) and (owner, position) <= ($3::text, b.bound)',
      'owner, position',
    ),

    head: `select last_position as position, (extract(epoch from recorded_at) * 1000)::float8 as recorded_ms
      from ${schema}.log_commit order by last_position desc limit 1`,

    chain: `select (select encode(chain, 'hex') from ${schema}.log_commit
                     where last_position >= $1 order by last_position limit 1) as chain,
                   coalesce((select max(last_position) from ${schema}.log_commit), 0) as head`,

    grown: `select distinct stream_id from ${schema}.event where position > $1 and position <= $2`,
  };
};

/** One row with nulls when nothing fits: it still carries how far was looked. */
const pageOf = (schema: string, range: string, order: string): string =>
  `select b.bound, ${eventColumns}
      from (select least(coalesce(max(c.last_position), 0), $1::bigint + $5::bigint) as bound from ${schema}.log_commit c) b
      left join lateral (
        select * from ${schema}.event
          where ${range} and ($4::text[] is null or type = any($4::text[]))
          order by ${order} limit $2
      ) e on true
      order by e.position`;

export const toStoredEvent = (row: EventRow): StoredEvent => ({
  position: Number(row.position),
  streamId: row.stream_id,
  version: row.version,
  id: row.event_id,
  type: row.type,
  schemaVersion: row.schema_version,
  owner: row.owner,
  actor: row.actor,
  correlationId: row.correlation_id,
  causationId: row.causation_id,
  recordedAt: new Date(row.recorded_ms),
  data: JSON.parse(row.data) as JsonObject,
  sealed: row.sealed,
  hash: row.hash,
});
