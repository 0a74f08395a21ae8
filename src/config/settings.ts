import {
  encryptionKeys,
  factor,
  flag,
  httpUrl,
  integer,
  milliseconds,
  oneOf,
  postgresUrl,
  schemaName,
  sealKey,
  secrets,
  someOf,
  text,
  token,
} from './parsers.js';
import { optional, setting, type Setting } from './setting.js';

const COUNT_LIMIT = 1_000_000_000;
const count = integer(1, COUNT_LIMIT);

/** Every variable this project reads, grouped as `.env.example` shows them. */
export const SETTINGS = {
  Server: {
    HOST: setting(text, '127.0.0.1', 'Address the server listens on.'),
    PORT: setting(
      integer(0, 65_535),
      '3000',
      'Port the server listens on; 0 picks a free one and prints it.',
    ),
    PUBLIC_URL: optional(
      httpUrl,
      'results are found by polling alone; with the simulator, our own address',
      'Address under which the provider reaches this server: the base of callback URLs.',
    ),
    ROLES: setting(someOf('api', 'worker'), 'api,worker', 'What this process does.'),
    RATE_LIMIT_PER_MINUTE: setting(count, '6000', 'Requests per minute and API key.'),
    MAX_WAITING_REQUESTS: setting(
      integer(1, 1_000_000),
      '10000',
      'Requests with ?wait that may wait at a time, per process: for tasks, and a tenth of it for the feed.',
    ),
    METRICS_TOKEN: optional(token, '/metrics is open', 'Bearer token that /metrics asks for.'),
    SHUTDOWN_TIMEOUT_MS: setting(
      milliseconds(),
      '40000',
      'How long work under way may take to finish after SIGTERM; at least SUBMIT_TIMEOUT_MS plus 5000.',
    ),
  },
  'Database and secrets': {
    DATABASE_URL: optional(
      postgresUrl,
      'an embedded PostgreSQL that keeps its data in DATA_DIR',
      'PostgreSQL 15 or newer.',
    ),
    DATABASE_SCHEMA: setting(schemaName, 'genledger', 'Schema that holds all our tables.'),
    DATABASE_POOL_SIZE: setting(
      integer(1, 1_000),
      '10',
      'Most connections of each of the two pools of a process.',
    ),
    MIGRATE_AT_START: setting(
      flag,
      'true',
      'Bring the schema up to date at start; false refuses to start unless it is.',
    ),
    DATA_DIR: setting(text, '.data', 'Folder for the embedded database and generated secrets.'),
    ENCRYPTION_KEY: optional(
      encryptionKeys,
      'generated in DATA_DIR with the embedded database, else the start refuses',
      'Master keys that seal personal data: 32 bytes in base64, comma-separated; the first is used, all open.',
    ),
    CALLBACK_SECRET: optional(
      secrets,
      'generated in DATA_DIR with the embedded database, else needed with PUBLIC_URL',
      'Signs callback URLs: 32 characters or more, comma-separated; the first is used, all are accepted.',
    ),
    SEAL_KEY: optional(
      sealKey,
      'generated in DATA_DIR with the embedded database, else the log is not sealed',
      'Ed25519 private key that signs seals of the log: PEM, or the path of a file.',
    ),
    SEAL_INTERVAL_MS: setting(
      milliseconds(),
      '300000',
      'Time between seals of the log; nothing new, no seal.',
    ),
  },
  Provider: {
    APIDOT_API_KEY: optional(
      token,
      'the built-in simulator takes the place of the provider',
      'Key of the account.',
    ),
    APIDOT_BASE_URL: setting(httpUrl, 'https://api.apidot.ai', 'Where the provider answers.'),
    SIMULATOR_SPEED: setting(
      factor,
      '30',
      'How many times faster than the real provider the simulator works.',
    ),
    SUBMIT_TIMEOUT_MS: setting(milliseconds(), '30000', 'Longest wait for the answer to a submit.'),
    STATUS_TIMEOUT_MS: setting(milliseconds(), '10000', 'Longest wait for the answer to a status read.'),
    SUBMIT_CONCURRENCY: setting(integer(1, 10_000), '16', 'Submits under way at a time, per process.'),
    STATUS_CONCURRENCY: setting(integer(1, 10_000), '32', 'Status reads under way at a time, per process.'),
    PROVIDER_REQUESTS_PER_MINUTE: optional(
      count,
      'no limit of our own',
      'One budget for the account, shared by all replicas.',
    ),
    BREAKER_FAILURES: setting(
      integer(1, 10_000),
      '10',
      'Transport errors, timeouts and 5xx in a row that stop calls of an operation.',
    ),
    BREAKER_OPEN_MS: setting(
      milliseconds(),
      '10000',
      'How long they stay stopped before one call tries again.',
    ),
    ACCOUNT_PROBE_MS: setting(
      milliseconds(0),
      '300000',
      'Time between probes of a paused account; 0 for none.',
    ),
  },
  Callbacks: {
    CALLBACK_CONFIRMATION: setting(
      oneOf('always', 'never'),
      'always',
      'Read the status from the provider before a verdict that a callback brings is applied.',
    ),
    CALLBACK_SIGNING_SECRET: optional(
      token,
      'signature headers are not looked at',
      'Key of the signature headers that the provider may send with callbacks.',
    ),
  },
  Tasks: {
    SUBMISSIONS: setting(
      oneOf('running', 'paused'),
      'running',
      'paused starts without submitting (after a restore).',
    ),
    MAX_OPEN_TASKS: setting(count, '100000', 'With more open tasks than this, new ones are refused for now.'),
    OPEN_TASKS_PER_OWNER: optional(count, 'no limit', 'Most open tasks of one owner.'),
    TASKS_PER_DAY_PER_OWNER: optional(count, 'no limit', 'Most tasks of one owner a day (UTC).'),
    CREDITS_PER_DAY_PER_OWNER: optional(
      count,
      'no limit',
      'Most credits of one owner a day (UTC): what the provider reported, and CREDITS_PER_TASK for tasks without a report.',
    ),
    TASKS_AT_PROVIDER_PER_OWNER: optional(
      count,
      'no limit',
      'Most tasks of one owner at the provider at a time, over all replicas; further ones wait in the queue.',
    ),
    CREDITS_PER_TASK: optional(
      factor,
      'needed with CREDITS_PER_DAY_PER_OWNER',
      'Credits set aside for a task until the provider says what it cost.',
    ),
    SAGA_INTERVAL_MS: setting(milliseconds(10), '1000', 'Tick of the scheduled saga.'),
    LEASE_MS: setting(
      milliseconds(),
      '60000',
      'How long claimed work may stay silent before another replica takes it; at least twice the longest call timeout.',
    ),
    SUBMIT_RETRY_INITIAL_MS: setting(
      milliseconds(),
      '1000',
      'First wait before a deferred submission is sent.',
    ),
    SUBMIT_RETRY_MAX_MS: setting(
      milliseconds(),
      '60000',
      'Longest wait before a deferred submission is sent.',
    ),
    POLL_INITIAL_MS: optional(milliseconds(), 'per kind', 'First status read when no callback is expected.'),
    POLL_MAX_MS: optional(milliseconds(), 'per kind', 'Longest time between two status reads.'),
    POLL_EXPECTED_MS: optional(milliseconds(), 'per kind', 'First status read when a callback is expected.'),
    TASK_OVERDUE_MS: optional(
      milliseconds(),
      'per kind',
      'Time after which the owner is told that a task is overdue.',
    ),
    TASK_EXPIRES_MS: setting(
      milliseconds(),
      '86400000',
      'Time after the newest accepted submission when a task without a verdict expires.',
    ),
    UNCONFIRMED_WAIT_MS: setting(
      milliseconds(),
      '300000',
      'With UNCONFIRMED_POLICY=resubmit: how long to wait, beyond LEASE_MS, for a sign of the task.',
    ),
    UNCONFIRMED_POLICY: setting(
      oneOf('hold', 'resubmit'),
      'hold',
      'What becomes of a task that may or may not exist at the provider; resubmit may pay twice.',
    ),
    RESULT_GRACE_MS: setting(
      milliseconds(),
      '900000',
      'How long a finished task without files is read again.',
    ),
    SHORT_RESULT_REREAD_MS: setting(
      milliseconds(),
      '10000',
      'After which pause a finished task with fewer files than expected is read once more.',
    ),
    FAILURE_RECHECK_MS: setting(
      milliseconds(),
      '5000',
      'How far apart two signs of failure must lie before a task counts as failed.',
    ),
    RESULT_TTL_MS: setting(milliseconds(), '86400000', 'Assumed life of result URLs.'),
  },
  'What requests may contain': {
    MODEL_CATALOGUE: setting(
      oneOf('apidot', 'all'),
      'apidot',
      'apidot: models with a trace at APIDot; all: also those known only from PoYo.',
    ),
    ALLOW_PRIVATE_MEDIA_URLS: setting(
      flag,
      'false',
      'Accept input media on private addresses (tests, closed networks).',
    ),
    ALLOW_PRIVATE_NOTIFY_URLS: setting(
      flag,
      'false',
      'Send notifications to private addresses (tests, closed networks).',
    ),
    ALLOW_FOREIGN_PROVIDER_IDS: setting(
      flag,
      'false',
      'Accept provider ids in inputs that do not come from a task of the same owner.',
    ),
  },
  Logging: {
    LOG_LEVEL: setting(
      oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace'),
      'info',
      'Least severity that is written.',
    ),
    LOG_FORMAT: optional(oneOf('pretty', 'json'), 'pretty on a terminal, else json', 'Form of a log line.'),
  },
} as const satisfies Record<string, Record<string, Setting<unknown>>>;

type Groups = typeof SETTINGS;
type UnionToIntersection<U> = (U extends unknown ? (union: U) => void : never) extends (all: infer I) => void
  ? I
  : never;
type AllSettings = UnionToIntersection<Groups[keyof Groups]>;

export type Variable = keyof AllSettings;

/** What the variables say, each read by its parser. */
export type Values = { readonly [V in Variable]: AllSettings[V] extends Setting<infer T> ? T : never };

/** The table without its types, to go through it. */
export const GROUPS: Readonly<Record<string, Readonly<Record<string, Setting<unknown>>>>> = SETTINGS;
