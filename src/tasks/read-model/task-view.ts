import { type JsonObject } from '../../shared/json.js';
import { type StoredFile } from '../domain/task.events.js';
import { type Priority, USUAL_PRIORITY } from '../domain/priority.js';
import { isTerminalStatus } from '../domain/task.state.js';
import { type ErrorCode, type TaskRow } from './task-row.js';

/** A task as its owner sees it: the row with its personal parts opened. */
export interface TaskView {
  readonly id: string;
  readonly owner: string;
  readonly domain: string;
  readonly model: string;
  readonly mode: string;
  readonly priority: Priority;
  readonly status: TaskRow['status'];
  readonly overdue: boolean;
  readonly late: boolean;
  readonly progress: number | null;
  /** Null after an erasure, like metadata, URLs and messages. */
  readonly input: JsonObject | null;
  readonly metadata: JsonObject | null;
  readonly provider: { readonly taskId: string | null; readonly status: string | null };
  readonly attempts: number;
  readonly result: {
    readonly files: readonly (Omit<StoredFile, 'url'> & { readonly url: string | null })[];
    readonly credits: number | null;
    /** What the provider answered, as received; null where the result is files, and after an erasure. */
    readonly answers: readonly JsonObject[] | null;
  } | null;
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string | null;
    readonly retryable: boolean;
  } | null;
  /** Only after a cancellation. */
  readonly mayBeCharged: boolean | null;
  readonly createdAt: Date;
  readonly submittedAt: Date | null;
  readonly updatedAt: Date;
  readonly completedAt: Date | null;
  readonly erasedAt: Date | null;
  /** Operational: moves with every look, also without an event; after the end that of the last recorded read. */
  readonly lastCheckedAt: Date | null;
  readonly version: number;
}

/** The opened personal parts of a row; null where there is none or it was erased. */
export interface OpenedParts {
  readonly intent: JsonObject | null;
  readonly outcome: JsonObject | null;
}

export const viewOf = (row: TaskRow, opened: OpenedParts, lastCheckedAt: Date | null): TaskView => ({
  id: row.id,
  owner: row.owner,
  domain: row.domain,
  model: row.model,
  mode: row.facts.mode,
  priority: row.facts.priority ?? USUAL_PRIORITY,
  status: row.status,
  overdue: row.facts.overdue,
  late: row.facts.late,
  progress: row.facts.progress,
  input: (opened.intent?.input as JsonObject | undefined) ?? null,
  metadata: (opened.intent?.metadata as JsonObject | undefined) ?? null,
  provider: { taskId: row.facts.provider_task_id, status: row.facts.provider_status },
  attempts: row.facts.attempts,
  result: row.facts.files && {
    files: row.facts.files.map((file, index) => ({
      url: (opened.outcome?.urls as string[] | undefined)?.[index] ?? null,
      ...file,
    })),
    credits: row.facts.credits,
    answers: (opened.outcome?.answers as JsonObject[] | undefined) ?? null,
  },
  error: row.facts.error && {
    code: row.facts.error,
    message:
      row.erasedAt === null
        ? messageOf(row.facts.error, opened.outcome?.message as string | null | undefined)
        : null,
    retryable: RETRYABLE.has(row.facts.error),
  },
  mayBeCharged: row.facts.may_be_charged,
  createdAt: row.createdAt,
  submittedAt: row.submittedAt,
  updatedAt: row.updatedAt,
  completedAt: row.completedAt,
  erasedAt: row.erasedAt,
  lastCheckedAt: isTerminalStatus(row.status) ? row.lastPolledAt : (lastCheckedAt ?? row.lastPolledAt),
  version: row.version,
});

/** Resuming or resubmitting the same task can still succeed. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'provider_auth',
  'insufficient_credits',
  'model_forbidden',
  'unrecognised_refusal',
  'submission_unconfirmed',
  'provider_failed',
  'result_missing',
  'expired',
]);

/** The provider's own words where there are any, else ours. */
const messageOf = (code: ErrorCode, said: string | null | undefined): string => said ?? OUR_WORDS[code];

const OUR_WORDS: Readonly<Record<ErrorCode, string>> = {
  provider_rejected: 'The provider refused the request.',
  provider_failed: 'The provider reports that the generation failed.',
  result_missing: 'The provider reports that it finished, but its files never appeared.',
  provider_auth: 'The provider refuses our key. The task waits until an operator has acted.',
  insufficient_credits:
    'The provider account has not enough credits. The task waits until an operator has acted.',
  model_forbidden: 'The provider account may not use this model. The task waits until an operator has acted.',
  unrecognised_refusal:
    'Something between us and the provider refused the call. The task waits for an operator.',
  submission_unconfirmed:
    'The call to the provider may or may not have created a task. Nothing is sent again by itself; see the attempts.',
  expired: 'The provider gave no verdict in time. A late one still counts.',
};
