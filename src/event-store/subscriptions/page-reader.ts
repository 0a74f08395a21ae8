import pg from 'pg';
import { statementName } from '../append-call.js';
import { GENESIS_CHAIN } from '../event-hash.js';
import { EventsArchivedError, HistoryForkedError } from '../event-store.errors.js';
import { type Bookmark, type StoredEvent } from '../event-store.js';
import { eventColumns, type EventRow, toStoredEvent } from '../log-reader.js';
import { type ParkedStream } from './parked-streams.js';
import { type SettledSubscription } from './subscription.js';

/** Events of a shard, and how far the log was looked through for them. */
export interface Page {
  readonly events: readonly StoredEvent[];
  /** Everything of the shard up to here is in the page or behind it. Equals the start when there is nothing new. */
  readonly end: Bookmark;
  /** Where the log ended at that moment. */
  readonly head: number;
  /** How long ago the first event behind the page was committed (database clock); 0 when none is. Milliseconds. */
  readonly behindMs: number;
}

/** Positions that one page looks at: a rare type must not make one query read the whole log. */
const WINDOW = 20_000;

/**
 * Reads what a shard has to handle next.
 *
 * Each read is one statement, so one snapshot, and compares the chain at the checkpoint with the bookmark in that same
 * snapshot: the events of a page always belong to the history that was read before.
 */
export class PageReader {
  private readonly pageStatement: pg.QueryConfig;
  private readonly parkedStatement: pg.QueryConfig;
  private readonly betweenStatement: pg.QueryConfig;

  constructor(
    private readonly pool: pg.Pool,
    schema: string,
  ) {
    const statements = pageStatements(pg.escapeIdentifier(schema));
    const named = (name: string, text: string): pg.QueryConfig => ({
      name: statementName(name, schema),
      text,
    });
    this.pageStatement = named('subscription_page', statements.page);
    this.parkedStatement = named('subscription_parked', statements.parked);
    this.betweenStatement = named('subscription_between', statements.between);
  }

  /**
   * The next page behind the bookmark, without streams that are parked.
   *
   * @throws HistoryForkedError the log is not the one that the bookmark was made in
   * @throws EventsArchivedError what comes next is no longer in the database
   */
  async page(subscription: SettledSubscription, shard: number, from: Bookmark): Promise<Page> {
    const { name, types, owners, shards, pageSize } = subscription;
    const window = Math.max(WINDOW, pageSize);
    const values = [from.position, window, pageSize, types, owners, shards, shard, name];
    const rows = await this.query<PageRow>(this.pageStatement, values);
    const { head, reached, from_chain, reached_chain, behind_ms, archived_to } = rows[0]!;
    if (from_chain !== from.chain) throw new HistoryForkedError(from, Number(head));
    if (from.position < Number(archived_to)) throw new EventsArchivedError(Number(archived_to));
    return {
      events: eventsOf(rows),
      end: { position: Number(reached), chain: reached_chain },
      head: Number(head),
      behindMs: Math.max(0, behind_ms ?? 0),
    };
  }

  /**
   * Events of a parked stream that wait, from the first one, at most a page.
   *
   * @throws HistoryForkedError
   */
  async waiting(
    { types, owners, pageSize }: SettledSubscription,
    parked: ParkedStream,
    checkpoint: Bookmark,
  ): Promise<StoredEvent[]> {
    const values = [parked.streamId, parked.version, checkpoint.position, types, owners, pageSize];
    const rows = await this.query<WaitingRow>(this.parkedStatement, values);
    if (rows[0]!.from_chain !== checkpoint.chain)
      throw new HistoryForkedError(checkpoint, Number(rows[0]!.head));
    return eventsOf(rows);
  }

  /**
   * The bookmark of a position within a page that was read.
   *
   * @throws HistoryForkedError the log was replaced since then
   */
  async within(position: number, end: Bookmark): Promise<Bookmark> {
    const [row] = await this.query<{ chain: string; end_chain: string | null; head: string }>(
      this.betweenStatement,
      [position, end.position],
    );
    if (row!.end_chain !== end.chain) throw new HistoryForkedError(end, Number(row!.head));
    return { position, chain: row!.chain };
  }

  private async query<Row extends pg.QueryResultRow>(
    statement: pg.QueryConfig,
    values: unknown[],
  ): Promise<Row[]> {
    return (await this.pool.query<Row>({ ...statement, values })).rows;
  }
}

/** The columns of an event are null in the one row that says that there is none. */
interface WaitingRow extends EventRow {
  head: string;
  from_chain: string | null;
}

interface PageRow extends WaitingRow {
  reached: string;
  reached_chain: string;
  behind_ms: number | null;
  archived_to: string | null;
}

const eventsOf = (rows: readonly EventRow[]): StoredEvent[] =>
  rows.filter((row) => row.position !== null).map(toStoredEvent);

const pageStatements = (schema: string) => {
  const head = `coalesce((select max(last_position) from ${schema}.log_commit), 0)`;
  const chainAt = (position: string): string =>
    `case when ${position} = 0 then '${GENESIS_CHAIN.toString('hex')}' else (
       select encode(chain, 'hex') from ${schema}.log_commit
         where last_position >= ${position} order by last_position limit 1) end`;
  return {
    page: `
      with looked as materialized (
        select h.head, least(h.head, $1::bigint + $2::bigint) as bound from (select ${head} as head) h
      ), page as materialized (
        select e.* from looked l cross join lateral (
          select * from ${schema}.event
            where position > $1::bigint and position <= l.bound
              and ($4::text[] is null or type = any($4::text[]))
              and ($5::text[] is null or owner = any($5::text[]))
              and ($6::int = 1 or ${schema}.stream_shard(stream_id, $6::int) = $7::int)
              -- A lookup per row. As "not exists" it would become a join, which reads the whole window and sorts it.
              and (select p.stream_id from ${schema}.parked_stream p
                     where p.subscription = $8::text and p.stream_id = event.stream_id limit 1) is null
            order by position limit $3::int
        ) e
      ), reached as materialized (
        select r.head, r.reached, ${chainAt('$1::bigint')} as from_chain, ${chainAt('r.reached')} as reached_chain,
               (select extract(epoch from clock_timestamp() - recorded_at) * 1000 from ${schema}.log_commit
                  where last_position > r.reached order by last_position limit 1)::float8 as behind_ms
          from (
            select head, case when (select count(*) from page) = $3::int
                              then (select max(position) from page) else greatest(bound, $1::bigint) end as reached
              from looked
          ) r
      )
      select r.head, r.reached, r.from_chain, r.reached_chain, r.behind_ms,
             (select max(last_position) from ${schema}.log_archive) as archived_to,
             ${eventColumns}
        from reached r left join page e on true
        order by e.position`,

    parked: `
      select ${head} as head, ${chainAt('$3::bigint')} as from_chain, ${eventColumns}
        from (select) one left join lateral (
          select * from ${schema}.event
            where stream_id = $1 and version >= $2 and position <= $3::bigint
              and ($4::text[] is null or type = any($4::text[]))
              and ($5::text[] is null or owner = any($5::text[]))
            order by version limit $6
        ) e on true
        order by e.version`,

    between: `select ${chainAt('$1::bigint')} as chain, ${chainAt('$2::bigint')} as end_chain, ${head} as head`,
  };
};
