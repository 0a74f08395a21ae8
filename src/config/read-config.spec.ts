import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Config } from './config.js';
import { ConfigurationError } from './configuration.error.js';
import { envExample } from './env-example.js';
import { readConfig, type Environment } from './read-config.js';

const KEY = randomBytes(32).toString('base64');
const SECRET = 'a-secret-of-at-least-32-characters';
const EXTERNAL = { DATABASE_URL: 'postgresql://me:hidden-password@db/genledger', ENCRYPTION_KEY: KEY };
const PEM = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

const refusalOf = (environment: Environment): ConfigurationError => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('nothing set', () => {
  it('is the whole product on this machine: embedded database, simulator, defaults', () => {
    expect(readConfig({})).toEqual({
      http: {
        host: '127.0.0.1',
        port: 3000,
        publicUrl: null,
        requestsPerMinute: 6000,
        maxWaiting: 10_000,
        metricsToken: null,
        shutdownTimeoutMs: 40_000,
      },
      roles: { api: true, worker: true },
      dataDir: '.data',
      database: { url: null, schema: 'genledger', poolSize: 10, migrateAtStart: true },
      secrets: { encryptionKeys: null, callbackSecrets: null, sealKey: null },
      seals: { intervalMs: 300_000 },
      provider: {
        apiKey: null,
        baseUrl: 'https://api.apidot.ai',
        submitTimeoutMs: 30_000,
        statusTimeoutMs: 10_000,
        submitConcurrency: 16,
        statusConcurrency: 32,
        requestsPerMinute: null,
        breakerFailures: 10,
        breakerOpenMs: 10_000,
        accountProbeMs: 300_000,
      },
      simulator: { speed: 30 },
      callbacks: { confirmation: 'always', signingSecret: null },
      tasks: {
        submissions: 'running',
        maxOpen: 100_000,
        quotas: {
          openTasks: null,
          tasksPerDay: null,
          creditsPerDay: null,
          tasksAtProvider: null,
          creditsPerTask: 0,
        },
        sagaIntervalMs: 1_000,
        leaseMs: 60_000,
        submitRetryInitialMs: 1_000,
        submitRetryMaxMs: 60_000,
        pollInitialMs: null,
        pollMaxMs: null,
        pollExpectedMs: null,
        overdueMs: null,
        expiresMs: 86_400_000,
        unconfirmedWaitMs: 300_000,
        unconfirmedPolicy: 'hold',
        resultGraceMs: 900_000,
        shortResultRereadMs: 10_000,
        failureRecheckMs: 5_000,
        resultTtlMs: 86_400_000,
      },
      inputs: {
        catalogue: 'apidot',
        allowPrivateMediaUrls: false,
        allowPrivateNotifyUrls: false,
        allowForeignProviderIds: false,
      },
      log: { level: 'info', format: null },
      warnings: [],
    });
  });

  it('gives the same whatever NODE_ENV is, and with variables of others', () => {
    expect(readConfig({ NODE_ENV: 'production', HOME: '/', npm_config_x: 'y' })).toEqual(readConfig({}));
  });

  it('is also what empty and blank texts mean', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '  ', ROLES: '' })).toEqual(readConfig({}));
  });
});

it('is frozen through and through', () => {
  const config = readConfig({ ...EXTERNAL, PUBLIC_URL: 'https://me', CALLBACK_SECRET: SECRET });
  const parts: object[] = [config];
  for (const part of parts) {
    expect(Object.isFrozen(part)).toBe(true);
    parts.push(
      ...Object.values(part).filter((value): value is object => typeof value === 'object' && value !== null),
    );
  }
  expect(parts.length).toBeGreaterThan(12);
});

