import { Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { DatabaseModule } from '../../src/database/index.js';
import { EventStoreModule } from '../../src/event-store/index.js';
import { ImageModule } from '../../src/image/index.js';
import { MusicModule } from '../../src/music/index.js';
import { ApidotModule } from '../../src/provider/apidot/index.js';
import { systemClock } from '../../src/shared/clock.js';
import {
  CallbackUrls,
  NoCallbackUrls,
  type Priority,
  SagaRunner,
  SubmitTask,
  TaskReader,
  TasksModule,
  type TasksOptions,
  type TaskView,
} from '../../src/tasks/index.js';
import { ThreeDModule } from '../../src/three-d/index.js';
import { VideoModule } from '../../src/video/index.js';
import { type TestDatabase } from './postgres.js';

/** The core with a real database and a real provider client, without HTTP in front of it. */
export interface CoreApplication {
  readonly app: INestApplicationContext;
  readonly saga: SagaRunner;
  submit(
    model: string,
    input: object,
    options?: { domain?: string; key?: string; owner?: string; priority?: Priority },
  ): Promise<TaskView>;
  find(id: string): Promise<TaskView>;
}

export const TASKS_FOR_TESTS: TasksOptions = {
  encryptionKeys: [Buffer.alloc(32, 7).toString('base64')],
  policy: {
    submitRetryInitialMs: 20,
    submitRetryMaxMs: 200,
    leaseMs: 60_000,
    unconfirmedWaitMs: 300_000,
    unconfirmedPolicy: 'hold',
    callbackConfirmation: 'always',
    resultGraceMs: 900_000,
    expiresMs: 86_400_000,
    lateReadEveryMs: 3_600_000,
    lateWindowMs: 259_200_000,
    failureRecheckMs: 50,
    shortReadMs: 50,
    slowPollCapMs: 600_000,
  },
  timing: { firstPollMs: 20, pollCapMs: 100, usualMs: 60_000, overdueMs: null },
  isWorker: true,
  submits: true,
  sagaIntervalMs: 50,
  submitConcurrency: 16,
  statusConcurrency: 32,
  maxOpenTasks: 100_000,
  maxWaiting: 1_000,
  allowForeignProviderIds: false,
  accountProbeMs: 300_000,
  shutdownMs: 5_000,
  erasuresFile: null,
  unsavedOutcomesFile: null,
};

@Module({})
class NoCallbacksModule {
  static readonly module: DynamicModule = {
    module: NoCallbacksModule,
    global: true,
    providers: [{ provide: CallbackUrls, useClass: NoCallbackUrls }],
    exports: [CallbackUrls],
  };
}

export const startCore = async (
  database: TestDatabase,
  providerUrl: string,
  options: Partial<TasksOptions> = {},
): Promise<CoreApplication & { close(): Promise<void> }> => {
  const apidot = ApidotModule.forRoot({
    baseUrl: providerUrl,
    apiKey: 'test-key',
    submitTimeoutMs: 2_000,
    statusTimeoutMs: 1_000,
    requestsPerMinute: null,
    submitRetryInitialMs: 20,
    submitRetryMaxMs: 200,
    breaker: { failures: 10, openMs: 200 },
    clock: systemClock,
    random: Math.random,
  });
  const testing = await Test.createTestingModule({
    imports: [
      DatabaseModule.forRoot({ url: database.url, schema: database.schema }),
      EventStoreModule.forRoot({ inlineProjections: ['project_tasks'] }),
      NoCallbacksModule.module,
      TasksModule.forRoot({ ...TASKS_FOR_TESTS, ...options, imports: [apidot] }),
      ImageModule.forRoot({}),
      VideoModule.forRoot({}),
      MusicModule.forRoot({}),
      ThreeDModule.forRoot({}),
    ],
  }).compile();
  const app = await testing.init();
  const find = async (id: string): Promise<TaskView> => (await app.get(TaskReader).find(id))!;
  return {
    app,
    saga: app.get(SagaRunner),
    submit: async (
      model,
      input,
      { domain = 'image', key = null, owner = 'acme', priority = 'normal' } = {},
    ) => {
      const request = { model, input, metadata: null, notifyUrl: null, priority };
      const command = new SubmitTask(owner, domain, request, { model, input }, key, {
        actor: 'key:test',
        correlationId: null,
      });
      return (await app.get(CommandBus).execute(command)).task;
    },
    find,
    close: () => app.close(),
  };
};
