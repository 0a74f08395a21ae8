import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type Config, readSealKey } from '../config/index.js';
import {
  ensureSecret,
  ensureSecrets,
  keepEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../database/index.js';
import { startSimulator } from '../simulator/index.js';
import { type Settings } from './settings.js';

/** What a process needs around the application, and how to give it back. */
export interface Resources {
  readonly settings: Settings;
  /** The key printed for development; null unless database and provider are both built in. */
  readonly developmentKey: string | null;
  /** Ends simulator and embedded database, in this order. Never throws. */
  release(): Promise<void>;
}

/**
 * A database for the command line or the server: the configured one, or the embedded one of DATA_DIR.
 *
 * @param start how the embedded one is started
 */
export const openDatabase = async (
  config: Config,
  start = startEmbeddedPostgres,
): Promise<{ database: Settings['database']; release: () => Promise<void> }> => {
  if (config.database.url !== null) {
    const database = { url: config.database.url, isEmbedded: false, home: null };
    return { database, release: async () => undefined };
  }
  const embedded = await start({ dataDir: config.dataDir });
  return {
    database: { url: embedded.url, isEmbedded: true, home: embedded.info.home },
    release: async () => void (await embedded.stop()),
  };
};

const keepRunning: typeof startEmbeddedPostgres = (options) => {
  const log = new Logger('Database');
  return keepEmbeddedPostgres(options, {
    ended: (logFile) =>
      log.error(`The embedded PostgreSQL has ended and is started again. Its own words: ${logFile}`),
    startedAgain: () => log.warn('The embedded PostgreSQL runs again.'),
    failed: (error) => log.error(`The embedded PostgreSQL could not be started: ${(error as Error).message}`),
  });
};

/**
 * Starts what is not configured: a PostgreSQL in DATA_DIR, secrets, the provider simulator.
 *
 * @param address where the server will be reached, for callbacks of the simulator
 */
export const openResources = async (config: Config, address: string): Promise<Resources> => {
  const releases: (() => Promise<void>)[] = [];
  const release = async (): Promise<void> => {
    for (const give of releases.reverse()) await give().catch(() => undefined);
  };
  try {
    const { database, release: closeDatabase } = await openDatabase(config, keepRunning);
    releases.push(closeDatabase);
    const generated = database.isEmbedded ? await ensureSecrets(config.dataDir) : null;
    const provider = await openProvider(config, address, releases);
    const settings: Settings = {
      config,
      database,
      provider,
      publicUrl: config.http.publicUrl ?? (provider.isSimulator ? address : null),
      callbackSecrets: config.secrets.callbackSecrets ?? [generated?.callbackSecret ?? ephemeralSecret()],
      encryptionKeys: config.secrets.encryptionKeys ?? [generated!.encryptionKey],
      sealKey: await sealKeyOf(config),
    };
    const isDevelopment = database.isEmbedded && provider.isSimulator;
    return { settings, developmentKey: isDevelopment ? await developmentKey(config.dataDir) : null, release };
  } catch (error) {
    await release();
    throw error;
  }
};

/** The key that signs seals: the configured one, or with an embedded database the one kept beside it. Null: no seals. */
export const sealKeyOf = async ({ secrets, database, dataDir }: Config): Promise<string | null> => {
  if (secrets.sealKey !== null) return readSealKey(secrets.sealKey);
  return database.url === null ? (await ensureSecrets(dataDir)).sealKey : null;
};

/** Callbacks of a simulator beside an external database: nothing outlives this process that would need the secret. */
const ephemeralSecret = (): string => randomBytes(32).toString('base64url');

const developmentKey = (dataDir: string): Promise<string> =>
  ensureSecret(dataDir, 'development-key', () => `gl_${randomBytes(32).toString('base64url')}`);

const openProvider = async (
  { provider, simulator, http }: Config,
  address: string,
  releases: (() => Promise<void>)[],
): Promise<Settings['provider']> => {
  if (provider.apiKey !== null)
    return { baseUrl: provider.baseUrl, apiKey: provider.apiKey, isSimulator: false };
  // Beside our own port, so that result links of earlier tasks still open after a restart.
  const port = Number(new URL(address).port) + 1;
  const options = { speed: simulator.speed, recallTasks: true };
  const running = await startSimulator({ ...options, port: http.port === 0 ? 0 : port }).catch(() =>
    startSimulator({ ...options, port: 0 }),
  );
  releases.push(() => running.close());
  return { baseUrl: running.url, apiKey: 'simulator', isSimulator: true };
};
