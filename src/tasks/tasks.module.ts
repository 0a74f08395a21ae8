import {
  ConfigurableModuleBuilder,
  Module,
  type DynamicModule,
  type OnModuleInit,
  type Provider as NestProvider,
} from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ScheduleModule } from '@nestjs/schedule';
import { type Pool } from 'pg';
import { PG_POOL } from '../database/index.js';
import { CLOCK, systemClock } from '../shared/clock.js';
import { ID_SOURCE, uuidv7 } from '../shared/ids.js';
import { Alerts } from './alerts/alerts.js';
import { ProviderAccount } from './account/provider-account.js';
import { CancelTaskHandler } from './commands/cancel-task/cancel-task.handler.js';
import { OwnerEraser } from './commands/erase-task/owner-erasure.js';
import { ArchivedTasks } from './archive/archived-tasks.js';
import { EraseTaskHandler } from './commands/erase-task/erase-task.handler.js';
import { PassTimeHandler } from './commands/pass-time/pass-time.handler.js';
import { ReceiveCallbackHandler } from './commands/receive-callback/receive-callback.handler.js';
import { RecordLeaseEndHandler } from './commands/record-lease-end/record-lease-end.handler.js';
import { RecordOutcomeHandler } from './commands/record-outcome/record-outcome.handler.js';
import { RecordReadingHandler } from './commands/record-reading/record-reading.handler.js';
import { ResubmitTaskHandler } from './commands/resubmit-task/resubmit-task.handler.js';
import { ResumeAccountHandler } from './commands/resume-account/resume-account.handler.js';
import { ResumeTaskHandler } from './commands/resume-task/resume-task.handler.js';
import { StartSubmissionHandler } from './commands/start-submission/start-submission.handler.js';
import { SubmitTaskHandler } from './commands/submit-task/submit-task.handler.js';
import { timingOf, type TaskPolicy } from './domain/task.policy.js';
import { KindRegistry } from './kinds/kind-registry.js';
import { ReferenceCheck } from './kinds/reference-check.js';
import { OrphanReport } from './queries/orphan-report.js';
import { TaskCensus } from './queries/task-census.js';
import { TaskHistory } from './queries/task-history.js';
import { TaskWaiter } from './queries/task-waiter.js';
import { ProviderIds } from './read-model/provider-ids.js';
import { TaskReader } from './read-model/task-reader.js';
import { AccountKeeper } from './saga/account-keeper.js';
import { OwnerQuotas } from './quotas/owner-quotas.js';
import { Backlog } from './saga/backlog.js';
import { DetectionLag } from './saga/detection-lag.js';
import { DueSignal } from './saga/due-signal.js';
import { Looker } from './saga/looker.js';
import { MissingTimers } from './saga/missing-timers.js';
import { PausedModels } from './saga/paused-models.js';
import { Poller } from './saga/poller.js';
import { Recoverer } from './saga/recoverer.js';
import { SagaRunner } from './saga/saga-runner.js';
import { NotFoundWatch } from './saga/not-found-watch.js';
import { Submitter } from './saga/submitter.js';
import { TimerStore } from './saga/timer-store.js';
import { TouchQueue } from './saga/touch-queue.js';
import { UnsavedOutcomes } from './saga/unsaved-outcomes.js';
import { WaitingTasks } from './saga/waiting-tasks.js';
import { BackgroundRewrap } from './sealing/background-rewrap.js';
import { DataKeys } from './sealing/data-keys.js';
import { ErasureList } from './sealing/erasure-list.js';
import { KeyRewrap } from './sealing/key-rewrap.js';
import { KeyRing } from './sealing/key-ring.js';
import { KeyedDigest, openKeyedDigest } from './sealing/keyed-digest.js';
import { Sealer } from './sealing/sealer.js';
import { assertEventsReadable } from './stream/event-schemas.js';
import { ErasureReplay } from './submissions/erasure-replay.js';
import { Recovery } from './submissions/recovery.js';
import { RestoreWatch } from './submissions/restore-watch.js';
import { Submissions } from './submissions/submissions.js';
import { WaitReason } from './submissions/wait-reason.js';
import { TaskRepository } from './stream/task-repository.js';
import { TASKS_OPTIONS, type TasksOptions } from './tasks.options.js';
import { TASK_POLICY } from './tasks.tokens.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<TasksOptions>({
  optionsInjectionToken: TASKS_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras({ imports: [] as DynamicModule[] }, (definition, { imports }) => ({
    ...definition,
    global: true,
    imports: [...(definition.imports ?? []), ...imports],
  }))
  .build();

