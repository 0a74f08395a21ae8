import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type ColumnValue, CopyWriter } from './copy-format.js';
import { type InlineProjection, type ProjectedTable, type ReplayedEvent, tablesOf } from './projection.js';
import { type ShadowTables } from './shadow-tables.js';

/** Bytes that are collected for one COPY. */
const BUNCH = 2 * 1024 * 1024;

/**
 * Makes rows and writes them into the new tables. Collects the next bunch while one is on its way, so memory holds two.
 * Everything goes through one connection, in the transaction that is open there.
 */
export class ShadowWriter {
  /** Types of events that leave rows of their own. */
  readonly leavesRow: ReadonlySet<string>;
  private readonly tables: readonly ProjectedTable[];
  private bunch: ReadonlyMap<ProjectedTable, CopyWriter>;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: pg.ClientBase,
    private readonly projection: InlineProjection,
    private readonly shadow: ShadowTables,
  ) {
    this.tables = tablesOf(projection);
    this.leavesRow = new Set(projection.events.flatMap(({ types }) => types));
    this.bunch = this.newBunch();
  }

  /** The row that the whole stream makes. */
  addStream(events: readonly ReplayedEvent[]): void {
    const { streams } = this.projection;
    const row = streams.row(events);
    if (row !== null) this.add(streams, row);
  }

  /** The rows that the event leaves, whatever becomes of its stream. */
  addEvent(event: ReplayedEvent): void {
    for (const table of this.projection.events) {
      if (table.types.includes(event.type)) this.add(table, table.row(event));
    }
  }

  /** Takes the rows of streams away, before newer ones are added. Needs the key. */
  async remove(streamIds: readonly string[]): Promise<void> {
    if (streamIds.length === 0) return;
    const { streams } = this.projection;
    await this.client.query(
      `delete from ${this.shadow.nameOf(streams)} where ${pg.escapeIdentifier(streams.key)} = any ($1::uuid[])`,
      [streamIds],
    );
  }

  /** Sends what was collected when it is enough, and waits until the bunch before it is written. */
  async makeRoom(): Promise<void> {
    if ([...this.bunch.values()].reduce((sum, { bytes }) => sum + bytes, 0) < BUNCH) return;
    await this.writing;
    this.send();
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await this.writing;
    this.send();
    await this.writing;
  }

  /** Forgets what was not written, after the transaction has failed. */
  async discard(): Promise<void> {
    await this.writing.catch(() => undefined);
    this.writing = Promise.resolve();
    this.bunch = this.newBunch();
  }

  private add(table: ProjectedTable, row: readonly ColumnValue[]): void {
    this.bunch.get(table)!.write(row);
  }

  private send(): void {
    this.writing = this.write(this.bunch);
    // Its failure is met by whoever waits for it.
    this.writing.catch(() => undefined);
    this.bunch = this.newBunch();
  }

  private async write(bunch: ReadonlyMap<ProjectedTable, CopyWriter>): Promise<void> {
    for (const [table, rows] of bunch) {
      if (rows.count === 0) continue;
      const columns = Object.keys(table.columns).map((name) => pg.escapeIdentifier(name));
      const into = `${this.shadow.nameOf(table)} (${columns.join(', ')})`;
      const copy = this.client.query(copyFrom(`copy ${into} from stdin (format binary)`));
      await pipeline(Readable.from(rows.finish()), copy);
    }
  }

  private newBunch(): ReadonlyMap<ProjectedTable, CopyWriter> {
    return new Map(this.tables.map((table) => [table, new CopyWriter(Object.values(table.columns))]));
  }
}
