import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Global, Module } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
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

/** Every field that a spec looks at by itself, whatever the answer; those that an answer has not are undefined. */
export interface AnswerBody {
  readonly id: string;
  readonly task_id: string;
  readonly type: string;
  readonly status: string;
  readonly priority: string;
  readonly code: string;
  readonly model: string;
  readonly actor: string;
  readonly position: number;
  readonly version: number;
  readonly attempts: number;
  readonly created_at: string;
  readonly completed_at: string;
  readonly erased_at: string;
  readonly input: object | null;
  readonly recorded_at: string;
  readonly request_id: string;
  readonly correlation_id: string;
  readonly provider: { readonly task_id: string };
  readonly result: { readonly expires_at: string };
  readonly errors: readonly { readonly pointer: string; readonly code: string }[];
  readonly data: readonly AnswerBody[];
  readonly next_cursor: string | null;
  readonly next_after: number;
  readonly next_after_version: number | null;
  readonly task: AnswerBody;
  readonly paused_models: readonly object[];
  readonly paths: Readonly<Record<string, object>>;
  readonly components: { readonly schemas: object };
}

/** Status, headers and body of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly json: AnswerBody;
}

/** A request as it goes over the wire: the path is not touched. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payload?: string | Buffer;
}

/** The real application on a database of its own, with a provider whose answers the spec decides. */
export interface Api {
  readonly app: NestFastifyApplication;
  readonly provider: FakeProvider;
  readonly keys: KeyService;
  /** A key of the owner `acme` with all scopes. */
  readonly key: string;
  readonly database: TestDatabase;
  /** Of the loopback interface. */
  readonly port: number;
  /** With `key`, unless other headers are given. */
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  post(url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  send(request: Sent): Promise<Answer>;
  keyOf(owner: string, ...scopes: string[]): Promise<string>;
  close(): Promise<void>;
}

export interface ApiOptions {
  readonly http?: Partial<HttpOptions>;
  readonly tasks?: Partial<TasksOptions>;
  readonly publicUrl?: string | null;
  /** For specs that watch the server itself. */
  readonly adapter?: HttpAdapter;
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
  const app = testing.createNestApplication<NestFastifyApplication>(options.adapter ?? new HttpAdapter(), {
    logger: ['error', 'fatal'],
  });
  configureHttp(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();

  const keys = app.get(KeyService, { strict: false });
  const { key } = await keys.create({ owner: 'acme', scopes: SCOPES });
  const server = app.getHttpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const send = (wanted: Sent): Promise<Answer> => exchange(agent, port, wanted);
  const bearer = { authorization: `Bearer ${key}` };
  return {
    app,
    provider,
    keys,
    key,
    database,
    port,
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
    close: async () => {
      agent.destroy();
      await app.close();
      await database.drop();
    },
  };
};

const exchange = (agent: Agent, port: number, { method, url, headers, payload }: Sent): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ agent, port, host: '127.0.0.1', method, path: url, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = (response.headers['content-type'] ?? '').includes('json') && text !== '';
        resolve({
          status: response.statusCode!,
          headers: response.headers as Answer['headers'],
          text,
          json: (isJson ? JSON.parse(text) : {}) as AnswerBody,
        });
      });
    });
    sent.on('error', reject);
    sent.end(payload);
  });

const TASKS: TasksOptions = {
  encryptionKeys: [Buffer.alloc(32, 7).toString('base64')],
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
  erasuresFile: null,
  unsavedOutcomesFile: null,
};
