import { cpus, totalmem } from 'node:os';
import { type Pool } from 'pg';

/** What figures depend on. */
export const machineOf = async (pool: Pool) => {
  const { rows } = await pool.query<{ version: string; fsync: string; synchronous_commit: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as synchronous_commit`,
  );
  return {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: rows[0]!,
  };
};

type Machine = Awaited<ReturnType<typeof machineOf>>;

/** When and where, in one line above the figures. */
export const placeAndTime = ({ cpus: count, model, memoryGiB, node, postgres }: Machine): string =>
  `${new Date().toISOString()}, ${count} × ${model}, ${memoryGiB} GiB, Node ${node}, PostgreSQL ${postgres.version}, ` +
  `fsync ${postgres.fsync}\n\n`;

export const thousands = (value: number): string => Math.round(value).toLocaleString('en-GB');

/** Milliseconds. */
export const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

/** A table for the terminal and for a page in Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!))).join(' | ')} |`;
  const rule = widths.map((width, n) => (n === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].map((text) => `${text}\n`).join('');
};
