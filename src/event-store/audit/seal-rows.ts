import pg from 'pg';
import { type LogSeal } from './log-seal.js';

/** Whatever runs a statement: a pool, or a connection of one's own. */
export type Database = Pick<pg.ClientBase, 'query'>;

/** The seals of a log as they lie in its database. */
export class SealRows {
  private readonly table: string;

  constructor(
    private readonly database: Database,
    schema: string,
  ) {
    this.table = `${pg.escapeIdentifier(schema)}.log_seal`;
  }

  async newest(): Promise<LogSeal | null> {
    const [seal] = await this.read('order by number desc limit 1', []);
    return seal ?? null;
  }

  /** Up to `limit` seals behind this number, in order. */
  page(afterNumber: number, limit: number): Promise<LogSeal[]> {
    return this.read('where number > $1 order by number limit $2', [afterNumber, limit]);
  }

  /** The number of the last seal that lies at or before a position; 0 for none. */
  async numberAt(position: number): Promise<number> {
    const { rows } = await this.database.query<{ number: string | null }>(
      `select (select number from ${this.table} where position <= $1 order by position desc limit 1) as number`,
      [position],
    );
    return Number(rows[0]?.number ?? 0);
  }

  /** False when a seal with this number or position is there already: another process was first. */
  async add(seal: LogSeal): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `insert into ${this.table} (number, log_id, position, chain, recorded_at, previous, public_key, signature)
       values ($1, $2, $3, decode($4, 'hex'), $5, decode($6, 'hex'), $7, $8) on conflict do nothing`,
      [
        seal.number,
        seal.logId,
        seal.position,
        seal.chain,
        seal.recordedAt.toISOString(),
        seal.previous,
        seal.publicKey,
        seal.signature,
      ],
    );
    return rowCount === 1;
  }

  private async read(which: string, values: unknown[]): Promise<LogSeal[]> {
    const { rows } = await this.database.query<SealRow>(
      `select number, log_id, position, encode(chain, 'hex') as chain, encode(previous, 'hex') as previous,
              (extract(epoch from recorded_at) * 1000)::float8 as recorded_ms, public_key, signature
         from ${this.table} ${which}`,
      values,
    );
    return rows.map(toSeal);
  }
}

interface SealRow {
  number: string;
  log_id: string;
  position: string;
  chain: string;
  previous: string;
  recorded_ms: number;
  public_key: Buffer;
  signature: Buffer;
}

const toSeal = (row: SealRow): LogSeal => ({
  logId: row.log_id,
  number: Number(row.number),
  position: Number(row.position),
  chain: row.chain,
  recordedAt: new Date(row.recorded_ms),
  previous: row.previous,
  publicKey: row.public_key,
  signature: row.signature,
});