describe('accepted values', () => {
  const accepted: [Environment, (config: Config) => unknown, unknown][] = [
    [{ HOST: '0.0.0.0' }, ({ http }) => http.host, '0.0.0.0'],
    [{ PORT: '0' }, ({ http }) => http.port, 0],
    [{ PORT: ' 65535 ' }, ({ http }) => http.port, 65_535],
    [{ PUBLIC_URL: 'https://me.example/base/' }, ({ http }) => http.publicUrl, 'https://me.example/base'],
    [{ PUBLIC_URL: 'http://127.0.0.1:8080' }, ({ http }) => http.publicUrl, 'http://127.0.0.1:8080'],
    [{ ROLES: 'worker' }, ({ roles }) => roles, { api: false, worker: true }],
    [{ ROLES: 'worker, api,worker' }, ({ roles }) => roles, { api: true, worker: true }],
    [EXTERNAL, ({ database }) => database.url, EXTERNAL.DATABASE_URL],
    [{ DATABASE_SCHEMA: 'own_2' }, ({ database }) => database.schema, 'own_2'],
    [{ MIGRATE_AT_START: 'No' }, ({ database }) => database.migrateAtStart, false],
    [{ ENCRYPTION_KEY: `${KEY}, ${KEY}` }, ({ secrets }) => secrets.encryptionKeys, [KEY, KEY]],
    [
      { ENCRYPTION_KEY: Buffer.alloc(32, 255).toString('base64url') },
      ({ secrets }) => secrets.encryptionKeys,
      [Buffer.alloc(32, 255).toString('base64')],
    ],
    [{ CALLBACK_SECRET: SECRET }, ({ secrets }) => secrets.callbackSecrets, [SECRET]],
    [{ SEAL_KEY: PEM }, ({ secrets }) => secrets.sealKey, { pem: PEM.trim() }],
    [{ SEAL_KEY: PEM.trim().replaceAll('\n', '\\n') }, ({ secrets }) => secrets.sealKey, { pem: PEM.trim() }],
    [
      { SEAL_KEY: '/run/secrets/seal.pem' },
      ({ secrets }) => secrets.sealKey,
      { path: '/run/secrets/seal.pem' },
    ],
    [{ APIDOT_API_KEY: 'sk-1' }, ({ provider }) => provider.apiKey, 'sk-1'],
    [{ PROVIDER_REQUESTS_PER_MINUTE: '60' }, ({ provider }) => provider.requestsPerMinute, 60],
    [{ ACCOUNT_PROBE_MS: '0' }, ({ provider }) => provider.accountProbeMs, 0],
    [{ SIMULATOR_SPEED: '0.5' }, ({ simulator }) => simulator.speed, 0.5],
    [{ CALLBACK_CONFIRMATION: 'never' }, ({ callbacks }) => callbacks.confirmation, 'never'],
    [{ SUBMISSIONS: 'paused' }, ({ tasks }) => tasks.submissions, 'paused'],
    [{ POLL_INITIAL_MS: '100' }, ({ tasks }) => tasks.pollInitialMs, 100],
    [{ TASK_OVERDUE_MS: '500' }, ({ tasks }) => tasks.overdueMs, 500],
    [{ UNCONFIRMED_POLICY: 'resubmit' }, ({ tasks }) => tasks.unconfirmedPolicy, 'resubmit'],
    [{ MODEL_CATALOGUE: 'all' }, ({ inputs }) => inputs.catalogue, 'all'],
    [{ ALLOW_PRIVATE_MEDIA_URLS: 'TRUE' }, ({ inputs }) => inputs.allowPrivateMediaUrls, true],
    [{ ALLOW_PRIVATE_NOTIFY_URLS: '1' }, ({ inputs }) => inputs.allowPrivateNotifyUrls, true],
    [{ LOG_FORMAT: 'json' }, ({ log }) => log.format, 'json'],
  ];

  it.each(accepted)('%j', (environment, read, expected) => {
    expect(read(readConfig(environment))).toEqual(expected);
  });
});

