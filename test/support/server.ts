import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { KeyService, type Scope } from '../../src/access/index.js';
import { readConfig } from '../../src/config/index.js';
import { type RunningServer, startServer } from '../../src/server/start-server.js';
import { SagaRunner } from '../../src/tasks/index.js';
import { type TestDatabase } from './postgres.js';

/** A task as the API shows it. */
export type TaskJson = Record<string, unknown> & {
  id: string;
  status: string;
  version: number;
  provider: { task_id: string | null; status: string | null };
  result: { files: { url: string; type: string }[] } | null;
  error: { code: string; message: string } | null;
};

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Talks to a server as one owner. */
export interface Client {
  readonly key: string;
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  submit(
    domain: string,
    model: string,
    input: object,
    headers?: Record<string, string>,
  ): Promise<Answer<TaskJson>>;
  get(id: string): Promise<TaskJson>;
  /** Waits for the end of a task through the API. */
  ended(id: string): Promise<TaskJson>;
  /** Waits until the task looks as wanted. */
  until(id: string, isWanted: (task: TaskJson) => boolean): Promise<TaskJson>;
  events(id: string): Promise<{ type: string; version: number; data: Record<string, unknown> }[]>;
}

export interface TestServer {
  readonly url: string;
  readonly server: RunningServer;
  client(owner?: string, scopes?: readonly Scope[]): Promise<Client>;
  /** Resolves when the saga has no work in flight. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export const ALL_SCOPES: readonly Scope[] = ['tasks:write', 'tasks:read', 'audit:read', 'operate'];

/** Settings that make a server quick; the contract's defaults are for real providers. */
export const QUICK: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'fatal',
  SAGA_INTERVAL_MS: '50',
  POLL_INITIAL_MS: '20',
  POLL_MAX_MS: '200',
  POLL_EXPECTED_MS: '60000',
  FAILURE_RECHECK_MS: '50',
  SHORT_RESULT_REREAD_MS: '50',
  SUBMIT_RETRY_INITIAL_MS: '20',
  SUBMIT_RETRY_MAX_MS: '200',
  SUBMIT_TIMEOUT_MS: '3000',
  STATUS_TIMEOUT_MS: '2000',
  SHUTDOWN_TIMEOUT_MS: '10000',
  RATE_LIMIT_PER_MINUTE: '1000000',
};

/** The environment of a server on this database with this provider; `PUBLIC_URL` is its own address unless told otherwise. */
export const testEnvironment = async (
  database: Pick<TestDatabase, 'url' | 'schema'>,
  providerUrl: string,
  environment: Record<string, string | undefined> = {},
): Promise<Record<string, string | undefined>> => {
  const port = String(await freePort());
  return {
    ...QUICK,
    PORT: port,
    DATABASE_URL: database.url,
    DATABASE_SCHEMA: database.schema,
    APIDOT_API_KEY: 'sk-test',
    APIDOT_BASE_URL: providerUrl,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    CALLBACK_SECRET: 'a-callback-secret-of-more-than-32-characters',
    // Of the database alone: databases of a run are clones, and what one leaves there is a sign of loss to another.
    DATA_DIR: join(
      process.env.GENLEDGER_TEST_FOLDER ?? tmpdir(),
      'servers',
      basename(new URL(database.url).pathname),
    ),
    // The same for each server of a run, so that several can share a database.
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...environment,
  };
};

/** A whole server in this process. */
export const startTestServer = async (
  database: Pick<TestDatabase, 'url' | 'schema'>,
  providerUrl: string,
  environment: Record<string, string | undefined> = {},
): Promise<TestServer> => {
  const config = readConfig(await testEnvironment(database, providerUrl, environment));
  const server = await startServer(config, 'json');
  const keys = server.app.get(KeyService);
  return {
    url: server.address,
    server,
    client: async (owner = 'acme', scopes = ALL_SCOPES) => {
      const { key } = await keys.create({ owner, scopes: [...scopes] });
      return clientFor(server.address, key);
    },
    settled: () => server.app.get(SagaRunner).settled(),
    stop: () => server.stop(),
  };
};

/** An API key in the database, for servers that run as processes of their own and find it there. */
export const makeKey = async (
  database: Pick<TestDatabase, 'url' | 'schema'>,
  providerUrl: string,
  environment: Record<string, string | undefined>,
): Promise<string> => {
  const maker = await startTestServer(database, providerUrl, {
    ...environment,
    PORT: String(await freePort()),
    ROLES: 'api',
  });
  try {
    return (await maker.client()).key;
  } finally {
    await maker.stop();
  }
};

export const clientFor = (url: string, key: string): Client => {
  const call: Client['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text ? JSON.parse(text) : null) as never,
    };
  };
  const get = async (id: string): Promise<TaskJson> => (await call<TaskJson>('GET', `/v1/tasks/${id}`)).body;
  return {
    key,
    call,
    get,
    submit: (domain, model, input, headers) => call('POST', `/v1/${domain}/tasks`, { model, input }, headers),
    ended: async (id) => (await call<TaskJson>('GET', `/v1/tasks/${id}?wait=25`)).body,
    until: async (id, isWanted) => {
      for (;;) {
        const task = await get(id);
        if (isWanted(task)) return task;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    events: async (id) =>
      (
        await call<{ data: { type: string; version: number; data: Record<string, unknown> }[] }>(
          'GET',
          `/v1/tasks/${id}/events?limit=1000`,
        )
      ).body.data,
  };
};

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
