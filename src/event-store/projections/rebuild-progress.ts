import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { RebuildRunningError } from './projection.errors.js';

/**
 * `copy`: from the beginning, into tables without indexes. `index`: everything is there, keys and indexes are made.
 * `follow`: what is appended meanwhile is taken over, until the tables can be exchanged.
 */
export type RebuildPhase = 'copy' | 'index' | 'follow';

/** How far a rebuild has come; stored in the transaction of the rows that belong to it. */
export interface RebuildState {
  readonly phase: RebuildPhase;
  /** Everything up to here is in the new tables. */
  readonly position: number;
  /** A stream may have several rows, of which the newest counts. */
  readonly hasOldRows: boolean;
}

const BEGINNING: RebuildState = { phase: 'copy', position: 0, hasOldRows: false };

interface ProgressRow {
  phase: RebuildPhase;
  position: string | number;
  has_old_rows: boolean;
}

/** The row of projection_rebuild. Every change names the run: whoever was overtaken changes nothing any more. */
export class RebuildProgress {
  private readonly run = randomUUID();
  private readonly table: string;
  private readonly chain: string;

  constructor(
    private readonly client: pg.ClientBase,
    private readonly schema: string,
    private readonly projection: string,
  ) {
    const quoted = pg.escapeIdentifier(schema);
    this.table = `${quoted}.projection_rebuild`;
    this.chain = `coalesce((select chain from ${quoted}.log_commit where last_position >= $3 order by last_position limit 1), '')`;
  }

  /**
   * Takes over what another run left behind. Null when there is nothing, or nothing that fits: it was begun by another
   * program, for tables of another shape, or for a log that is no longer this one.
   */
  async goOn(definition: string): Promise<RebuildState | null> {
    const { rows } = await this.client.query<ProgressRow>(
      `update ${this.table} set run = $2, updated_at = clock_timestamp()
        where projection = $1 and definition = $3
          and chain = coalesce((
                select chain from ${pg.escapeIdentifier(this.schema)}.log_commit
                 where last_position >= projection_rebuild.position order by last_position limit 1), '')
      returning phase, position, has_old_rows`,
      [this.projection, this.run, definition],
    );
    const [row] = rows;
    if (row === undefined) return null;
    return { phase: row.phase, position: Number(row.position), hasOldRows: row.has_old_rows };
  }

  /** In the transaction that makes the empty tables. */
  async begin(definition: string): Promise<RebuildState> {
    await this.client.query(`delete from ${this.table} where projection = $1`, [this.projection]);
    await this.client.query(
      `insert into ${this.table} (projection, run, definition, phase, position, chain, has_old_rows)
       values ($1, $2, $4, '${BEGINNING.phase}', $3, ${this.chain}, false)`,
      [this.projection, this.run, BEGINNING.position, definition],
    );
    return BEGINNING;
  }

  /**
   * In the transaction of the rows.
   *
   * @throws RebuildRunningError another run has taken over
   */
  async advance(to: RebuildState): Promise<void> {
    const { rowCount } = await this.client.query(
      `update ${this.table}
          set phase = $4, position = $3, chain = ${this.chain}, has_old_rows = $5, updated_at = clock_timestamp()
        where projection = $1 and run = $2`,
      [this.projection, this.run, to.position, to.phase, to.hasOldRows],
    );
    if (rowCount === 0) throw new RebuildRunningError(this.projection);
  }

  /** In the transaction that exchanges the tables. */
  async end(): Promise<void> {
    const { rowCount } = await this.client.query(
      `delete from ${this.table} where projection = $1 and run = $2`,
      [this.projection, this.run],
    );
    if (rowCount === 0) throw new RebuildRunningError(this.projection);
  }
}
