// Bring kinds and a provider.
export * from './ports.js';
export { KindRegistry, KindRegistrationError } from './kinds/kind-registry.js';
export {
  InvalidRequestError,
  UnknownModelError,
  WrongDomainError,
  type NearModel,
} from './kinds/kind.errors.js';
export { CallbackUrls, NoCallbackUrls } from './saga/callback-urls.js';

// Set up.
export { TasksModule } from './tasks.module.js';
export { TASKS_OPTIONS, type TasksOptions } from './tasks.options.js';
export { ErasureList } from './sealing/erasure-list.js';
export { KeyedDigest } from './sealing/keyed-digest.js';
export { KeyRewrap, type RewrapProgress } from './sealing/key-rewrap.js';
export { Sealer, type SealedPart } from './sealing/sealer.js';

// Ask for things.
export {
  SubmitTask,
  type SubmittedTask,
  type TaskRequest,
} from './commands/submit-task/submit-task.command.js';
export { OwnerEraser, type OwnerErasure } from './commands/erase-task/owner-erasure.js';
export { EraseTask } from './commands/erase-task/erase-task.command.js';
export { CancelTask } from './commands/cancel-task/cancel-task.command.js';
export { ResumeTask } from './commands/resume-task/resume-task.command.js';
export { ResubmitTask } from './commands/resubmit-task/resubmit-task.command.js';
export { ResumeAccount } from './commands/resume-account/resume-account.command.js';
export {
  ReceiveCallback,
  type RecordedCallback,
} from './commands/receive-callback/receive-callback.command.js';
export { type Cause } from './stream/task-repository.js';

// Read.
export { taskProjection } from './read-model/task-projection.js';
export { taskArchiveGuard } from './archive/task-archive-guard.js';
export { TaskReader, type TaskFilter, type TaskPage } from './read-model/task-reader.js';
export { type TaskView } from './read-model/task-view.js';
export { metadataDigest } from './commands/submit-task/fingerprint.js';
export { idOfIdempotencyKey } from './commands/submit-task/task-id.js';
export { TaskWaiter, TooManyWaitingError } from './queries/task-waiter.js';
export {
  TaskHistory,
  type OpenedEvent,
  type RecordedCallbackView,
  type Replay,
  type ReplayPoint,
} from './queries/task-history.js';
export { TaskCensus, type DueWork } from './queries/task-census.js';
export { PRIORITIES, USUAL_PRIORITY, type Priority } from './domain/priority.js';
export { isTerminalStatus, TASK_STATUSES, type TaskStatus } from './domain/task.state.js';
export { type CallbackSignature, type TaskEvent, type TaskEventType } from './domain/task.events.js';

// Operate.
export { Alerts, ALERTS, type Alert } from './alerts/alerts.js';
export { OrphanReport, type ReportedOrphan } from './queries/orphan-report.js';
export { Recovery, type Recovered } from './submissions/recovery.js';
export { Submissions } from './submissions/submissions.js';
export {
  decidePauseSubmissions,
  decideResumeSubmissions,
  type SubmissionsState,
} from './submissions/submissions.state.js';
export { WaitReason, type Waiting } from './submissions/wait-reason.js';
export { ProviderAccount } from './account/provider-account.js';
export { type AccountState, type Pause } from './account/account.state.js';
export { DetectionLag, type Detection } from './saga/detection-lag.js';
export { SagaRunner } from './saga/saga-runner.js';
export { WaitingTasks } from './saga/waiting-tasks.js';
export { TimerStore } from './saga/timer-store.js';

// Errors.
export {
  IdempotencyKeyReusedError,
  TaskNotFoundError,
  TaskStatusConflictError,
} from './domain/task.errors.js';
export { BacklogFullError } from './saga/backlog.js';
export { ProviderUnreadableError } from './commands/resubmit-task/resubmit-task.handler.js';
