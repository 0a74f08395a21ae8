import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { AccessModule } from './access/index.js';
import { AccountPaceModule } from './account-pace/index.js';
import { CallbacksModule } from './callbacks/index.js';
import { DatabaseModule } from './database/index.js';
import { EventStoreModule, type EventStoreModuleOptions } from './event-store/index.js';
import { EventStoreMetrics, HttpModule, MetricsModule, ProviderMetrics } from './http/index.js';
import { ImageModule } from './image/index.js';
import { MusicModule } from './music/index.js';
import { ApidotModule, SharedPace } from './provider/apidot/index.js';
import { type Settings } from './server/settings.js';
import { VERSION } from './server/version.js';
import { systemClock } from './shared/clock.js';
import { TasksModule, type TasksOptions } from './tasks/index.js';
import { ThreeDModule } from './three-d/index.js';
import { VideoModule } from './video/index.js';

/** The whole product. The only module that sees every room; it hands each its slice of the configuration. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings): DynamicModule {
    const { config, publicUrl } = settings;
    const kinds = {
      allowPrivateMediaUrls: config.inputs.allowPrivateMediaUrls,
      catalogue: config.inputs.catalogue,
    };
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot({
          url: settings.database.url,
          schema: config.database.schema,
          poolSize: config.database.poolSize,
          migrate: config.database.migrateAtStart,
        }),
        EventStoreModule.forRootAsync({
          imports: [MetricsModule],
          inject: [EventStoreMetrics],
          useFactory: (observer: EventStoreMetrics) => ({
            inlineProjections: ['project_tasks'],
            seals: seals(settings),
            observer,
          }),
        }),
        CallbacksModule.forRoot({
          publicUrl,
          secrets: [...settings.callbackSecrets],
          signingSecret: config.callbacks.signingSecret,
        }),
        apidot(settings),
        TasksModule.forRoot(tasksOptions(settings)),
        ImageModule.forRoot(kinds),
        VideoModule.forRoot(kinds),
        MusicModule.forRoot(kinds),
        ThreeDModule.forRoot(kinds),
        AccessModule,
        HttpModule.forRoot({
          isApi: config.roles.api,
          version: VERSION,
          rateLimitPerMinute: config.http.requestsPerMinute,
          maxWaiting: Math.ceil(config.http.maxWaiting / 10),
          resultTtlMs: config.tasks.resultTtlMs,
          allowPrivateNotifyUrls: config.inputs.allowPrivateNotifyUrls,
          strictTransport: config.http.publicUrl?.startsWith('https:') ?? false,
          metricsToken: config.http.metricsToken,
          drainMs: config.http.shutdownTimeoutMs,
        }),
      ],
    };
  }
}

/** Done by workers; any number of them may. */
const seals = ({ config, sealKey }: Settings): EventStoreModuleOptions['seals'] =>
  sealKey !== null && config.roles.worker ? { key: sealKey, intervalMs: config.seals.intervalMs } : null;

/** Seen by every room that asks for a Provider. */
const apidot = ({ config, provider }: Settings): DynamicModule => ({
  ...ApidotModule.forRootAsync({
    imports: [AccountPaceModule, MetricsModule],
    inject: [SharedPace, ProviderMetrics],
    useFactory: (sharedPace: SharedPace, observer: ProviderMetrics) => ({
      baseUrl: provider.baseUrl,
      apiKey: provider.apiKey,
      submitTimeoutMs: config.provider.submitTimeoutMs,
      statusTimeoutMs: config.provider.statusTimeoutMs,
      requestsPerMinute: config.provider.requestsPerMinute,
      sharedPace,
      observer,
      submitRetryInitialMs: config.tasks.submitRetryInitialMs,
      submitRetryMaxMs: config.tasks.submitRetryMaxMs,
      breaker: { failures: config.provider.breakerFailures, openMs: config.provider.breakerOpenMs },
      clock: systemClock,
      random: Math.random,
    }),
  }),
  global: true,
});

const HOUR_MS = 3_600_000;

const tasksOptions = ({
  config: { tasks, provider, callbacks, roles, inputs, http, dataDir },
  encryptionKeys,
}: Settings): TasksOptions => ({
  encryptionKeys,
  policy: {
    submitRetryInitialMs: tasks.submitRetryInitialMs,
    submitRetryMaxMs: tasks.submitRetryMaxMs,
    leaseMs: tasks.leaseMs,
    unconfirmedWaitMs: tasks.unconfirmedWaitMs,
    unconfirmedPolicy: tasks.unconfirmedPolicy,
    callbackConfirmation: callbacks.confirmation,
    resultGraceMs: tasks.resultGraceMs,
    expiresMs: tasks.expiresMs,
    lateReadEveryMs: HOUR_MS,
    lateWindowMs: 72 * HOUR_MS,
    failureRecheckMs: tasks.failureRecheckMs,
    shortReadMs: tasks.shortResultRereadMs,
    slowPollCapMs: 600_000,
  },
  timing: {
    firstPollMs: tasks.pollInitialMs,
    pollCapMs: tasks.pollMaxMs,
    usualMs: tasks.pollExpectedMs,
    overdueMs: tasks.overdueMs,
  },
  isWorker: roles.worker,
  submits: tasks.submissions === 'running',
  sagaIntervalMs: tasks.sagaIntervalMs,
  submitConcurrency: provider.submitConcurrency,
  statusConcurrency: provider.statusConcurrency,
  maxOpenTasks: tasks.maxOpen,
  quotas: tasks.quotas,
  maxWaiting: http.maxWaiting,
  allowForeignProviderIds: inputs.allowForeignProviderIds,
  accountProbeMs: provider.accountProbeMs,
  shutdownMs: http.shutdownTimeoutMs,
  erasuresFile: join(dataDir, 'erasures.jsonl'),
  unsavedOutcomesFile: join(dataDir, 'unsaved-outcomes.jsonl'),
  logMarkFolder: dataDir,
});
