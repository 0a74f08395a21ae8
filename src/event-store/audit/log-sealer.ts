import pg from 'pg';
import { HistoryForkedError } from '../event-store.errors.js';
import { type LogSeal, NO_SEAL_BEFORE, sealDigest } from './log-seal.js';
import { type Database, SealRows } from './seal-rows.js';
import { type SealSigner } from './seal-signer.js';

/**
 * Seals everything committed up to the head.
 *
 * Any number of processes may seal the same log: each seal names the one before and has the next number, so of two that
 * are made at once only one is stored.
 */
export class LogSealer {
  private readonly seals: SealRows;

  constructor(
    private readonly database: Database,
    private readonly schema: string,
    private readonly signer: SealSigner,
  ) {
    this.seals = new SealRows(database, schema);
  }

  /**
   * Answers the new seal; null when the newest one covers the head already, or another process sealed just now.
   *
   * @throws HistoryForkedError the log is not the one that was sealed before: nothing is signed on top of it
   */
  async seal(): Promise<LogSeal | null> {
    const before = await this.seals.newest();
    const head = await this.head(before);
    if (head === null || head.position === before?.position) return null;
    const { sealedChain, ...statement } = head;
    if (before !== null && before.chain !== sealedChain) throw new HistoryForkedError(before, head.position);
    const seal = this.signer.sign({
      ...statement,
      number: (before?.number ?? 0) + 1,
      previous: before === null ? NO_SEAL_BEFORE : sealDigest(before),
    });
    return (await this.seals.add(seal)) ? seal : null;
  }

  /** Where the log ends, and the chain it has now where the newest seal lies. Null: it is empty. */
  private async head(before: LogSeal | null): Promise<Head | null> {
    const schema = pg.escapeIdentifier(this.schema);
    const { rows } = await this.database.query<{
      id: string;
      position: string;
      chain: string;
      sealed_chain: string | null;
      now: number;
    }>(
      `select i.id, c.last_position as position, encode(c.chain, 'hex') as chain,
              (select encode(chain, 'hex') from ${schema}.log_commit where last_position = $1) as sealed_chain,
              floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now
         from ${schema}.log_identity i, ${schema}.log_commit c
        order by c.last_position desc limit 1`,
      [before?.position ?? null],
    );
    const [row] = rows;
    if (row === undefined) return null;
    return {
      logId: row.id,
      position: Number(row.position),
      chain: row.chain,
      recordedAt: new Date(row.now),
      sealedChain: row.sealed_chain,
    };
  }
}

type Head = Pick<LogSeal, 'logId' | 'position' | 'chain' | 'recordedAt'> & {
  readonly sealedChain: string | null;
};
