import { type TimingOverrides, type TaskPolicy } from './domain/task.policy.js';
import { type Kind } from './ports.js';
import { type Quotas } from './quotas/quotas.js';

/** What the core needs to know; all times in milliseconds. */
export interface TasksOptions {
  /** Master keys, 32 bytes each as base64, newest first: they wrap the data keys of tasks. At least one. */
  readonly encryptionKeys: readonly string[];
  /** Rules' durations; the times of kinds are added from the registry. */
  readonly policy: Omit<TaskPolicy, 'timingOf'>;
  readonly timing: TimingOverrides;
  /** This process submits and reads (role `worker`). */
  readonly isWorker: boolean;
  /** False: start without submitting. */
  readonly submits: boolean;
  readonly sagaIntervalMs: number;
  /** Calls at once in this process. */
  readonly submitConcurrency: number;
  readonly statusConcurrency: number;
  /** Kinds of the host application, beside those that domain modules register. Default none. */
  readonly kinds?: readonly Kind[];
  /** Beyond it submits are refused. */
  readonly maxOpenTasks: number;
  /** What one owner may use. Default: as much as they like. */
  readonly quotas?: Quotas;
  /** Requests that may wait for the end of a task at once. */
  readonly maxWaiting: number;
  readonly allowForeignProviderIds: boolean;
  /** Between two probes of an account without credits; 0 for none. */
  readonly accountProbeMs: number;
  /** How long to wait for work in flight at shutdown. */
  readonly shutdownMs: number;
  /** Where the ids of erased tasks are listed outside the database; null: nowhere. */
  readonly erasuresFile: string | null;
  /** Where outcomes that could not be saved at shutdown are kept; null: nowhere. */
  readonly unsavedOutcomesFile: string | null;
  /** Folder of the mark that tells a restored log from the one that was left; null: none is kept. Default null. */
  readonly logMarkFolder?: string | null;
}

/** Injection token of the TasksOptions. */
export const TASKS_OPTIONS = Symbol('TasksOptions');
