import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { checkedSchema, checkVersion, clientConfig, connect, type ConnectionOptions } from '../connection.js';
import { SilentLogger } from '../silent-logger.js';
import { MIGRATIONS_FOLDER, readMigrationFiles, type MigrationFile } from './migration-files.js';
import { schemaState, CHECKSUM_TABLE, MIGRATION_TABLE, refuseForeignSchema } from './schema-state.js';

export interface MigrateOptions extends ConnectionOptions {
  /** Default: the folder `migrations` of this package. */
  readonly folder?: string;
  /** A process that migrates and says nothing for so long has frozen: it is undone, and the next one goes on. Default: 60,000 ms. */
  readonly silentMs?: number;
}

/** Namespace of our advisory lock; the second half of the key is the schema. */
const LOCK = 0x6e1ed6e;

/**
 * Brings the schema up to date, making it when it is missing; returns the files applied now.
 *
 * Each file is one transaction with its entry in the list of migrations: it is applied whole or not at all. Safe from any
 * number of processes at once: one works, the others wait and find nothing left to do. Nothing is ever reverted.
 *
 * @throws SchemaTooNewError, MigrationChangedError before anything is changed; DatabaseUnreachableError,
 * DatabaseTooOldError, MigrationFilesError; and what PostgreSQL says of a file that fails.
 */
export const migrate = async (options: MigrateOptions): Promise<readonly string[]> => {
  const schema = checkedSchema(options.schema);
  const files = await readMigrationFiles(options.folder ?? MIGRATIONS_FOLDER);
  const silentMs = options.silentMs ?? 60_000;
  // A migration of a large table may run for hours.
  const patient = { ...options, statementTimeoutMs: 0 };
  const lock = await connect(patient);
  let heartbeat: NodeJS.Timeout | undefined;
  try {
    await checkVersion(lock);
    // Ends with the transaction, so also with the connection; works behind a pooler that shares connections.
    await lock.query(`begin; set local idle_in_transaction_session_timeout = ${Math.round(silentMs)}`);
    await lock.query('select pg_advisory_xact_lock($1, hashtext($2))', [LOCK, schema]);
    heartbeat = setInterval(() => void lock.query('select').catch(() => undefined), silentMs / 4);
    const state = await schemaState(lock, schema, files);
    refuseForeignSchema(schema, state);
    if (state.pending.length === 0) return [];
    await run(patient, schema, files, silentMs);
    return state.pending;
  } finally {
    clearInterval(heartbeat);
    await lock.end();
  }
};

const run = async (
  options: ConnectionOptions,
  schema: string,
  files: readonly MigrationFile[],
  silentMs: number,
): Promise<void> => {
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    schema,
    migrations: files.map((file) => migrationClass(file, schema)),
    migrationsTableName: MIGRATION_TABLE,
    migrationsTransactionMode: 'each',
    installExtensions: false,
    logger: new SilentLogger(),
    extra: { ...clientConfig(options), idle_in_transaction_session_timeout: Math.round(silentMs), max: 1 },
  });
  await source.initialize();
  try {
    // Only when it is missing: a role that may not create schemas can still be given one.
    const [found] = await source.query<{ there: boolean }[]>(
      'select to_regnamespace($1) is not null as there',
      [schema],
    );
    if (found?.there !== true) await source.query(`create schema "${schema}"`);
    await source.query(
      `create table if not exists "${schema}".${CHECKSUM_TABLE} (name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp())`,
    );
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
};

/** TypeORM wants a class per migration; ours is made of the file. */
const migrationClass = (file: MigrationFile, schema: string): new () => MigrationInterface =>
  class implements MigrationInterface {
    readonly name = file.name;

    async up(runner: QueryRunner): Promise<void> {
      // Functions keep this path. Temporary objects come last, so that nobody puts one of theirs in front of ours.
      await runner.query(`set local search_path to "${schema}", pg_temp`);
      await runner.query(file.sql);
      await runner.query(`insert into "${schema}".${CHECKSUM_TABLE} (name, sha256) values ($1, $2)`, [
        file.name,
        file.sha256,
      ]);
    }

    async down(): Promise<void> {
      throw new Error(`${file.file} is not reverted: write a new migration.`);
    }
  };
