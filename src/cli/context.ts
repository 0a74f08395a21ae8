import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { readConfig, type Config, type Environment } from '../config/index.js';
import { ensureSecrets } from '../database/index.js';
import { taskJson } from '../http/index.js';
import { createLogger, PinoLogger } from '../logging/index.js';
import { openDatabase } from '../server/resources.js';
import { type Settings } from '../server/settings.js';
import { type TaskView } from '../tasks/index.js';

/** What every command is given. */
export interface CliContext {
  readonly environment: Environment;
  /** Set by a command that found something wrong. */
  exitCode: number;
}

/** A task as the API shows it. */
export const showTask = ({ environment }: CliContext, task: TaskView): object =>
  taskJson(task, { provider: 'apidot', resultTtlMs: readConfig(environment).tasks.resultTtlMs });

type DatabaseWork<T> = (database: Settings['database'], config: Config) => Promise<T>;

/** Runs against the database, without an application around it: no secrets are needed. */
export const withDatabase = <T>({ environment }: CliContext, work: DatabaseWork<T>): Promise<T> =>
  onDatabase(readConfig(environment, 'database'), work);

const onDatabase = async <T>(config: Config, work: DatabaseWork<T>): Promise<T> => {
  const { database, release } = await openDatabase(config);
  try {
    return await work(database, config);
  } finally {
    await release();
  }
};

/**
 * Runs inside the application, but without its roles: nothing is served, no due work is taken. Also beside a running
 * server. Only warnings are logged, to standard error.
 */
export const withApplication = <T>(
  context: CliContext,
  work: (app: INestApplicationContext) => Promise<T>,
): Promise<T> =>
  onDatabase(readConfig(context.environment), async (database, config) => {
    const logger = createLogger({ level: 'error', format: 'json', toStandardError: true });
    const app = await NestFactory.createApplicationContext(
      AppModule.forRoot(await settingsFor(config, database)),
      {
        logger: new PinoLogger(logger),
        abortOnError: false,
      },
    );
    try {
      return await work(app);
    } finally {
      await app.close();
    }
  });

const settingsFor = async (config: Config, database: Settings['database']): Promise<Settings> => ({
  config: { ...config, roles: { api: false, worker: false } },
  database,
  provider:
    config.provider.apiKey !== null
      ? { baseUrl: config.provider.baseUrl, apiKey: config.provider.apiKey, isSimulator: false }
      : { baseUrl: `http://127.0.0.1:${config.http.port + 1}`, apiKey: 'simulator', isSimulator: true },
  publicUrl: null,
  callbackSecrets: [],
  encryptionKeys: config.secrets.encryptionKeys ?? [(await ensureSecrets(config.dataDir)).encryptionKey],
  sealKey: null,
});
