import pg from 'pg';
import { connect, type ConnectionOptions } from '../../database/index.js';
import { canonicalJson, isJsonObject, type Json } from '../../shared/json.js';
import { type ColumnType, type ColumnValue, CopyRow, keptRow, RowEncoder } from './copy-format.js';
import {
  type EventTable,
  type InlineProjection,
  type ProjectedTable,
  type ReplayedEvent,
  tablesOf,
} from './projection.js';
import { EventDecoder, ReplayReader, RunningCopy, StreamCollector, texts } from './replay-reader.js';

/** Something in a table that the log does not say, or says otherwise. */
export interface Difference {
  readonly table: string;
  readonly stream: string;
  /** `missing`: the log makes a row that is not there; `surplus`: it does not make this row. */
  readonly kind: 'differs' | 'missing' | 'surplus';
  /** The column, and of JSON the name in it (`facts.progress`); null when it is the whole row. */
  readonly field: string | null;
  /** What the table says, and what the log says; left out for secret fields and whole rows. */
  readonly stored?: Json;
  readonly replayed?: Json;
}

export interface ProjectionVerification {
  /** Streams replayed. */
  readonly streams: number;
  readonly events: number;
  /** Rows held against the log, of all tables. */
  readonly rows: number;
  /** Streams that begin in an archive: nothing is left to hold their rows against. */
  readonly archived: number;
  /** The first ones found. */
  readonly differences: readonly Difference[];
  /** How many there are. */
  readonly differing: number;
  /** False when it was stopped before the end. */
  readonly isComplete: boolean;
}

export interface ProjectionVerifyOptions {
  readonly connection: ConnectionOptions;
  /** Pages that are compared side by side, each on a connection of its own. Default 2. */
  readonly lanes?: number;
  /** Streams, and rows of single events, per page. Default 500. */
  readonly pageSize?: number;
  /** Ends the comparison after the pages under way. */
  readonly signal?: AbortSignal;
  /** Told after each page: streams replayed so far, of about how many. */
  readonly onProgress?: (streams: number, of: number) => void;
}

const LANES = 2;
const PAGE = 500;
const MOST_TOLD = 1_000;
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/**
 * Compares every row of a projection with a replay of its stream from the log alone, and looks for rows without a stream
 * and streams without a row.
 *
 * Reads only. Writes may go on: a page is read in one snapshot, rows and events alike, and in every snapshot an inline
 * projection is at the version of its stream.
 */
