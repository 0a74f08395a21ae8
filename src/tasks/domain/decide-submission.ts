import { type JsonObject } from '../../shared/json.js';
import { type SubmitOutcome } from '../ports.js';
import { conflict, isBoundElsewhere } from './conflicting-outcome.js';
import { type Priority } from './priority.js';
import { IdempotencyKeyReusedError } from './task.errors.js';
import { type FailureCode, type TaskEvent } from './task.events.js';
import { type TaskPolicy } from './task.policy.js';
import {
  attemptOf,
  decides,
  isAlive,
  isWaitedFor,
  isWaitingAfterRestore,
  newestAttempt,
  type Attempt,
  type Task,
} from './task.state.js';

/*
 * Submitting: from the accepted intent to the outcome of an attempt.
 */

export interface Intent {
  readonly domain: string;
  readonly model: string;
  readonly mode: string;
  readonly fingerprint: string;
  readonly idempotencyKey: string | null;
  readonly expectedFiles: number | null;
  readonly mayLackFiles: boolean;
  readonly priority: Priority;
  readonly metadataDigests: readonly string[];
  readonly input: JsonObject;
  readonly metadata: JsonObject | null;
  readonly notifyUrl: string | null;
}

/**
 * Accepts an intent. The same intent again is silence.
 *
 * @throws IdempotencyKeyReusedError when the stream holds another intent
 */
export const decideSubmit = (task: Task | null, intent: Intent): TaskEvent[] => {
  if (task) return repeatedIntent(task, intent.fingerprint);
  return [
    {
      type: 'TaskSubmitted',
      data: {
        domain: intent.domain,
        model: intent.model,
        mode: intent.mode,
        fingerprint: intent.fingerprint,
        idempotency_key: intent.idempotencyKey,
        expected_files: intent.expectedFiles,
        ...(intent.mayLackFiles && { may_lack_files: true }),
        ...(intent.priority !== 'normal' && { priority: intent.priority }),
        metadata_digests: [...intent.metadataDigests],
      },
      personal: { input: intent.input, metadata: intent.metadata, notify_url: intent.notifyUrl },
    },
  ];
};

/** @throws IdempotencyKeyReusedError when the task was made by another request */
export const repeatedIntent = (task: Task, fingerprint: string): [] => {
  if (task.fingerprint !== fingerprint) throw new IdempotencyKeyReusedError(task.id);
  return [];
};

/**
 * Marks that an attempt is about to call. Silence when the task is not waiting in the queue, and silence forbids the
 * call: only the process whose own append wrote `SubmissionStarted` may make it.
 */
export const decideStart = (task: Task, how: { account: string; callback: boolean }): TaskEvent[] => {
  if (task.phase.status !== 'queued') return [];
  const attempt = (newestAttempt(task)?.number ?? 0) + 1;
  return [{ type: 'SubmissionStarted', data: { attempt, account: how.account, callback: how.callback } }];
};

export interface AttemptResult {
  readonly attempt: number;
  readonly account: string;
  readonly outcome: SubmitOutcome;
  /** The id of an accepted outcome is bound to another task already. */
  readonly idInUse: boolean;
  /** 0 to 1, spreads the retries of many tasks. */
  readonly dice: number;
}

/**
 * Records what came of an attempt: in every state of the task, because a fact does not depend on who still waits for it.
 * Silence when the same was recorded before.
 */
export const decideOutcome = (task: Task, result: AttemptResult, policy: TaskPolicy): TaskEvent[] => {
  const attempt = attemptOf(task, result.attempt);
  if (!attempt) return [];
  const { outcome } = result;
  switch (outcome.kind) {
    case 'accepted':
      if (attempt.providerTaskId === outcome.providerTaskId) return [];
      return result.idInUse || isBoundElsewhere(task, attempt, outcome.providerTaskId)
        ? idInUse(attempt, outcome.providerTaskId)
        : accepted(attempt, outcome.providerTaskId, result.account, outcome.note);
    case 'unknown':
      return outcomeUnknown(attempt, outcome.reason, outcome.httpStatus, outcome.message);
    case 'deferred':
    case 'rejected':
    case 'held':
      return attempt.outcome === 'open' || attempt.outcome === 'unknown'
        ? createdNothing(task, attempt, result, policy)
        : refusedAfterAccepted(attempt);
  }
};

const createdNothing = (
  task: Task,
  attempt: Attempt,
  result: AttemptResult,
  policy: TaskPolicy,
): TaskEvent[] => {
  const { outcome } = result;
  // The lost part of the log may hold a later attempt: sending it again by itself would be the risk that nobody has accepted.
  const isOfLostPart = attempt.isPresumed || isWaitingAfterRestore(task);
  if (isOfLostPart && (outcome.kind === 'deferred' || outcome.kind === 'held'))
    return [refused(attempt, outcome.reason, null, outcome.message)];
  switch (outcome.kind) {
    case 'deferred':
      return [deferred(task, result, outcome, policy), ...endWithout(task, attempt)];
    case 'rejected':
      return rejected(task, attempt, outcome.httpStatus, outcome.message);
    case 'held':
      return held(task, attempt, result.account, outcome.reason, outcome.message);
    default:
      return [];
  }
};

