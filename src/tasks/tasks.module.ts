import {
  ConfigurableModuleBuilder,
  Module,
  type DynamicModule,
  type Provider as NestProvider,
} from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ScheduleModule } from '@nestjs/schedule';
import { CLOCK, systemClock } from '../shared/clock.js';
import { ID_SOURCE, uuidv7 } from '../shared/ids.js';
import { ProviderAccount } from './account/provider-account.js';
import { CancelTaskHandler } from './commands/cancel-task/cancel-task.handler.js';
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
import { TaskHistory } from './queries/task-history.js';
import { TaskWaiter } from './queries/task-waiter.js';
import { TaskReader } from './read-model/task-reader.js';
import { AccountKeeper } from './saga/account-keeper.js';
import { Backlog } from './saga/backlog.js';
import { DueSignal } from './saga/due-signal.js';
import { Looker } from './saga/looker.js';
import { MissingTimers } from './saga/missing-timers.js';
import { Poller } from './saga/poller.js';
import { Recoverer } from './saga/recoverer.js';
import { SagaRunner } from './saga/saga-runner.js';
import { Submitter } from './saga/submitter.js';
import { TimerStore } from './saga/timer-store.js';
import { TouchQueue } from './saga/touch-queue.js';
import { UnsavedOutcomes } from './saga/unsaved-outcomes.js';
import { WaitingTasks } from './saga/waiting-tasks.js';
import { PlainSealer, Sealer } from './stream/sealer.js';
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

const COMMAND_HANDLERS = [
  SubmitTaskHandler,
  CancelTaskHandler,
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

const SAGA = [
  DueSignal,
  TimerStore,
  TouchQueue,
  MissingTimers,
  WaitingTasks,
  UnsavedOutcomes,
  Looker,
  Submitter,
  Recoverer,
  Poller,
  AccountKeeper,
  SagaRunner,
  Backlog,
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
    { provide: Sealer, useClass: PlainSealer },
    policy,
    KindRegistry,
    ReferenceCheck,
    TaskRepository,
    TaskReader,
    TaskWaiter,
    TaskHistory,
    ProviderAccount,
    ...SAGA,
    ...COMMAND_HANDLERS,
  ],
  exports: [
    TASKS_OPTIONS,
    KindRegistry,
    TaskReader,
    TaskWaiter,
    TaskHistory,
    ProviderAccount,
    SagaRunner,
    TimerStore,
    WaitingTasks,
    CqrsModule,
  ],
})
export class TasksModule extends ConfigurableModuleClass {}
