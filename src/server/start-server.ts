import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyService, SCOPES } from '../access/index.js';
import { AppModule } from '../app.module.js';
import { type Config } from '../config/index.js';
import { configureHttp, HttpAdapter } from '../http/index.js';
import { createLogger, PinoLogger } from '../logging/index.js';
import { banner } from './banner.js';
import { localUrl, reservePort } from './listening-address.js';
import { openResources } from './resources.js';

export interface RunningServer {
  readonly address: string;
  readonly developmentKey: string | null;
  readonly app: NestFastifyApplication;
  /** What to tell a person: addresses, data, key. */
  readonly banner: string;
  /** Finishes what is under way, then ends everything that was started here. */
  stop(): Promise<void>;
}

const DEVELOPMENT_KEY = { owner: 'development', scopes: SCOPES, name: 'made at the first start' };

/** Starts the server of this configuration, with everything it needs and nobody configured. */
export const startServer = async (config: Config, logFormat: 'pretty' | 'json'): Promise<RunningServer> => {
  const port = await reservePort(config.http.host, config.http.port);
  const address = localUrl(config.http.host, port);
  const logger = createLogger({ level: config.log.level, format: logFormat });
  for (const warning of config.warnings) logger.warn(warning);
  const resources = await openResources(config, address);
  try {
    const app = await NestFactory.create<NestFastifyApplication>(
      AppModule.forRoot(resources.settings),
      new HttpAdapter(),
      { logger: new PinoLogger(logger), abortOnError: false },
    );
    configureHttp(app);
    const { developmentKey } = resources;
    await app.init();
    if (developmentKey) await app.get(KeyService).ensure(developmentKey, DEVELOPMENT_KEY);
    await app.listen(port, config.http.host);
    return {
      address,
      developmentKey,
      app,
      banner: banner(address, resources.settings, developmentKey),
      stop: async () => {
        try {
          await app.close();
        } finally {
          await resources.release();
        }
      },
    };
  } catch (error) {
    await resources.release();
    throw error;
  }
};