/** The process that made the call has been silent for longer than its lease: nobody knows what it sent. */
export const decideLeaseEnd = (task: Task, now: Date, policy: TaskPolicy): TaskEvent[] => {
  const attempt = newestAttempt(task);
  if (attempt?.outcome !== 'open' || now.getTime() - attempt.startedAt.getTime() < policy.leaseMs) return [];
  return outcomeUnknown(attempt, 'lease_ran_out', null, null);
};

const accepted = (
  attempt: Attempt,
  providerTaskId: string,
  account: string,
  note: string | null,
): TaskEvent[] => {
  if (attempt.providerTaskId !== null) return conflict(attempt, 'second_id', providerTaskId);
  return [
    {
      type: 'SubmissionAccepted',
      data: {
        attempt: attempt.number,
        provider_task_id: providerTaskId,
        account,
        learned_from: 'answer',
        note,
      },
    },
  ];
};

const outcomeUnknown = (
  attempt: Attempt,
  reason: string,
  httpStatus: number | null,
  message: string | null,
): TaskEvent[] =>
  attempt.outcome === 'open'
    ? [
        {
          type: 'SubmissionOutcomeUnknown',
          data: { attempt: attempt.number, reason, http_status: httpStatus },
          personal: { message },
        },
      ]
    : [];

/** The id is in the log under its attempt all the same: somebody may have to look for what was paid. */
const idInUse = (attempt: Attempt, providerTaskId: string): TaskEvent[] => [
  ...outcomeUnknown(attempt, 'id_in_use', null, null),
  ...conflict(attempt, 'id_in_use', providerTaskId),
];

const refusedAfterAccepted = (attempt: Attempt): TaskEvent[] =>
  attempt.providerTaskId === null ? [] : conflict(attempt, 'refused_after_accepted', attempt.providerTaskId);

const deferred = (
  task: Task,
  { attempt, dice }: AttemptResult,
  { reason, retryAfterMs }: Extract<SubmitOutcome, { kind: 'deferred' }>,
  policy: TaskPolicy,
): TaskEvent => {
  const wished = Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  const delay = Math.max(wished, backoffMs(task.deferrals, dice, policy));
  return { type: 'SubmissionDeferred', data: { attempt, reason, delay_ms: Math.round(delay) } };
};

/** A provider's `Retry-After` is honoured up to here. */
const MAX_RETRY_AFTER_MS = 900_000;

/** Doubles from the initial delay, spread over ±20 %, never more than the longest. */
export const backoffMs = (
  failures: number,
  dice: number,
  policy: Pick<TaskPolicy, 'submitRetryInitialMs' | 'submitRetryMaxMs'>,
): number => {
  const grown = policy.submitRetryInitialMs * 2 ** Math.min(failures, 30);
  // The spread must survive at the top, else everything deferred for long comes back at once.
  return Math.min(policy.submitRetryMaxMs / 1.2, grown) * (0.8 + 0.4 * dice);
};

const rejected = (task: Task, attempt: Attempt, httpStatus: number, message: string | null): TaskEvent[] =>
  !decides(task, attempt.number) || anotherMayLive(task, attempt)
    ? [refused(attempt, 'provider_rejected', httpStatus, message), ...endWithout(task, attempt)]
    : [failed(attempt, 'provider_rejected', httpStatus, message)];

const held = (
  task: Task,
  attempt: Attempt,
  account: string,
  reason: Extract<SubmitOutcome, { kind: 'held' }>['reason'],
  message: string | null,
): TaskEvent[] =>
  !decides(task, attempt.number)
    ? [refused(attempt, reason, null, message), ...endWithout(task, attempt)]
    : [{ type: 'TaskHeld', data: { attempt: attempt.number, reason, account }, personal: { message } }];

/**
 * The end of a task that waited for an older attempt alone, when that one turns out to have created nothing: what its
 * newest attempt came to is the verdict. After a restore it is not: an attempt may be missing.
 */
const endWithout = (task: Task, attempt: Attempt): TaskEvent[] => {
  const newest = newestAttempt(task);
  if (!newest || newest.number === attempt.number || isWaitingAfterRestore(task)) return [];
  if (!isWaitedFor(task, attempt.number) || anotherMayLive(task, attempt)) return [];
  return [failed(newest, codeOf(newest), null, null)];
};

const codeOf = ({ verdict }: Attempt): FailureCode => {
  if (verdict === 'failed') return 'provider_failed';
  return verdict === 'missing' ? 'result_missing' : 'provider_rejected';
};

const failed = (
  attempt: Attempt,
  code: FailureCode,
  httpStatus: number | null,
  message: string | null,
): TaskEvent => ({
  type: 'TaskFailed',
  data: {
    attempt: attempt.number,
    provider_task_id: attempt.providerTaskId,
    code,
    http_status: httpStatus,
    credits: attempt.credits,
    late: false,
  },
  personal: { message },
});

const refused = (
  attempt: Attempt,
  reason: string,
  httpStatus: number | null,
  message: string | null,
): TaskEvent => ({
  type: 'SubmissionRefused',
  data: { attempt: attempt.number, reason, http_status: httpStatus },
  personal: { message },
});

const anotherMayLive = (task: Task, attempt: Attempt): boolean =>
  task.attempts.some((other) => other.number !== attempt.number && isAlive(other));
