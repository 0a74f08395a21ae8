import { type FaultScope } from '../faults/fault-switches.js';
import { type Due } from './due-queue.js';
import { type Domain, type ResultKind } from './model-profile.js';

export type Verdict = 'finished' | 'failed';
export type TaskState = 'not_started' | 'running' | Verdict;

export const isVerdict = (state: TaskState): state is Verdict => state === 'finished' || state === 'failed';

/** What goes wrong with one task, decided when it is created. */
export interface TaskFate {
  /** Null when the task will succeed. */
  readonly failure: string | null;
  /** So many reads of the success carry no files. */
  lateFileReads: number;
  /** After so many reads of the verdict the status says `flipTo`; null: never. */
  flipAfterReads: number | null;
  readonly flipToRunning: boolean;
}

/** A task as the provider knows it. Times are Unix milliseconds of the simulator's clock. */
export interface SimulatedTask {
  readonly id: string;
  readonly model: string;
  readonly domain: Domain;
  readonly input: Readonly<Record<string, unknown>>;
  /** Beginning of the submit body, for finding the task by a marker in its prompt. */
  readonly text: string;
  readonly callbackUrl: string | null;
  readonly results: readonly ResultKind[];
  /** What a success costs. */
  readonly price: number;
  readonly faults: FaultScope;
  readonly fate: TaskFate;
  readonly createdAt: number;
  readonly startsAt: number;
  /** When its time is up; Infinity: only by `finish` or `fail`. */
  readonly endsAt: number;
  verdict: Verdict | null;
  message: string | null;
  /** Set by hand: an open task is running, and this far. */
  progress: number | null;
  endedAt: number | null;
  charged: boolean;
  /** Set by hand: files are gone whatever their age. */
  filesExpired: boolean;
  ending: Due | null;
  /** Status and detail reads that named this task. */
  reads: number;
  verdictReads: number;
}

/** A task as one answer shows it. */
export interface TaskView {
  readonly state: TaskState;
  readonly progress: number;
  readonly withFiles: boolean;
  readonly message: string | null;
}

const FLIPPED_MESSAGE = 'The service is busy, please try again later';

/** The task as it truly is, whatever its fate makes of the answers. */
export const truthOf = (task: SimulatedTask, now: number): TaskView => {
  if (task.verdict) return viewOfVerdict(task.verdict, task.message);
  if (task.progress !== null) return running(task.progress);
  if (now < task.startsAt) return { state: 'not_started', progress: 0, withFiles: false, message: null };
  const share = (now - task.startsAt) / (task.endsAt - task.startsAt);
  return running(Math.min(99, Math.floor(100 * share)));
};

/** The task as the next status read shows it: counts the read against late files and flips. */
export const readTask = (task: SimulatedTask, now: number): TaskView => {
  task.reads += 1;
  const truth = truthOf(task, now);
  if (!isVerdict(truth.state)) return truth;
  const { fate } = task;
  task.verdictReads += 1;
  if (fate.flipAfterReads !== null && task.verdictReads > fate.flipAfterReads) {
    if (fate.flipToRunning) return running(99);
    return truth.state === 'finished'
      ? viewOfVerdict('failed', FLIPPED_MESSAGE)
      : viewOfVerdict('finished', null);
  }
  if (truth.state === 'finished' && fate.lateFileReads > 0) {
    fate.lateFileReads -= 1;
    return { ...truth, withFiles: false };
  }
  return truth;
};

export const running = (progress: number): TaskView => ({
  state: 'running',
  progress,
  withFiles: false,
  message: null,
});

export const viewOfVerdict = (verdict: Verdict, message: string | null): TaskView =>
  verdict === 'finished'
    ? { state: 'finished', progress: 100, withFiles: true, message: null }
    : { state: 'failed', progress: 100, withFiles: false, message: message ?? FLIPPED_MESSAGE };
