import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Pool } from 'pg';
import { clientConfig, createPool, migrate, startEmbeddedPostgres } from '../../src/database/index.js';
import { PostgresEventStore } from '../../src/event-store/index.js';

export const SCHEMA = 'genledger';

/** A PostgreSQL of its own that waits for the disk, with our schema; gone when it is closed. */
export interface BenchDatabase {
  readonly url: string;
  readonly pool: Pool;
  /** Id of the process whose children the connections' processes are. */
  readonly postmaster: number;
  /** As the server opens it, with the inline projection of tasks. */
  openStore(): PostgresEventStore;
  close(): Promise<void>;
}

export const openBenchDatabase = async (): Promise<BenchDatabase> => {
  const folder = await mkdtemp(join(tmpdir(), 'genledger-bench-'));
  // When root runs it, PostgreSQL runs as another user and must be able to pass.
  await chmod(folder, 0o711);
  const embedded = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    stagingRoot: join(folder, 'staging'),
  });
  const { url } = embedded;
  await migrate({ url, schema: SCHEMA });
  // Statements of a benchmark may take minutes.
  const connection = { url, schema: SCHEMA, statementTimeoutMs: 0 };
  const pool = createPool(connection);
  return {
    url,
    pool,
    postmaster: embedded.info.pid,
    openStore: () =>
      new PostgresEventStore({
        schema: SCHEMA,
        connection: clientConfig(connection),
        pool,
        inlineProjections: ['project_tasks'],
      }),
    close: async () => {
      await pool.end();
      await embedded.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
