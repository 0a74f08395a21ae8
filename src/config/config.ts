import { type KeySource } from './parsers.js';
import { type Values } from './settings.js';

/** What rooms and entry points are given. All durations in milliseconds. */
export interface Config {
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Without a slash at the end. Null: no callbacks. */
    readonly publicUrl: string | null;
    /** Per API key. */
    readonly requestsPerMinute: number;
    /** For the end of a task; a tenth of it for the feed. */
    readonly maxWaiting: number;
    readonly metricsToken: string | null;
    readonly shutdownTimeoutMs: number;
  };
  readonly roles: { readonly api: boolean; readonly worker: boolean };
  /** As given: relative to the working folder. */
  readonly dataDir: string;
  readonly database: {
    /** Null: embedded, and secrets that are null are generated in `dataDir`. */
    readonly url: string | null;
    readonly schema: string;
    readonly poolSize: number;
    readonly migrateAtStart: boolean;
  };
  readonly secrets: {
    /** Standard base64 of 32 bytes, newest first. Null only when embedded. */
    readonly encryptionKeys: readonly string[] | null;
    /** Newest first. Null when embedded, or when there are no callbacks. */
    readonly callbackSecrets: readonly string[] | null;
    /** See `readSealKey`. Null: generated when embedded, else there are no seals. */
    readonly sealKey: KeySource | null;
  };
  readonly seals: { readonly intervalMs: number };
  readonly provider: {
    /** Null: the simulator. */
    readonly apiKey: string | null;
    readonly baseUrl: string;
    readonly submitTimeoutMs: number;
    readonly statusTimeoutMs: number;
    readonly submitConcurrency: number;
    readonly statusConcurrency: number;
    readonly requestsPerMinute: number | null;
    readonly breakerFailures: number;
    readonly breakerOpenMs: number;
    /** 0: none. */
    readonly accountProbeMs: number;
  };
  readonly simulator: { readonly speed: number };
  readonly callbacks: {
    readonly confirmation: 'always' | 'never';
    readonly signingSecret: string | null;
  };
  readonly tasks: {
    readonly submissions: 'running' | 'paused';
    readonly maxOpen: number;
    /** For each owner; null: no limit. */
    readonly quotas: {
      readonly openTasks: number | null;
      readonly tasksPerDay: number | null;
      readonly creditsPerDay: number | null;
      readonly tasksAtProvider: number | null;
      readonly creditsPerTask: number;
    };
    readonly sagaIntervalMs: number;
    readonly leaseMs: number;
    readonly submitRetryInitialMs: number;
    readonly submitRetryMaxMs: number;
    /** Null, here and in the next three: as the kind says. */
    readonly pollInitialMs: number | null;
    readonly pollMaxMs: number | null;
    readonly pollExpectedMs: number | null;
    readonly overdueMs: number | null;
    readonly expiresMs: number;
    readonly unconfirmedWaitMs: number;
    readonly unconfirmedPolicy: 'hold' | 'resubmit';
    readonly resultGraceMs: number;
    readonly shortResultRereadMs: number;
    readonly failureRecheckMs: number;
    readonly resultTtlMs: number;
  };
  readonly inputs: {
    readonly catalogue: 'apidot' | 'all';
    readonly allowPrivateMediaUrls: boolean;
    readonly allowPrivateNotifyUrls: boolean;
    readonly allowForeignProviderIds: boolean;
  };
  readonly log: {
    readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
    /** Null: pretty on a terminal, else json. */
    readonly format: 'pretty' | 'json' | null;
  };
  /** Sentences for the log at start: what works but deserves a look. */
  readonly warnings: readonly string[];
}

/** Puts values into their places. */
export const configOf = (values: Values, warnings: readonly string[]): Config => ({
  http: {
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    requestsPerMinute: values.RATE_LIMIT_PER_MINUTE,
    maxWaiting: values.MAX_WAITING_REQUESTS,
    metricsToken: values.METRICS_TOKEN,
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_MS,
  },
  roles: { api: values.ROLES.includes('api'), worker: values.ROLES.includes('worker') },
  dataDir: values.DATA_DIR,
  database: {
    url: values.DATABASE_URL,
    schema: values.DATABASE_SCHEMA,
    poolSize: values.DATABASE_POOL_SIZE,
    migrateAtStart: values.MIGRATE_AT_START,
  },
  secrets: {
    encryptionKeys: values.ENCRYPTION_KEY,
    callbackSecrets: values.CALLBACK_SECRET,
    sealKey: values.SEAL_KEY,
  },
  seals: { intervalMs: values.SEAL_INTERVAL_MS },
  provider: {
    apiKey: values.APIDOT_API_KEY,
    baseUrl: values.APIDOT_BASE_URL,
    submitTimeoutMs: values.SUBMIT_TIMEOUT_MS,
    statusTimeoutMs: values.STATUS_TIMEOUT_MS,
    submitConcurrency: values.SUBMIT_CONCURRENCY,
    statusConcurrency: values.STATUS_CONCURRENCY,
    requestsPerMinute: values.PROVIDER_REQUESTS_PER_MINUTE,
    breakerFailures: values.BREAKER_FAILURES,
    breakerOpenMs: values.BREAKER_OPEN_MS,
    accountProbeMs: values.ACCOUNT_PROBE_MS,
  },
  simulator: { speed: values.SIMULATOR_SPEED },
  callbacks: { confirmation: values.CALLBACK_CONFIRMATION, signingSecret: values.CALLBACK_SIGNING_SECRET },
  tasks: {
    submissions: values.SUBMISSIONS,
    maxOpen: values.MAX_OPEN_TASKS,
    quotas: {
      openTasks: values.OPEN_TASKS_PER_OWNER,
      tasksPerDay: values.TASKS_PER_DAY_PER_OWNER,
      creditsPerDay: values.CREDITS_PER_DAY_PER_OWNER,
      tasksAtProvider: values.TASKS_AT_PROVIDER_PER_OWNER,
      creditsPerTask: values.CREDITS_PER_TASK ?? 0,
    },
    sagaIntervalMs: values.SAGA_INTERVAL_MS,
    leaseMs: values.LEASE_MS,
    submitRetryInitialMs: values.SUBMIT_RETRY_INITIAL_MS,
    submitRetryMaxMs: values.SUBMIT_RETRY_MAX_MS,
    pollInitialMs: values.POLL_INITIAL_MS,
    pollMaxMs: values.POLL_MAX_MS,
    pollExpectedMs: values.POLL_EXPECTED_MS,
    overdueMs: values.TASK_OVERDUE_MS,
    expiresMs: values.TASK_EXPIRES_MS,
    unconfirmedWaitMs: values.UNCONFIRMED_WAIT_MS,
    unconfirmedPolicy: values.UNCONFIRMED_POLICY,
    resultGraceMs: values.RESULT_GRACE_MS,
    shortResultRereadMs: values.SHORT_RESULT_REREAD_MS,
    failureRecheckMs: values.FAILURE_RECHECK_MS,
    resultTtlMs: values.RESULT_TTL_MS,
  },
  inputs: {
    catalogue: values.MODEL_CATALOGUE,
    allowPrivateMediaUrls: values.ALLOW_PRIVATE_MEDIA_URLS,
    allowPrivateNotifyUrls: values.ALLOW_PRIVATE_NOTIFY_URLS,
    allowForeignProviderIds: values.ALLOW_FOREIGN_PROVIDER_IDS,
  },
  log: { level: values.LOG_LEVEL, format: values.LOG_FORMAT },
  warnings,
});
