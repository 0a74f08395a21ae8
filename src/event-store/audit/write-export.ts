import pg from 'pg';
import { GENESIS_CHAIN } from '../event-hash.js';
import { type ExportHead, exportText } from './log-export.js';
import { type LogSeal } from './log-seal.js';
import { type Database, SealRows } from './seal-rows.js';

const PAGE = 1_000;

/** An export of the log as it is now, as text in pieces, and what it holds. */
export interface WrittenExport {
  readonly head: ExportHead;
  readonly text: AsyncGenerator<string>;
}

/** @param after only seals of positions behind this one; 0: all of them */
export const writeExport = async (database: Database, schema: string, after = 0): Promise<WrittenExport> => {
  const head = await readHead(database, schema);
  return { head, text: exportText(head, allSeals(new SealRows(database, schema), after)) };
};

async function* allSeals(rows: SealRows, after: number): AsyncGenerator<LogSeal> {
  let page = await rows.page(await rows.numberAt(after), PAGE);
  while (page.length > 0) {
    yield* page;
    page = await rows.page(page.at(-1)!.number, PAGE);
  }
}

const readHead = async (database: Database, name: string): Promise<ExportHead> => {
  const schema = pg.escapeIdentifier(name);
  const { rows } = await database.query<{ id: string; position: string | null; chain: string; now: number }>(
    `select i.id, c.last_position as position, encode(c.chain, 'hex') as chain,
            floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now
       from ${schema}.log_identity i
       left join lateral (
         select last_position, chain from ${schema}.log_commit order by last_position desc limit 1) c on true`,
  );
  const { id, position, chain, now } = rows[0]!;
  return {
    logId: id,
    exportedAt: new Date(now),
    position: Number(position ?? 0),
    chain: position === null ? GENESIS_CHAIN.toString('hex') : chain,
  };
};
