import { type TimingOverrides, type TaskPolicy } from './domain/task.policy.js';

/** What the core needs to know; all times in milliseconds. */
export interface TasksOptions {
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
  /** Beyond it submits are refused. */
  readonly maxOpenTasks: number;
  /** Requests that may wait for the end of a task at once. */
  readonly maxWaiting: number;
  readonly allowForeignProviderIds: boolean;
  /** Between two probes of an account without credits; 0 for none. */
  readonly accountProbeMs: number;
  /** How long to wait for work in flight at shutdown. */
  readonly shutdownMs: number;
  /** Where outcomes that could not be saved at shutdown are kept; null: nowhere. */
  readonly unsavedOutcomesFile: string | null;
}

/** Injection token of the TasksOptions. */
export const TASKS_OPTIONS = Symbol('TasksOptions');