describe('refused values', () => {
  const refused: [string, string, string][] = [
    ['PORT', 'abc', 'a whole number from 0 to 65535'],
    ['PORT', '65536', 'a whole number from 0 to 65535'],
    ['PORT', '-1', 'a whole number'],
    ['PORT', '3000.5', 'a whole number'],
    ['PORT', '1e3', 'a whole number'],
    ['SAGA_INTERVAL_MS', '1s', 'a number of milliseconds'],
    ['SAGA_INTERVAL_MS', '0', 'a number of milliseconds from 10'],
    ['TASK_EXPIRES_MS', '2147483648', 'a number of milliseconds'],
    ['SUBMIT_CONCURRENCY', '0', 'a whole number from 1'],
    ['SIMULATOR_SPEED', '0', 'a number greater than 0'],
    ['SIMULATOR_SPEED', 'Infinity', 'a number greater than 0'],
    ['ROLES', 'api,admin', 'one or more of api, worker'],
    ['ROLES', ',', 'one or more of api, worker'],
    ['ALLOW_PRIVATE_MEDIA_URLS', 'maybe', 'true or false'],
    ['ALLOW_PRIVATE_MEDIA_URLS', 'constructor', 'true or false'],
    ['CALLBACK_CONFIRMATION', 'sometimes', 'always or never'],
    ['LOG_LEVEL', 'loud', 'fatal or error or warn or info or debug or trace'],
    ['PUBLIC_URL', 'me.example', 'an http or https URL'],
    ['PUBLIC_URL', 'ftp://me.example', 'an http or https URL'],
    ['PUBLIC_URL', 'https://me:pass@me.example', 'without user'],
    ['PUBLIC_URL', 'https://me.example?a=b', 'without user, query'],
    ['APIDOT_BASE_URL', 'https://api.example/#x', 'without user, query and fragment'],
    ['DATABASE_SCHEMA', 'My Schema', 'lower-case letters'],
    ['DATABASE_SCHEMA', 'pg_mine', 'lower-case letters'],
  ];

  it.each(refused)('%s=%s', (variable, given, wants) => {
    const { problems, message } = refusalOf({ [variable]: given });
    expect(problems).toEqual([
      { variable, got: JSON.stringify(given), wants: expect.stringContaining(wants) as string },
    ]);
    expect(message).toContain(`${variable} is "${given}"; it must be ${problems[0]!.wants}.`);
  });

  it.each([
    ['DATABASE_URL', 'mysql://root:hunter2@db/x'],
    ['DATABASE_URL', 'hunter2'],
    ['ENCRYPTION_KEY', 'hunter2'],
    ['ENCRYPTION_KEY', randomBytes(31).toString('base64')],
    ['ENCRYPTION_KEY', randomBytes(33).toString('base64')],
    ['ENCRYPTION_KEY', `${KEY},hunter2`],
    ['CALLBACK_SECRET', 'hunter2'],
    ['CALLBACK_SECRET', `${SECRET},hunter2`],
    ['SEAL_KEY', RSA],
    ['SEAL_KEY', PEM.replace('PRIVATE', 'PUBLIC')],
    ['SEAL_KEY', 'hunter2\nhunter3'],
    ['APIDOT_API_KEY', 'hunter2 hunter3'],
    ['APIDOT_API_KEY', 'schlüssel'],
    ['METRICS_TOKEN', 'hunter2\r\nx: y'],
  ])('%s: what it got is not shown', (variable, given) => {
    const { problems, message } = refusalOf({ ...EXTERNAL, [variable]: given });
    expect(problems.map((problem) => problem.variable)).toEqual([variable]);
    expect(JSON.stringify(problems) + message).not.toContain(given);
    expect(JSON.stringify(problems) + message).not.toContain('hunter2');
    expect(message).toContain('a secret, not shown');
  });
});

