import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { closePool, createPool, migrate, startEmbeddedPostgres } from '../../src/database/index.js';

/*
 * A real PostgreSQL for specs.
 *
 * One server per Jest run, started by the first spec that asks and shared by all workers; it ends with the run, also when
 * the run is killed. It does not wait for the disk (fsync is off). With TEST_DATABASE_URL set, that server is used
 * instead (a superuser's connection string); that is how another version of PostgreSQL is tried.
 *
 * Every spec file has a database of its own, cloned from one that was migrated once, so files may run side by side and
 * need not tidy up their rows.
 */

export interface TestDatabase {
  readonly url: string;
  readonly schema: string;
  /** Set to the schema, as the application's pool is. Ended by `drop`. */
  readonly pool: pg.Pool;
  /** @throws when a connection other than the pool's is still open: what the spec started, it must stop. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Default: genledger. Any other name is migrated anew, which takes longer than cloning. */
  readonly schema?: string;
  /** False gives an empty database without the schema. Default: true. */
  readonly migrated?: boolean;
}

const SCHEMA = 'genledger';
const PREFIX = 'genledger_test_';

/** In `beforeAll`; and `drop` it in `afterAll`. */
export const createTestDatabase = async (options: TestDatabaseOptions = {}): Promise<TestDatabase> => {
  const schema = options.schema ?? SCHEMA;
  const migrated = options.migrated ?? true;
  const server = await testServer();
  const name = nameOf(randomBytes(5).toString('hex'));
  const url = withDatabase(server, name);
  const template = migrated && schema === SCHEMA ? await templateOn(server) : 'template1';
  await withClient(server, (client) => client.query(`create database ${name} template ${template}`));
  if (migrated && schema !== SCHEMA) await migrate({ url, schema });
  const pool = createPool({ url, schema, applicationName: 'spec' });
  return { url, schema, pool, drop: () => drop(server, name, pool) };
};

/** The first line of anything that deletes: refuses a database that is not one of ours. */
export const assertTestDatabase = (name: string): void => {
  if (!name.startsWith(PREFIX)) throw new Error(`"${name}" is not a test database (${PREFIX}…): left alone`);
};

/** Connection string of a superuser on the run's server. */
export const testServer = async (): Promise<string> => {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return given;
  const folder = runsOwn('GENLEDGER_TEST_FOLDER');
  const { url } = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    stagingRoot: join(folder, 'staging'),
    durable: false,
  });
  // Held until this worker ends: the next spec file finds the server running.
  return url;
};

const runsOwn = (variable: string): string => {
  const value = process.env[variable];
  if (value === undefined)
    throw new Error(`${variable} is not set: postgres.setup.mjs is not Jest's globalSetup`);
  return value;
};

const nameOf = (part: string): string => `${PREFIX}${runsOwn('GENLEDGER_TEST_RUN')}_${part}`;

const withDatabase = (server: string, name: string): string => {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
};

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** Migrated once per run, by whichever worker comes first; the others wait for it. */
const templateOn = (server: string): Promise<string> =>
  withClient(server, async (client) => {
    const name = nameOf('template');
    await client.query('select pg_advisory_lock(hashtext($1))', [name]);
    const { rows } = await client.query<{ ready: boolean }>(
      'select not datallowconn as ready from pg_database where datname = $1',
      [name],
    );
    if (rows[0]?.ready === true) return name;
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
    await migrate({ url: withDatabase(server, name), schema: SCHEMA });
    // Closed to connections, which would hinder cloning; and so marked as complete.
    await client.query(`alter database ${name} allow_connections false`);
    return name;
  });

const drop = async (server: string, name: string, pool: pg.Pool): Promise<void> => {
  assertTestDatabase(name);
  await closePool(pool);
  const left = await withClient(server, async (client) => {
    const left = await connectionsLeft(client, name);
    await client.query(`drop database ${name} with (force)`);
    return left;
  });
  if (left.length > 0) throw new Error(`Still connected to ${name}: ${left.join('; ')}`);
};

/** A closed connection takes a moment to leave the server's list, so an entry counts once it has stayed. */
const connectionsLeft = async (client: pg.Client, name: string): Promise<string[]> => {
  for (let attempt = 0; ; attempt += 1) {
    const { rows } = await client.query<{ application_name: string; state: string; query: string }>(
      "select application_name, state, query from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
      [name],
    );
    if (rows.length === 0 || attempt === 100) {
      return rows.map((row) => `${row.application_name} (${row.state}): ${row.query.slice(0, 100)}`);
    }
    await pause(20);
  }
};