export const verifyProjection = async (
  projection: InlineProjection,
  { connection, lanes = LANES, pageSize = PAGE, signal, onProgress }: ProjectionVerifyOptions,
): Promise<ProjectionVerification> => {
  const patient = { ...connection, statementTimeoutMs: 0, applicationName: `verify ${projection.name}` };
  const clients: pg.Client[] = [];
  try {
    for (let n = 0; n <= lanes; n++) clients.push(await connect(patient));
    const [planner, ...workers] = clients;
    const found = new Findings();
    const plan = new PagePlan(planner!, connection.schema, projection, pageSize);
    const about = await plan.size();
    const isStopped = (): boolean => signal?.aborted === true;
    const work = async (client: pg.Client): Promise<void> => {
      const comparison = new Comparison(client, connection.schema, projection, found);
      while (!isStopped()) {
        const page = await plan.next();
        if (page === null) return;
        await comparison.compare(page);
        onProgress?.(found.streams, Math.max(about, found.streams));
      }
    };
    await Promise.all(workers.map(work));
    return found.result(!isStopped());
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
};

/** A part of a table, by key. */
type Page =
  | { readonly table: null; readonly after: string | null; readonly upTo: string | null }
  | {
      readonly table: EventTable;
      readonly after: readonly string[] | null;
      readonly upTo: readonly string[] | null;
    };

/** Cuts the tables into pages, for whoever is free. */
class PagePlan {
  private readonly pages: AsyncGenerator<Page, void>;

  constructor(
    private readonly client: pg.ClientBase,
    private readonly schema: string,
    private readonly projection: InlineProjection,
    private readonly pageSize: number,
  ) {
    this.pages = this.all();
  }

  async next(): Promise<Page | null> {
    const { value, done } = await this.pages.next();
    return done === true ? null : value;
  }

  /** How many streams there are, as the planner of the database thinks. */
  async size(): Promise<number> {
    const { rows } = await this.client.query<{ size: number }>(
      'select greatest(reltuples, 0)::float8 as size from pg_class where oid = $1::regclass',
      [qualified(this.schema, 'stream')],
    );
    return rows[0]!.size;
  }

  private async *all(): AsyncGenerator<Page, void> {
    for (let after: string | null = null; ;) {
      const upTo: string | null = await this.boundary(after);
      yield { table: null, after, upTo };
      if (upTo === null) break;
      after = upTo;
    }
    for (const table of this.projection.events) {
      for (let after: readonly string[] | null = null; ;) {
        const upTo: readonly string[] | null = await this.eventBoundary(table, after);
        yield { table, after, upTo };
        if (upTo === null) break;
        after = upTo;
      }
    }
  }

  /** The id with which a page of streams and rows ends; null for the last page. */
  private async boundary(after: string | null): Promise<string | null> {
    const { name, key } = this.projection.streams;
    const id = pg.escapeIdentifier(key);
    const beyond = (column: string): string => (after === null ? '' : `where ${column} > '${after}'::uuid`);
    const { rows } = await this.client.query<{ id: string }>(
      `select id from (
         (select ${id} as id from ${qualified(this.schema, name)} ${beyond(id)} order by ${id} limit ${this.pageSize})
         union
         (select stream_id from ${qualified(this.schema, 'stream')} ${beyond('stream_id')}
           order by stream_id limit ${this.pageSize})
       ) next order by id offset ${this.pageSize - 1} limit 1`,
    );
    return rows[0]?.id ?? null;
  }

  private async eventBoundary(
    table: EventTable,
    after: readonly string[] | null,
  ): Promise<readonly string[] | null> {
    const key = keyOf(table);
    const { rows } = await this.client.query<{ key: string[] }>(
      `select array[${table.key.map((column) => `${pg.escapeIdentifier(column)}::text`).join(', ')}] as key
         from ${qualified(this.schema, table.name)} ${after === null ? '' : `where ${key} > ${valueOf(table, after)}`}
        order by ${table.key.map((column) => pg.escapeIdentifier(column)).join(', ')}
       offset ${this.pageSize - 1} limit 1`,
    );
    return rows[0]?.key ?? null;
  }
}

/** Holds pages against the log, one at a time. */
class Comparison {
  private readonly log: ReplayReader;
  private readonly decoder = new EventDecoder();
  private readonly encoders: ReadonlyMap<ProjectedTable, RowEncoder>;

  constructor(
    private readonly client: pg.ClientBase,
    private readonly schema: string,
    private readonly projection: InlineProjection,
    private readonly found: Findings,
  ) {
    this.encoders = new Map(
      tablesOf(projection).map((table) => [table, new RowEncoder(Object.values(table.columns))]),
    );
    this.log = new ReplayReader(client, schema, projection.carries);
  }

  async compare(page: Page): Promise<void> {
    // The snapshot is taken behind the locks: a rebuild that exchanges the tables lies before it or behind it, and so does an
    // archive that takes events out.
    const tables = [...tablesOf(this.projection).map(({ name }) => name), 'event'].map((name) =>
      qualified(this.schema, name),
    );
    await this.client.query(`begin transaction isolation level repeatable read, read only;
      lock table ${tables.join(', ')} in access share mode`);
    try {
      if (page.table === null) await this.streams(page.after, page.upTo);
      else await this.surplus(page.table, page.after, page.upTo);
    } finally {
      await this.client.query('rollback');
    }
  }

  /** Rows and streams of a range of ids. */
  private async streams(after: string | null, upTo: string | null): Promise<void> {
    const { streams } = this.projection;
    const id = Object.keys(streams.columns).indexOf(streams.key);
    const within = (column: string): string =>
      `(${after === null ? 'true' : `${column} > '${after}'::uuid`}) and (${upTo === null ? 'true' : `${column} <= '${upTo}'::uuid`})`;

    const stored = new Map<string, CopyRow>();
    await this.rows(streams, `where ${within(pg.escapeIdentifier(streams.key))}`, (row) =>
      stored.set(row.uuid(id), keptRow(row)),
    );
    const { rows: known } = await this.client.query<{ id: string; archived: boolean }>(
      `select stream_id as id, ${this.beginsInArchive} as archived
         from ${qualified(this.schema, 'stream')} s where ${within('stream_id')}`,
    );
    const archived = new Set(known.filter((stream) => stream.archived).map((stream) => stream.id));
    this.found.rows += stored.size;
    const ids = new Set([...stored.keys(), ...known.map((stream) => stream.id)]);

    const eventRows = new Map(
      this.projection.events.map((table) => [table, [] as (readonly ColumnValue[])[]]),
    );
    await this.replay([...ids], null, (events) => {
      const { streamId, version } = events[0]!;
      if (version !== 1 && archived.has(streamId)) return;
      archived.delete(streamId);
      const values = streams.row(events);
      const row = stored.get(streamId);
      this.found.streams++;
      this.found.events += events.length;
      stored.delete(streamId);
      if (values !== null && row !== undefined) this.difference(streams, streamId, row, values);
      else if (values !== null)
        this.found.add({ table: streams.name, stream: streamId, kind: 'missing', field: null });
      else if (row !== undefined)
        this.found.add({ table: streams.name, stream: streamId, kind: 'surplus', field: null });
      for (const event of events) {
        for (const [table, rows] of eventRows)
          if (table.types.includes(event.type)) rows.push(table.row(event));
      }
    });
    this.found.archived += archived.size;
    for (const stream of archived) if (stored.delete(stream)) this.found.rows--;
    for (const stream of stored.keys())
      this.found.add({ table: streams.name, stream, kind: 'surplus', field: null });
    for (const [table, rows] of eventRows) await this.eventRows(table, rows);
  }

  /** The rows that events must have left, found by key. */
  private async eventRows(table: EventTable, expected: readonly (readonly ColumnValue[])[]): Promise<void> {
    if (expected.length === 0) return;
    const columns = Object.keys(table.columns);
    const places = table.key.map((column) => columns.indexOf(column));
    const lists = places.map((place) => texts(expected.map((values) => String(values[place]))));
    const wanted = table.key.map(
      (column, n) => `w.k${n}::${table.columns[column]} = t.${pg.escapeIdentifier(column)}`,
    );
    const names = table.key.map((_, n) => `k${n}`).join(', ');
    const query = `select ${selected(table, 't')} from unnest(${lists.join(', ')}) as w (${names})
      cross join lateral (select * from ${qualified(this.schema, table.name)} t where ${wanted.join(' and ')} offset 0) t`;
    const stored = new Map<string, CopyRow>();
    await new RunningCopy(this.client, query, columns.length).read((row) =>
      stored.set(shownKey(table, row), keptRow(row)),
    );
    for (const values of expected) {
      const stream = String(values[columns.indexOf(table.stream)]);
      const row = stored.get(JSON.stringify(places.map((place) => String(values[place]))));
      if (row === undefined) this.found.add({ table: table.name, stream, kind: 'missing', field: null });
      else this.difference(table, stream, row, values);
    }
  }

  /** Rows whose stream has no event that leaves a row with this key. */
  private async surplus(
    table: EventTable,
    after: readonly string[] | null,
    upTo: readonly string[] | null,
  ): Promise<void> {
    const columns = Object.keys(table.columns);
    const stream = columns.indexOf(table.stream);
    const places = table.key.map((column) => columns.indexOf(column));
    const key = keyOf(table);
    const bounds = [
      ...(after === null ? [] : [`${key} > ${valueOf(table, after)}`]),
      ...(upTo === null ? [] : [`${key} <= ${valueOf(table, upTo)}`]),
    ];
    const stored = new Map<string, string>();
    await this.rows(table, bounds.length > 0 ? `where ${bounds.join(' and ')}` : '', (row) =>
      stored.set(`${row.uuid(stream)} ${shownKey(table, row)}`, row.uuid(stream)),
    );
    this.found.rows += stored.size;
    await this.replay([...new Set(stored.values())], table.types, (events) => {
      for (const event of events) {
        const values = table.row(event);
        stored.delete(`${event.streamId} ${JSON.stringify(places.map((place) => String(values[place])))}`);
      }
    });
    const { rows: archived } = await this.client.query<{ id: string }>(
      `select stream_id as id from ${qualified(this.schema, 'stream')} s
        where stream_id = any ($1::uuid[]) and ${this.beginsInArchive}`,
      [[...new Set(stored.values())]],
    );
    const unknown = new Set(archived.map((stream) => stream.id));
    for (const id of stored.values()) {
      if (unknown.has(id)) this.found.rows--;
      else this.found.add({ table: table.name, stream: id, kind: 'surplus', field: null });
    }
  }

  private get beginsInArchive(): string {
    const archive = qualified(this.schema, 'log_archive');
    return `coalesce(s.first_position <= (select max(last_position) from ${archive}), false)`;
  }

  private rows(table: ProjectedTable, where: string, onRow: (row: CopyRow) => void): Promise<void> {
    const query = `select ${selected(table, 't')} from ${qualified(this.schema, table.name)} t ${where}`;
    return new RunningCopy(this.client, query, Object.keys(table.columns).length).read(onRow);
  }

  private async replay(
    ids: readonly string[],
    types: readonly string[] | null,
    onStream: (events: readonly ReplayedEvent[]) => void,
  ): Promise<void> {
    const collector = new StreamCollector(this.decoder, onStream);
    await this.log.streams(ids, EVERYTHING, types, (row) => collector.take(row));
    collector.end();
  }

  private difference(
    table: ProjectedTable,
    stream: string,
    stored: CopyRow,
    values: readonly ColumnValue[],
  ): void {
    const columns = Object.entries(table.columns);
    const replayed = new CopyRow(columns.length);
    replayed.cut(this.encoders.get(table)!.encode(values), 0);
    columns.forEach(([column, type], field) => {
      if (stored.equals(field, replayed)) return;
      if (table.secret.includes(column)) {
        this.found.add({ table: table.name, stream, kind: 'differs', field: column });
        return;
      }
      for (const [path, one, other] of shownDifferences(column, type, field, stored, replayed)) {
        this.found.add({
          table: table.name,
          stream,
          kind: 'differs',
          field: path,
          stored: one,
          replayed: other,
        });
      }
    });
  }
}

class Findings {
  streams = 0;
  events = 0;
  rows = 0;
  archived = 0;
  private differing = 0;
  private readonly differences: Difference[] = [];

  add(difference: Difference): void {
    this.differing++;
    if (this.differences.length < MOST_TOLD) this.differences.push(difference);
  }

  result(isComplete: boolean): ProjectionVerification {
    const { streams, events, rows, archived, differing, differences } = this;
    return { streams, events, rows, archived, differences, differing, isComplete };
  }
}

type Shown = readonly [path: string, stored: Json, replayed: Json];

/** JSON is compared by what it says, name by name: spelling and order of names may be those of an older program. */
const shownDifferences = (
  column: string,
  type: ColumnType,
  field: number,
  stored: CopyRow,
  replayed: CopyRow,
): readonly Shown[] => {
  if (type !== 'json' || stored.isNull(field) || replayed.isNull(field))
    return [[column, stored.shown(field, type), replayed.shown(field, type)]];
  const [one, other] = [stored, replayed].map((row) => JSON.parse(row.text(field)) as Json) as [Json, Json];
  if (!isJsonObject(one) || !isJsonObject(other)) return isSame(one, other) ? [] : [[column, one, other]];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names]
    .filter((name) => !isSame(one[name], other[name]))
    .map((name) => [`${column}.${name}`, one[name] ?? null, other[name] ?? null]);
};

const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  (one === undefined) === (other === undefined) && canonicalJson(one) === canonicalJson(other);

const selected = ({ columns }: ProjectedTable, alias: string): string =>
  Object.keys(columns)
    .map((column) => `${alias}.${pg.escapeIdentifier(column)}`)
    .join(', ');

const qualified = (schema: string, name: string): string =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;

const keyOf = ({ key }: EventTable): string =>
  `(${key.map((column) => pg.escapeIdentifier(column)).join(', ')})`;

const valueOf = ({ key, columns }: EventTable, values: readonly string[]): string =>
  `(${values.map((value, n) => `${pg.escapeLiteral(value)}::${columns[key[n]!]}`).join(', ')})`;

/** Of a row that was read, as text to find it by. */
const shownKey = ({ key, columns }: EventTable, row: CopyRow): string => {
  const names = Object.keys(columns);
  return JSON.stringify(key.map((column) => String(row.shown(names.indexOf(column), columns[column]!))));
};
