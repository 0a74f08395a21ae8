import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/database/index.js';
import { freePort, start, type Started } from '../support/processes.js';
import { SEED_ENCRYPTION_KEY } from '../support/seed.js';
import { type ProviderOptions } from '../servers/provider-options.js';

export type Side = 'ours' | 'bare' | 'grouped';

export const CALLBACK_SECRET = 'bench-secret-bench-secret-bench-secret';

export interface StageOptions {
  readonly provider: ProviderOptions;
  /** Variables of our server beyond those of every stage. */
  readonly settings: Readonly<Record<string, string>>;
  /** Is the Node of our server to be profiled? */
  readonly inspect: boolean;
}

/** All sides on one new PostgreSQL (fsync on), ours with its worker, and a provider for it. */
export interface Stage {
  readonly databaseUrl: string;
  readonly postmaster: number;
  readonly servers: Readonly<Record<Side, { readonly at: string; readonly pid: number }>>;
  readonly profilerPort: number | null;
  /** Set to our schema. */
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

const LOADER = ['--import', './test/support/typescript.mjs'];

export const openStage = async ({ provider, settings, inspect }: StageOptions): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'genledger-bench-'));
  const database = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
  const profilerPort = inspect ? await freePort() : null;
  const providerPort = await freePort();
  const started: Started[] = [];
  const run = async (args: readonly string[], ready: string, environment = {}): Promise<number> => {
    const server = await start(args, ready, environment);
    started.push(server);
    return server.child.pid!;
  };
  const beside = async (side: string): Promise<{ at: string; pid: number }> => {
    const port = await freePort();
    const args = [...LOADER, `bench/servers/${side}.ts`, database.url, String(port)];
    return { at: `http://127.0.0.1:${port}`, pid: await run(args, 'ready') };
  };
  const genledger = async (): Promise<{ at: string; pid: number }> => {
    const port = await freePort();
    const at = `http://127.0.0.1:${port}`;
    const pid = await run(
      [...(profilerPort === null ? [] : [`--inspect=127.0.0.1:${profilerPort}`]), 'dist/main.js'],
      'Genledger is ready',
      {
        PORT: String(port),
        DATABASE_URL: database.url,
        APIDOT_API_KEY: 'sk-bench',
        APIDOT_BASE_URL: `http://127.0.0.1:${providerPort}`,
        PUBLIC_URL: at,
        CALLBACK_SECRET,
        ENCRYPTION_KEY: SEED_ENCRYPTION_KEY,
        RATE_LIMIT_PER_MINUTE: '1000000000',
        MAX_OPEN_TASKS: '10000000',
        LOG_LEVEL: 'info',
        LOG_FORMAT: 'json',
        DATA_DIR: join(folder, 'server'),
        ...settings,
      },
    );
    return { at, pid };
  };
  await run(
    [...LOADER, 'bench/servers/provider.ts', String(providerPort), JSON.stringify(provider)],
    'ready',
  );
  const servers = { ours: await genledger(), bare: await beside('bare'), grouped: await beside('grouped') };
  const pool = new pg.Pool({ connectionString: database.url, max: 2, options: '-c search_path=genledger' });
  return {
    databaseUrl: database.url,
    postmaster: database.info.pid,
    servers,
    profilerPort,
    pool,
    close: async () => {
      await pool.end();
      // The provider last: ours still talks to it.
      for (const server of started.toReversed()) await server.stop();
      await database.stop();
      // The data lies elsewhere where the server's user cannot reach the folder.
      for (const path of [database.info.home, folder]) await rm(path, { recursive: true, force: true });
    },
  };
};
