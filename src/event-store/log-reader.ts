import pg from 'pg';
import { GroupedLookup } from '../shared/grouped-lookup.js';
import { type JsonObject } from '../shared/json.js';
import { statementName } from './append-call.js';
import { GENESIS_CHAIN } from './event-hash.js';
import { EventStoreUnavailableError, EventsArchivedError, HistoryForkedError } from './event-store.errors.js';
import {
  type Bookmark,
  type LogHead,
  type LogPage,
  type ReadLogOptions,
  type ReadStreamOptions,
  type StoredEvent,
  type StreamFact,
} from './event-store.js';

/** Reads through the pool. Every read is one statement, so it sees one state of the log. */
export class LogReader {
  private readonly streamStatement: pg.QueryConfig;
  private readonly logStatement: pg.QueryConfig;
  private readonly feedStatement: pg.QueryConfig;
  private readonly headStatement: pg.QueryConfig;
  private readonly grownStatement: pg.QueryConfig;
  private readonly chainStatement: pg.QueryConfig;
  private readonly archivedStatement: pg.QueryConfig;
  private readonly wholeStreams: GroupedLookup<ReadStream<StoredEvent>>;
  private readonly factsOfStreams: GroupedLookup<ReadStream<StreamFact>>;

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
    this.archivedStatement = named('archived_stream', statements.archived);
    this.wholeStreams = this.grouped(named('read_streams', statements.streams), toStoredEvent);
    this.factsOfStreams = this.grouped(named('read_facts', statements.facts), toStreamFact);
  }

  private grouped<Row extends FactRow, Event>(
    statement: pg.QueryConfig,
    toEvent: (row: Row) => Event,
  ): GroupedLookup<ReadStream<Event>> {
    return new GroupedLookup(async (ids) => {
      const rows = await this.query<InStream<Row>>(statement, [ids]);
      const streams = new Map<string, ReadStream<Event>>();
      for (const row of rows) {
        const stream = streams.get(row.wanted) ?? { events: [], beginsInArchive: row.begins_in_archive };
        if (row.position !== null) stream.events.push(toEvent(row));
        streams.set(row.wanted, stream);
      }
      return streams;
    });
  }

  async readStream(streamId: string, options: ReadStreamOptions = {}): Promise<StoredEvent[]> {
    const { fromVersion = 1, toVersion = MAX_INT, until = null, limit = null } = options;
    const isWhole = fromVersion <= 1 && toVersion === MAX_INT && until === null && limit === null;
    const { events, beginsInArchive } = isWhole
      ? ((await this.wholeStreams.get(streamId)) ?? NO_STREAM)
      : await this.partOfStream([streamId, fromVersion, toVersion, until, limit]);
    if (beginsInArchive && events[0]?.version !== Math.max(fromVersion, 1))
      await this.refuseArchived(streamId, fromVersion);
    return events;
  }

  async readFacts(streamId: string): Promise<StreamFact[]> {
    const { events, beginsInArchive } = (await this.factsOfStreams.get(streamId)) ?? NO_STREAM;
    if (beginsInArchive && events[0]?.version !== 1) await this.refuseArchived(streamId, 1);
    return events;
  }

  private async partOfStream(values: unknown[]): Promise<ReadStream<StoredEvent>> {
    const rows = await this.query<InStream<EventRow>>(this.streamStatement, values);
    const events = rows.filter((row) => row.position !== null).map(toStoredEvent);
    return { events, beginsInArchive: rows[0]?.begins_in_archive ?? false };
  }

  /** @throws EventsArchivedError the wanted version is no longer here, or those behind it are not */
  private async refuseArchived(streamId: string, fromVersion: number): Promise<void> {
    const [row] = await this.query<{ archived_to: string; first_version: number }>(this.archivedStatement, [
      streamId,
    ]);
    if (row !== undefined && row.first_version > fromVersion)
      throw EventsArchivedError.ofStream(streamId, row.first_version, Number(row.archived_to));
  }

  async readLog({ after, limit, owner, types }: ReadLogOptions): Promise<LogPage> {
    // By type alone there is no index: a rare type would make one page read the whole log.
    const window = types !== undefined && owner === undefined ? Math.max(TYPE_WINDOW, limit) : null;
    const statement = owner === undefined ? this.logStatement : this.feedStatement;
    const rows = await this.query<EventRow & { bound: string; archived_to: string | null }>(statement, [
      after,
      limit,
      owner ?? null,
      types ?? null,
      window,
    ]);
    const archivedTo = Number(rows[0]?.archived_to ?? 0);
    if (after < archivedTo) throw new EventsArchivedError(archivedTo);
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

interface ReadStream<Event> {
  readonly events: Event[];
  /** Its first events may no longer be here. */
  readonly beginsInArchive: boolean;
}

const NO_STREAM: ReadStream<never> = { events: [], beginsInArchive: false };

const MAX_INT = 2_147_483_647;
/** Positions that one page filtered by type alone looks at. */
const TYPE_WINDOW = 20_000;

/** An event as {@link factColumns} gives it. */
interface FactRow {
  position: string;
  stream_id: string;
  version: number;
  event_id: string;
  type: string;
  schema_version: number;
  owner: string;
  correlation_id: string | null;
  recorded_ms: number;
  data: string;
}

/** An event as {@link eventColumns} gives it. */
export interface EventRow extends FactRow {
  actor: string;
  causation_id: string | null;
  sealed: Buffer | null;
  hash: string;
}

/** Of a stream; the columns of the event are null when it has none in the part that was read. */
type InStream<Row> = Row & { wanted: string; begins_in_archive: boolean };

/** Of the table or subquery `e`. Time as a number and JSON as text: a host may have changed how its driver reads both. */
const factColumns = `e.position, e.stream_id, e.version, e.event_id, e.type, e.schema_version, e.owner, e.correlation_id,
    round(date_part('epoch', e.recorded_at) * 1000) as recorded_ms, e.data::text as data`;

/** The hash in hex, as it is shown: the driver would make bytes of it first. */
export const eventColumns = `${factColumns}, e.actor, e.causation_id, e.sealed, encode(e.hash, 'hex') as hash`;

const readStatements = (schema: string) => {
  const beginsInArchive = `coalesce(s.first_position <= (select max(last_position) from ${schema}.log_archive), false)`;
  // Whole streams, each found by key whatever the planner thinks of the table. With the ids behind a select it does not see how
  // many they are, so one plan is kept: planning for all partitions takes longer than reading.
  const streamsWith = (columns: string): string =>
    `select wanted.id as wanted, ${beginsInArchive} as begins_in_archive, ${columns}
      from unnest((select $1::uuid[])) as wanted (id)
      cross join lateral (
        select version, first_position, last_position from ${schema}.stream
         where stream.stream_id = wanted.id limit 1) s
      left join lateral (
        select * from ${schema}.event where event.stream_id = wanted.id and ${within('s')}
         order by version offset 0) e on true`;
  return {
    stream: `select s.stream_id as wanted, ${beginsInArchive} as begins_in_archive, ${eventColumns}
      from ${schema}.stream s
      left join lateral (
        select * from ${schema}.event
         where event.stream_id = s.stream_id and ${within('s')} and event.version between $2 and $3
           and ($4::timestamptz is null or event.recorded_at <= $4::timestamptz)
         order by version limit $5) e on true
      where s.stream_id = $1`,

    streams: streamsWith(eventColumns),
    facts: streamsWith(factColumns),

    // What is left of a stream that begins in an archive.
    archived: `select a.last_position as archived_to, coalesce((
                 select min(version) from ${schema}.event where event.stream_id = s.stream_id and ${within('s')}
               ), s.version + 1) as first_version
      from ${schema}.stream s, (select max(last_position) as last_position from ${schema}.log_archive) a
      where s.stream_id = $1 and s.first_position <= a.last_position`,

    log: pageOf(
      schema,
      '$3::text is null and position > $1::bigint and position <= b.bound',
      'position',
      `select max(last_position) from ${schema}.log_archive`,
    ),

    // Rows are compared, which only the index by owner can answer: of two conditions the planner takes the one on position,
    // once it has a plan for any owner, and reads the whole log for an owner who has few events. So partitions are not ruled
    // out beforehand; each is asked once.
    feed: pageOf(
      schema,
      '(owner, position) > ($3::text, $1::bigint) and (owner, position) <= ($3::text, b.bound)',
      'owner, position',
      `select max(last_position) from ${schema}.log_archive_owner where owner = $3::text`,
    ),

    head: `select last_position as position, (extract(epoch from recorded_at) * 1000)::float8 as recorded_ms
      from ${schema}.log_commit order by last_position desc limit 1`,

    chain: `select (select encode(chain, 'hex') from ${schema}.log_commit
                     where last_position >= $1 order by last_position limit 1) as chain,
                   coalesce((select max(last_position) from ${schema}.log_commit), 0) as head`,

    grown: `select distinct stream_id from ${schema}.event where position > $1 and position <= $2`,
  };
};

/**
 * Of the row of the table of streams: in which partitions its events lie, for the planner to leave out the others. The range
 * of versions says nothing new; but for it, the planner would look through the positions in between, which may be millions.
 */
export const within = (stream: string): string =>
  `event.position between ${stream}.first_position and ${stream}.last_position
      and event.version between 1 and ${stream}.version`;

/** One row with nulls when nothing fits: it still carries how far was looked, and up to where the log is archived. */
const pageOf = (schema: string, range: string, order: string, archivedTo: string): string =>
  `select b.bound, (${archivedTo}) as archived_to, ${eventColumns}
      from (select least(coalesce(max(c.last_position), 0), $1::bigint + $5::bigint) as bound from ${schema}.log_commit c) b
      left join lateral (
        select * from ${schema}.event
          where ${range} and ($4::text[] is null or type = any($4::text[]))
          order by ${order} limit $2
      ) e on true
      order by e.position`;

const toStreamFact = (row: FactRow): StreamFact => ({
  position: Number(row.position),
  streamId: row.stream_id,
  version: row.version,
  id: row.event_id,
  type: row.type,
  schemaVersion: row.schema_version,
  owner: row.owner,
  correlationId: row.correlation_id,
  recordedAt: new Date(row.recorded_ms),
  data: JSON.parse(row.data) as JsonObject,
});

export const toStoredEvent = (row: EventRow): StoredEvent => ({
  ...toStreamFact(row),
  actor: row.actor,
  causationId: row.causation_id,
  sealed: row.sealed,
  hash: row.hash,
});
