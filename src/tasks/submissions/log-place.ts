import { type Pool } from 'pg';
import { type RestoreSign } from './submissions.events.js';

/** Which PostgreSQL holds the log. A field that the server does not tell is null, and then not compared. */
export interface LogPlace {
  /** Made by initdb: the same for a server, its replicas and its physical backups. */
  readonly systemIdentifier: string | null;
  /** Counts up when a replica is promoted, and after a recovery to a point in time. */
  readonly timeline: number | null;
  /** Object ids of database and schema: others after a dump was restored, also on the same server. */
  readonly database: string;
}

export interface SeenPlace extends LogPlace {
  readonly logId: string;
  /** Database clock. */
  readonly at: Date;
}

interface PlaceRow {
  system: string | null;
  timeline: number | null;
  database: string;
  log_id: string;
  at: Date;
}

/** One round trip, some microseconds of the server. Asks for no more rights than to connect. */
export const readPlace = async (pool: Pool): Promise<SeenPlace> => {
  const row = await query(pool, SERVER).catch((error: { code?: string }) => {
    if (error.code !== INSUFFICIENT_PRIVILEGE) throw error;
    return query(pool, UNTOLD);
  });
  const { system, timeline, database, log_id: logId, at } = row;
  return { systemIdentifier: system, timeline, database, logId, at };
};

const query = async (pool: Pool, server: string): Promise<PlaceRow> => {
  const { rows } = await pool.query<PlaceRow>(
    `select ${server},
            (select d.oid from pg_database d where d.datname = current_database()) || '.'
              || (select n.oid from pg_namespace n where n.nspname = current_schema()) as database,
            (select id from log_identity) as log_id, clock_timestamp() as at`,
  );
  return rows[0]!;
};

/** The timeline that is written now; the control file tells that of the last checkpoint. A replica does not write. */
const SERVER = `(select system_identifier::text from pg_control_system()) as system,
  case when not pg_is_in_recovery()
       then ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer end as timeline`;

/** Everybody may call these functions, unless somebody took the right away. */
const UNTOLD = 'null as system, null as timeline';
const INSUFFICIENT_PRIVILEGE = '42501';

/** In what two places differ. */
export const placeSigns = (known: LogPlace, seen: LogPlace): RestoreSign[] => {
  const signs: RestoreSign[] = [];
  if (differs(known.systemIdentifier, seen.systemIdentifier)) signs.push('system_identifier');
  // Each server counts its own.
  else if (differs(known.timeline, seen.timeline)) signs.push('timeline');
  if (signs.length === 0 && known.database !== seen.database) signs.push('database');
  return signs;
};

const differs = <T>(known: T | null, seen: T | null): boolean =>
  known !== null && seen !== null && known !== seen;