const policy: NestProvider = {
  provide: TASK_POLICY,
  inject: [TASKS_OPTIONS, KindRegistry],
  useFactory: (options: TasksOptions, kinds: KindRegistry): TaskPolicy => ({
    ...options.policy,
    timingOf: (domain) => timingOf(kinds.find(domain), options.timing),
  }),
};

const SEALING: NestProvider[] = [
  {
    provide: KeyRing,
    inject: [TASKS_OPTIONS],
    useFactory: ({ encryptionKeys }: TasksOptions) => new KeyRing(encryptionKeys),
  },
  {
    provide: KeyedDigest,
    inject: [PG_POOL, KeyRing],
    useFactory: (pool: Pool, ring: KeyRing) => openKeyedDigest(pool, ring),
  },
  DataKeys,
  Sealer,
  KeyRewrap,
  BackgroundRewrap,
  ErasureList,
  ArchivedTasks,
];

const COMMAND_HANDLERS = [
  SubmitTaskHandler,
  CancelTaskHandler,
  EraseTaskHandler,
  ResumeTaskHandler,
  ResubmitTaskHandler,
  ReceiveCallbackHandler,
  StartSubmissionHandler,
  RecordOutcomeHandler,
  RecordReadingHandler,
  RecordLeaseEndHandler,
  PassTimeHandler,
  ResumeAccountHandler,
];

const SUBMISSIONS = [Alerts, Submissions, ErasureReplay, RestoreWatch, Recovery, WaitReason];

const SAGA = [
  DueSignal,
  NotFoundWatch,
  PausedModels,
  TimerStore,
  TouchQueue,
  MissingTimers,
  WaitingTasks,
  UnsavedOutcomes,
  DetectionLag,
  Looker,
  Submitter,
  Recoverer,
  Poller,
  AccountKeeper,
  SagaRunner,
  Backlog,
  OwnerQuotas,
];

/**
 * The core: the life of a task, whatever its kind.
 *
 * Expects an EventStore, a Provider, CallbackUrls and a PostgreSQL pool (PG_POOL) from the application around it.
 */
@Module({
  imports: [CqrsModule.forRoot(), ScheduleModule.forRoot()],
  providers: [
    { provide: CLOCK, useValue: systemClock },
    { provide: ID_SOURCE, useValue: uuidv7 },
    ...SEALING,
    policy,
    KindRegistry,
    ProviderIds,
    ReferenceCheck,
    TaskRepository,
    OwnerEraser,
    TaskReader,
    TaskWaiter,
    TaskHistory,
    TaskCensus,
    OrphanReport,
    ProviderAccount,
    ...SUBMISSIONS,
    ...SAGA,
    ...COMMAND_HANDLERS,
  ],
  exports: [
    TASKS_OPTIONS,
    KeyedDigest,
    KeyRewrap,
    OwnerEraser,
    ErasureList,
    KindRegistry,
    TaskReader,
    TaskWaiter,
    TaskHistory,
    TaskCensus,
    DetectionLag,
    OrphanReport,
    ProviderAccount,
    Alerts,
    Submissions,
    Recovery,
    WaitReason,
    SagaRunner,
    TimerStore,
    WaitingTasks,
    CqrsModule,
  ],
})
export class TasksModule extends ConfigurableModuleClass implements OnModuleInit {
  onModuleInit(): void {
    assertEventsReadable();
  }
}
