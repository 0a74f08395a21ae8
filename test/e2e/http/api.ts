import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { Global, Module } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type InjectOptions } from 'fastify';
import { KeyService, SCOPES } from '../../../src/access/index.js';
import { CallbacksModule } from '../../../src/callbacks/index.js';
import { DatabaseModule } from '../../../src/database/index.js';
import { EventStoreModule } from '../../../src/event-store/index.js';
import { configureHttp, HttpAdapter, HttpModule, type HttpOptions } from '../../../src/http/index.js';
import { KindRegistry, Provider, TasksModule, type TasksOptions } from '../../../src/tasks/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { FakeProvider } from './fake-provider.js';
import { IMAGE, VIDEO } from './kinds.js';

export const PUBLIC_URL = 'https://genledger.test/base';
export const RESULT_TTL_MS = 86_400_000;

/** Status, headers and body of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  // Bodies are looked at field by field in expectations.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

/** The real application on a database of its own, with a provider whose answers the spec decides. */
export interface Api {
  readonly app: NestFastifyApplication;
  readonly provider: FakeProvider;
  readonly keys: KeyService;
  /** A key of the owner `acme` with all scopes. */
  readonly key: string;
  readonly database: TestDatabase;
  /** With `key`, unless other headers are given. */
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  post(url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  send(options: InjectOptions): Promise<Answer>;
  keyOf(owner: string, ...scopes: string[]): Promise<string>;
  /** Listens on a free port of the loopback interface, for what needs a real socket. */
  listen(): Promise<number>;
  close(): Promise<void>;
}

export interface ApiOptions {
  readonly http?: Partial<HttpOptions>;
  readonly tasks?: Partial<TasksOptions>;
  readonly publicUrl?: string | null;
}

export const startApi = async (options: ApiOptions = {}): Promise<Api> => {
  const database = await createTestDatabase();
  const provider = new FakeProvider();

  @Global()
  @Module({ providers: [{ provide: Provider, useValue: provider }], exports: [Provider] })
  class ProviderModule {}

  @Module({})
  class KindsModule {
    constructor(kinds: KindRegistry) {
      kinds.register(IMAGE);
      kinds.register(VIDEO);
    }
  }

  const testing = await Test.createTestingModule({
    imports: [
      DatabaseModule.forRoot({ url: database.url, schema: database.schema, migrate: false }),
      EventStoreModule.forRoot({ inlineProjections: ['project_tasks'] }),
      ProviderModule,
      CallbacksModule.forRoot({
        publicUrl: options.publicUrl === undefined ? PUBLIC_URL : options.publicUrl,
        secrets: ['s'.repeat(32)],
      }),
      TasksModule.forRoot({ ...TASKS, ...options.tasks }),
      KindsModule,
      HttpModule.forRoot({
        rateLimitPerMinute: 1_000_000,
        resultTtlMs: RESULT_TTL_MS,
        metricsToken: null,
        version: '1.2.3',
        ...options.http,
      }),
    ],
  }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(new HttpAdapter(), { logger: ['error', 'fatal'] });
  configureHttp(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();

  const keys = app.get(KeyService, { strict: false });
  const { key } = await keys.create({ owner: 'acme', scopes: SCOPES });
  const send = async (request: InjectOptions): Promise<Answer> => {
    const response = await app.inject(request);
    const isJson = String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode,
      headers: response.headers as Answer['headers'],
      text: response.payload,
      json: isJson ? (JSON.parse(response.payload) as unknown) : null,
    };
  };
  const bearer = { authorization: `Bearer ${key}` };
  return {
    app,
    provider,
    keys,
    key,
    database,
    send,
    get: (url, headers = bearer) => send({ method: 'GET', url, headers }),
    post: (url, body, headers = bearer) =>
      send({
        method: 'POST',
        url,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    keyOf: async (owner, ...scopes) => (await keys.create({ owner, scopes })).key,
    listen: async () => {
      const server = app.getHttpServer();
      if (!server.listening) {
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
      }
      return (server.address() as AddressInfo).port;
    },
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
};

const TASKS: TasksOptions = {
  policy: {
    submitRetryInitialMs: 50,
    submitRetryMaxMs: 1_000,
    leaseMs: 60_000,
    unconfirmedWaitMs: 300_000,
    unconfirmedPolicy: 'hold',
    callbackConfirmation: 'always',
    resultGraceMs: 900_000,
    expiresMs: 86_400_000,
    lateReadEveryMs: 3_600_000,
    lateWindowMs: 259_200_000,
    failureRecheckMs: 5_000,
    shortReadMs: 10_000,
    slowPollCapMs: 600_000,
  },
  timing: { firstPollMs: 20, pollCapMs: 50, usualMs: 20, overdueMs: null },
  isWorker: true,
  submits: true,
  sagaIntervalMs: 20,
  submitConcurrency: 16,
  statusConcurrency: 32,
  maxOpenTasks: 100_000,
  maxWaiting: 100,
  allowForeignProviderIds: false,
  accountProbeMs: 0,
  shutdownMs: 5_000,
  unsavedOutcomesFile: null,
};
