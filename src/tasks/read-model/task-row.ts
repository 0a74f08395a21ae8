import { type FailureCode, type FileFacts, type HoldReason } from '../domain/task.events.js';
import { orphansOf, type OrphanReason } from '../domain/orphans.js';
import { type Priority, USUAL_PRIORITY } from '../domain/priority.js';
import {
  attemptOf,
  isTerminal,
  newestAttempt,
  type Attempt,
  type Task,
  type TaskStatus,
} from '../domain/task.state.js';

/** A sealed part that a row carries: bytes, and the event they were sealed with. */
export interface RowPart {
  readonly eventId: string;
  readonly sealed: Buffer;
}

/** What is public about a task and no query asks for. */
export interface TaskFacts {
  readonly mode: string;
  /** Left out for `normal`. */
  readonly priority?: Priority;
  readonly overdue: boolean;
  readonly late: boolean;
  readonly progress: number | null;
  readonly account: string | null;
  readonly provider_task_id: string | null;
  readonly provider_status: string | null;
  readonly attempts: number;
  readonly credits: number | null;
  readonly files: readonly FileFacts[] | null;
  readonly error: ErrorCode | null;
  readonly may_be_charged: boolean | null;
  /** Provider tasks that were paid, or may have been, and delivered to nobody: why, one word each. Left out for none. */
  readonly orphans?: readonly OrphanReason[];
}

export type ErrorCode = FailureCode | HoldReason | 'submission_unconfirmed' | 'expired';

/** The row of a task: a pure function of its state. Sealed parts are named by the event that carries them. */
export interface TaskRow {
  readonly id: string;
  readonly owner: string;
  readonly domain: string;
  readonly model: string;
  readonly status: TaskStatus;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly submittedAt: Date | null;
  readonly completedAt: Date | null;
  readonly lastPolledAt: Date | null;
  readonly heldSince: Date | null;
  readonly erasedAt: Date | null;
  readonly idempotencyKey: string | null;
  readonly metadataDigests: readonly string[];
  readonly facts: TaskFacts;
  /** The event whose sealed part holds input and metadata; the row keeps no copy of it after an erasure. */
  readonly intentEvent: string;
  /** The event whose sealed part holds result URLs or the provider's message; null for none. */
  readonly outcomeEvent: string | null;
}

export const rowOf = (task: Task): TaskRow => {
  const shown = shownAttempt(task);
  const orphans = orphansOf(task).map(({ reason }) => reason);
  const { phase } = task;
  return {
    id: task.id,
    owner: task.owner,
    domain: task.domain,
    model: task.model,
    status: phase.status,
    version: task.version,
    createdAt: task.createdAt,
    updatedAt: task.updatedAt,
    submittedAt: newestOf(task.attempts.map((attempt) => attempt.acceptedAt)),
    completedAt: task.completedAt,
    lastPolledAt: newestOf(task.attempts.map((attempt) => attempt.lastRead?.at ?? null)),
    heldSince: phase.status === 'held' ? phase.since : null,
    erasedAt: task.erasedAt,
    idempotencyKey: task.idempotencyKey,
    metadataDigests: task.erasedAt ? [] : task.metadataDigests,
    facts: {
      mode: task.mode,
      ...(task.priority !== USUAL_PRIORITY && { priority: task.priority }),
      overdue: task.overdue && !isTerminal(task),
      late: (phase.status === 'succeeded' || phase.status === 'failed') && phase.late,
      progress: phase.status === 'succeeded' ? 100 : (shown?.lastRead?.progress ?? null),
      account: phase.status === 'held' ? phase.account : (shown?.account ?? null),
      provider_task_id: shown?.providerTaskId ?? null,
      provider_status: shown ? providerWord(shown) : null,
      attempts: task.attempts.length,
      credits: shown?.credits ?? null,
      files: phase.status === 'succeeded' ? phase.files : null,
      error: errorOf(task),
      may_be_charged: phase.status === 'cancelled' ? phase.mayBeCharged : null,
      ...(orphans.length > 0 && { orphans }),
    },
    intentEvent: task.intentIn,
    outcomeEvent: task.erasedAt ? null : outcomeEventOf(task),
  };
};

/** The attempt a reader wants to see: the one that succeeded, else the newest with an id, else the newest. */
const shownAttempt = (task: Task): Attempt | undefined =>
  (task.phase.status === 'succeeded' ? attemptOf(task, task.phase.attempt) : undefined) ??
  task.attempts.findLast((attempt) => attempt.providerTaskId !== null) ??
  newestAttempt(task);

/** The provider's word as it was read last, or the one behind a verdict that was taken from a callback. */
const providerWord = ({ providerTaskId, lastRead, verdict }: Attempt): string | null => {
  const end =
    providerTaskId === null || verdict === null ? null : verdict === 'failed' ? 'failed' : 'finished';
  return lastRead && (end === null || lastRead.status === end) ? lastRead.rawStatus : end;
};

const errorOf = ({ phase }: Task): ErrorCode | null => {
  switch (phase.status) {
    case 'held':
      return phase.reason;
    case 'unconfirmed':
      return 'submission_unconfirmed';
    case 'failed':
      return phase.code;
    case 'expired':
      return 'expired';
    default:
      return null;
  }
};

const outcomeEventOf = ({ phase }: Task): string | null => {
  switch (phase.status) {
    case 'succeeded':
      return phase.urlsIn;
    case 'failed':
    case 'held':
      return phase.messageIn;
    default:
      return null;
  }
};

const newestOf = (instants: readonly (Date | null)[]): Date | null =>
  instants.reduce((newest, instant) => (instant && (!newest || instant > newest) ? instant : newest), null);