describe('rules between variables', () => {
  it.each<[string, Environment, string, string | null, string]>([
    ['a lease shorter than two submits', { LEASE_MS: '59999' }, 'LEASE_MS', '59999', 'at least 60000'],
    [
      'a lease shorter than two status reads',
      { SUBMIT_TIMEOUT_MS: '5000', STATUS_TIMEOUT_MS: '30001' },
      'LEASE_MS',
      '60000',
      'at least 60002, twice STATUS_TIMEOUT_MS',
    ],
    [
      'a shutdown that cannot see a submit through',
      { SHUTDOWN_TIMEOUT_MS: '34999' },
      'SHUTDOWN_TIMEOUT_MS',
      '34999',
      'at least 35000',
    ],
    [
      'a first wait longer than the longest',
      { SUBMIT_RETRY_INITIAL_MS: '70000' },
      'SUBMIT_RETRY_MAX_MS',
      '60000',
      'at least 70000',
    ],
    [
      'a database of one’s own without a key',
      { DATABASE_URL: EXTERNAL.DATABASE_URL },
      'ENCRYPTION_KEY',
      null,
      '32 bytes',
    ],
    [
      'callbacks without a secret',
      { ...EXTERNAL, PUBLIC_URL: 'https://me' },
      'CALLBACK_SECRET',
      null,
      'at least 32 characters',
    ],
  ])('%s', (_, environment, variable, got, wants) => {
    expect(refusalOf(environment).problems).toEqual([
      { variable, got, wants: expect.stringContaining(wants) as string },
    ]);
  });

  it.each<[string, Environment]>([
    ['bounds met exactly', { LEASE_MS: '60000', SHUTDOWN_TIMEOUT_MS: '35000' }],
    ['callbacks with the embedded database, which keeps its secrets', { PUBLIC_URL: 'https://me' }],
    ['a database of one’s own, polling alone', EXTERNAL],
  ])('allow %s', (_, environment) => {
    expect(() => readConfig(environment)).not.toThrow();
  });

  it('say nothing about a variable that could not be read', () => {
    const { problems } = refusalOf({
      LEASE_MS: 'long',
      SUBMIT_TIMEOUT_MS: '90000',
      DATABASE_URL: 'nonsense',
    });
    expect(problems.map(({ variable }) => variable)).toEqual([
      'DATABASE_URL',
      'LEASE_MS',
      'SHUTDOWN_TIMEOUT_MS',
    ]);
  });
});

it('reports all problems at once, one per line', () => {
  const error = refusalOf({ PORT: 'x', ROLES: 'y', DATABASE_URL: 'postgres://db', LEASE_MS: '1' });
  expect(error).toMatchObject({ code: 'configuration_invalid', category: 'invalid' });
  expect(error.message.split('\n').map((line) => line.trim().split(' ')[0])).toEqual([
    '4',
    'PORT',
    'ROLES',
    'LEASE_MS',
    'ENCRYPTION_KEY',
  ]);
});

describe('warnings', () => {
  it.each<[Environment, string]>([
    [{ ...EXTERNAL, APIDOT_API_KEY: 'k', APIDOT_BASE_URL: 'http://10.0.0.1' }, 'APIDOT_BASE_URL'],
    [{ PUBLIC_URL: 'http://me' }, 'PUBLIC_URL'],
    [{ APIDOT_API_KEY: 'k' }, 'embedded database'],
    [{ CALLBACK_CONFIRMATION: 'never' }, 'CALLBACK_CONFIRMATION'],
    [{ UNCONFIRMED_POLICY: 'resubmit' }, 'UNCONFIRMED_POLICY'],
    [{ ALLOW_FOREIGN_PROVIDER_IDS: 'true' }, 'ALLOW_FOREIGN_PROVIDER_IDS'],
  ])('%j', (environment, part) => {
    expect(readConfig(environment).warnings).toEqual([expect.stringContaining(part)]);
  });
});

it('.env.example says what the table says (write it anew: npm run build && node scripts/env-example.mjs)', async () => {
  expect(await readFile(new URL('../../.env.example', import.meta.url), 'utf8')).toBe(envExample());
});
