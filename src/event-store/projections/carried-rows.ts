import pg from 'pg';
import { type InlineProjection, type ProjectedTable, tablesOf } from './projection.js';
import { type ShadowTables } from './shadow-tables.js';

/**
 * Rows of streams that begin in an archive: the log can no longer make them, so a rebuild takes over the live ones. Those are
 * right whenever they are read, because an inline projection is at the version of its stream in every snapshot.
 */
export class CarriedRows {
  private readonly schema: string;

  constructor(
    private readonly client: pg.ClientBase,
    schema: string,
    private readonly projection: InlineProjection,
    private readonly shadow: ShadowTables,
  ) {
    this.schema = pg.escapeIdentifier(schema);
  }

  /**
   * Into empty tables, in the transaction that stores the beginning of the rebuild. Answers up to where the log is archived; 0:
   * it is whole. That stays so until the rebuild has ended: whoever archives waits for the lock, and then finds the rebuild.
   */
  async takeAll(): Promise<number> {
    await this.client.query(`lock table ${this.schema}.event in access share mode`);
    const { rows } = await this.client.query<{ upto: string | number }>(
      `select coalesce(max(last_position), 0) as upto from ${this.schema}.log_archive`,
    );
    const archivedTo = Number(rows[0]!.upto);
    if (archivedTo === 0) return 0;
    for (const table of tablesOf(this.projection)) {
      await this.client.query(
        `${this.copy(table)} join ${this.schema}.stream s on s.stream_id = t.${this.streamOf(table)}
          where s.first_position <= $1`,
        [archivedTo],
      );
    }
    return archivedTo;
  }

  /** Which of these streams begin in an archive. */
  async among(streamIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (streamIds.length === 0) return new Set();
    const { rows } = await this.client.query<{ stream_id: string }>(
      `select s.stream_id from ${this.schema}.stream s
        where s.stream_id = any ($1::uuid[])
          and s.first_position <= (select max(last_position) from ${this.schema}.log_archive)`,
      [streamIds],
    );
    return new Set(rows.map((row) => row.stream_id));
  }

  /** In place of what is there of these streams: they have grown. Few, and their tables may be without keys. */
  async takeAgain(streamIds: readonly string[]): Promise<void> {
    if (streamIds.length === 0) return;
    for (const table of tablesOf(this.projection)) {
      const stream = this.streamOf(table);
      await this.client.query(`delete from ${this.shadow.nameOf(table)} where ${stream} = any ($1::uuid[])`, [
        streamIds,
      ]);
      await this.client.query(`${this.copy(table)} where t.${stream} = any ($1::uuid[])`, [streamIds]);
    }
  }

  private copy(table: ProjectedTable): string {
    const columns = Object.keys(table.columns).map((name) => pg.escapeIdentifier(name));
    return `insert into ${this.shadow.nameOf(table)} (${columns.join(', ')})
      select ${columns.map((name) => `t.${name}`).join(', ')} from ${this.shadow.liveNameOf(table)} t`;
  }

  private streamOf(table: ProjectedTable): string {
    const { streams, events } = this.projection;
    return pg.escapeIdentifier(events.find((other) => other === table)?.stream ?? streams.key);
  }
}
