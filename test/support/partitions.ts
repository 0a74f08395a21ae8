import { type TestDatabase } from './postgres.js';

/** Lets an empty log begin with partitions of so many positions. */
export const partitionBy = async ({ pool }: TestDatabase, size: number): Promise<void> => {
  await pool.query(`
    alter table log_partition disable trigger only_grows;
    delete from log_partition;
    alter table log_partition enable always trigger only_grows;
    drop table event_from_1;
    update log_partitioning set size = ${size};
    select make_room(0)`);
};

/** The tables of events, in order of position. */
export const partitions = async ({ pool }: TestDatabase): Promise<string[]> => {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = 'event'::regclass order by substring(relname from '\\d+')::bigint`,
  );
  return rows.map(({ name }) => name);
};
