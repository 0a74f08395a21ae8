import type pg from 'pg';

/** What a piece of work read of a table, by the database's own counters of the transaction. */
export interface Reads {
  /** Rows of the table that were looked at, by whatever way. */
  readonly rows: number;
  readonly wholeReads: number;
  /** Entries that scans of each index gave, of those that were used. */
  readonly indexes: Readonly<Record<string, number>>;
}

/** Lets `work` run in a transaction that is rolled back, each prepared statement with its generic plan. */
export const readsOf = async (
  pool: pg.Pool,
  table: string,
  work: (client: pg.PoolClient) => Promise<unknown>,
): Promise<Reads> => {
  const client = await pool.connect();
  try {
    await client.query('begin; set local plan_cache_mode = force_generic_plan');
    const before = await counters(client, table);
    await work(client);
    const after = await counters(client, table);
    const used = Object.keys(after.indexes).filter((name) => after.scans[name]! > before.scans[name]!);
    return {
      rows: after.rows - before.rows,
      wholeReads: after.wholeReads - before.wholeReads,
      indexes: Object.fromEntries(used.map((name) => [name, after.indexes[name]! - before.indexes[name]!])),
    };
  } finally {
    await client.query('rollback');
    client.release();
  }
};

const counters = async (client: pg.PoolClient, table: string) => {
  const { rows } = await client.query<{
    name: string;
    isTable: boolean;
    scans: number;
    returned: number;
    fetched: number;
  }>(
    `select relname as name, relkind = 'r' as "isTable", pg_stat_get_xact_numscans(oid) as scans,
            pg_stat_get_xact_tuples_returned(oid) as returned, pg_stat_get_xact_tuples_fetched(oid) as fetched
       from pg_class, (
         select array_append(array(select relid::oid from pg_partition_tree($1::regclass)), $1::regclass::oid) as oids) tables
      where oid = any (oids) or oid in (select indexrelid from pg_index where indrelid = any (oids))`,
    [table],
  );
  const tables = rows.filter(({ isTable }) => isTable);
  const indexes = rows.filter(({ isTable, name }) => !isTable && name !== table);
  // An index of a partition by the name that it has in the whole table.
  const byIndex = (count: (row: (typeof rows)[number]) => number): Record<string, number> => {
    const sums: Record<string, number> = {};
    for (const row of indexes) {
      const name = row.name.replace(/^event_from_\d+_/, 'event_');
      sums[name] = (sums[name] ?? 0) + count(row);
    }
    return sums;
  };
  return {
    // Of whole reads, of bitmaps, and by index entry.
    rows: sum(tables, ({ returned }) => returned) + sum(rows, ({ fetched }) => fetched),
    wholeReads: sum(tables, ({ scans }) => scans),
    indexes: byIndex(({ returned }) => returned),
    scans: byIndex(({ scans }) => scans),
  };
};

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
