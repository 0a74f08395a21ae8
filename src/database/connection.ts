import pg from 'pg';
import { DatabaseTooOldError, DatabaseUnreachableError, SchemaNameError } from './database.errors.js';
import { parseUrl } from '../shared/parse-url.js';

/** How this project connects; the same for the pool, for TypeORM and for connections a room opens for itself. */
export interface ConnectionOptions {
  readonly url: string;
  readonly schema: string;
  /** Shown by `pg_stat_activity`. Default: genledger. */
  readonly applicationName?: string;
  /** The server gives up on a statement after this. 0: never. Default: 30,000 ms. */
  readonly statementTimeoutMs?: number;
  /** The server gives up waiting for a lock after this. 0: never. Default: 10,000 ms; never where statements may last for ever. */
  readonly lockTimeoutMs?: number;
}

export const OLDEST_POSTGRES = 15;

/**
 * Every query of ours has its index. A plan made while a table was small, or before its first statistics, would read the
 * whole table and be kept by the prepared statement while the table grows; compiling such plans costs more than they do.
 */
const PLANNING = '-c enable_seqscan=off -c jit=off';

/**
 * Options for `pg.Client` and `pg.Pool`: unqualified names mean our schema, a transaction that somebody forgot is ended
 * by the server, and bigint is read as a number.
 */
export const clientConfig = (options: ConnectionOptions): pg.ClientConfig => {
  const { connectionString, options: given } = splitUrl(options.url);
  return {
    connectionString,
    options: `${given} -c search_path=${checkedSchema(options.schema)} ${PLANNING}`.trim(),
    application_name: options.applicationName ?? 'genledger',
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    lock_timeout: options.lockTimeoutMs ?? (options.statementTimeoutMs === 0 ? 0 : 10_000),
    // An open transaction that does nothing may hold the lock of the log: everybody waits for it.
    idle_in_transaction_session_timeout: 60_000,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types: TYPES,
  };
};

/** Words of `sslmode` that ask for TLS, though for less than pg gives. */
const WEAKER_TLS: ReadonlySet<string | null> = new Set(['prefer', 'require', 'verify-ca']);

/**
 * pg lets `options` in the connection string replace ours; both are wanted.
 *
 * Whoever asks for TLS gets it with the certificate checked. That is how pg reads the weaker words of `sslmode` as well, with
 * a warning that a later version may not, so they are replaced by what they mean; `no-verify` and `uselibpqcompat` stay as
 * they were written.
 */
const splitUrl = (text: string): { connectionString: string; options: string } => {
  const url = parseUrl(text);
  if (url === null) return { connectionString: text, options: '' };
  const options = url.searchParams.get('options') ?? '';
  const isWeaker = WEAKER_TLS.has(url.searchParams.get('sslmode')) && !url.searchParams.has('uselibpqcompat');
  if (options === '' && !isWeaker) return { connectionString: text, options };
  url.searchParams.delete('options');
  if (isWeaker) url.searchParams.set('sslmode', 'verify-full');
  return { connectionString: url.href, options };
};

/** @throws SchemaNameError when the name would have to be quoted. */
export const checkedSchema = (schema: string): string => {
  if (!/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new SchemaNameError(schema);
  return schema;
};

type Parser = (text: string) => unknown;
const standardParser = (oid: number): Parser => pg.types.getTypeParser(oid, 'text') as Parser;

const INT8 = 20;
const INT8_ARRAY = 1016;
const TEXT_ARRAY = 1009;

/**
 * bigint as a number, for our connections only (a host application may share `pg` with us). Positions and counts stay
 * below 2^53; what does not is refused, never rounded.
 */
const exactNumber = (text: string): number => {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError(`bigint ${text} cannot be read as a number without rounding`);
};

const exactNumbers = (text: string): (number | null)[] =>
  (standardParser(TEXT_ARRAY)(text) as (string | null)[]).map((item) =>
    item === null ? null : exactNumber(item),
  );

const parserOf = (oid: number): Parser =>
  oid === INT8 ? exactNumber : oid === INT8_ARRAY ? exactNumbers : standardParser(oid);

// All results are asked for as text: the binary format is never used.
const TYPES: pg.CustomTypesConfig = { getTypeParser: parserOf as pg.CustomTypesConfig['getTypeParser'] };

/**
 * Opens a connection of its own, for LISTEN, for the one writer of the log, for a lock.
 *
 * An error of the idle connection (the server restarts) is swallowed unless the caller listens too: the next query fails
 * and tells. @throws DatabaseUnreachableError
 */
export const connect = async (options: ConnectionOptions): Promise<pg.Client> => {
  const client = new pg.Client(clientConfig(options));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw new DatabaseUnreachableError(placeOf(options.url), error);
  }
};

/** @throws DatabaseTooOldError */
export const checkVersion = async (client: pg.ClientBase): Promise<void> => {
  const { rows } = await client.query<{ number: string; version: string }>(
    "select current_setting('server_version_num') as number, current_setting('server_version') as version",
  );
  const { number, version } = rows[0]!;
  if (Number(number) < OLDEST_POSTGRES * 10_000) throw new DatabaseTooOldError(version, OLDEST_POSTGRES);
};

/** Host, port and database of a connection string: what may be shown. */
export const placeOf = (url: string): string => {
  if (parseUrl(url) === null) return 'DATABASE_URL';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 5432}${pathname}`;
};
