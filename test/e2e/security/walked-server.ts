import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyService } from '../../../src/access/index.js';
import { AppModule } from '../../../src/app.module.js';
import { readConfig } from '../../../src/config/index.js';
import { type RouteAccess } from '../../../src/http/access/route-access.js';
import { configureHttp, HttpAdapter } from '../../../src/http/index.js';
import { openResources } from '../../../src/server/resources.js';
import { type TestDatabase } from '../../support/postgres.js';
import { testEnvironment } from '../../support/server.js';

/** One entry of the server's own table of routes. */
export interface Route {
  readonly method: string;
  /** As a pattern: `/v1/tasks/:id`. */
  readonly url: string;
  readonly access: RouteAccess | undefined;
}

/** The application as `npm start` puts it together, and the routes that came of it. */
export interface WalkedServer {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly keys: KeyService;
  /** Without HEAD, which the framework adds to each GET. */
  readonly routes: readonly Route[];
  stop(): Promise<void>;
}

/** @param more controllers of a host around the application */
export const startWalkedServer = async (
  database: TestDatabase,
  providerUrl: string,
  environment: Record<string, string | undefined> = {},
  more: readonly Type[] = [],
): Promise<WalkedServer> => {
  const config = readConfig(await testEnvironment(database, providerUrl, environment));
  const url = `http://127.0.0.1:${config.http.port}`;
  const resources = await openResources(config, url);
  const adapter = new HttpAdapter();
  const routes: Route[] = [];

  @Module({ imports: [AppModule.forRoot(resources.settings)], controllers: [...more] })
  class HostModule {}

  const app = await NestFactory.create<NestFastifyApplication>(HostModule, adapter, {
    logger: ['fatal'],
    abortOnError: false,
  });
  const stop = async (): Promise<void> => {
    await app.close();
    await resources.release();
  };
  configureHttp(app);
  // Behind the hooks of the application, which may still say more about a route.
  adapter.getInstance().addHook('onRoute', (route) => {
    for (const method of [route.method].flat())
      if (method !== 'HEAD') routes.push({ method, url: route.url, access: route.config?.access });
  });
  try {
    await app.listen(config.http.port, '127.0.0.1');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    app,
    keys: app.get(KeyService),
    routes,
    stop,
  };
};
