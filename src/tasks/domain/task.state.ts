import { type ProviderStatus } from '../ports.js';
import {
  type CallbackVerdict,
  type FailureCode,
  type FileFacts,
  type HoldReason,
  type TaskEvent,
} from './task.events.js';

/*
 * What is known of a task: the fold of its events. No clock, no random, no I/O, nothing personal.
 *
 *   queued ─► submitting ─► submitted ─► running ─► succeeded | failed
 *     ▲           │  │          └──────────┴──────► expired ─► (late) succeeded | failed
 *     │ deferred  │  └─► unconfirmed ─► submitted (bound by a callback) | expired
 *     ├───────────┘
 *     └─ held ◄── refused by account or model          cancelled: from every open phase
 */

export type TaskStatus =
  | 'queued'
  | 'submitting'
  | 'unconfirmed'
  | 'held'
  | 'submitted'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'expired';

export const TASK_STATUSES: readonly TaskStatus[] = [
  'queued',
  'submitting',
  'unconfirmed',
  'held',
  'submitted',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
];

/** The phase a task is in, with what is only known there. */
export type Phase =
  | {
      readonly status: 'queued';
      /** Not to be sent before `deferral.delayMs` after `deferral.at`; null: at once. */
      readonly deferral: { readonly at: Date; readonly delayMs: number } | null;
    }
  | { readonly status: 'submitting'; readonly attempt: number; readonly startedAt: Date }
  | {
      readonly status: 'unconfirmed';
      readonly attempt: number;
      readonly since: Date;
      readonly reason: string;
    }
  | {
      readonly status: 'held';
      readonly reason: HoldReason;
      readonly account: string;
      readonly since: Date;
      readonly messageIn: string;
    }
  | { readonly status: 'submitted' }
  | { readonly status: 'running' }
  | {
      readonly status: 'succeeded';
      readonly files: readonly FileFacts[];
      readonly late: boolean;
      readonly urlsIn: string;
    }
  | {
      readonly status: 'failed';
      readonly code: FailureCode;
      readonly late: boolean;
      readonly since: Date;
      readonly messageIn: string;
    }
  | { readonly status: 'cancelled'; readonly since: Date; readonly mayBeCharged: boolean }
  | { readonly status: 'expired'; readonly since: Date; readonly because: 'no_verdict' | 'unconfirmed' };

/** What became of an attempt, as far as anybody knows. */
export type AttemptOutcome = 'open' | 'deferred' | 'held' | 'refused' | 'unknown' | 'accepted';

export interface Attempt {
  readonly number: number;
  readonly startedAt: Date;
  readonly account: string;
  readonly callbackExpected: boolean;
  readonly outcome: AttemptOutcome;
  readonly unknownSince: Date | null;
  /** Bound to this attempt; null while unknown. */
  readonly providerTaskId: string | null;
  readonly acceptedAt: Date | null;
  /** What the provider says it cost; null while it has not said. */
  readonly credits: number | null;
  /** Newest recorded read of the provider's task. */
  readonly lastRead: LastRead | null;
  readonly lastFailedReadClass: string | null;
  /** Since when every sign of this attempt has said "failed"; null when the last sign said otherwise. */
  readonly failedSince: Date | null;
  /** Since when it reads "finished" without any file. */
  readonly emptySince: Date | null;
  /** A read that was finished with fewer files than expected; its files lie sealed in that event. */
  readonly shortRead: { readonly eventId: string; readonly files: number; readonly at: Date } | null;
  /** What callbacks said and no read has confirmed yet, one per provider id: look now. */
  readonly hints: readonly CallbackHint[];
  /** Confirmed by the provider for this attempt; `missing`: finished, but its files never came. */
  readonly verdict: 'succeeded' | 'failed' | 'missing' | null;
}

export interface LastRead {
  readonly status: ProviderStatus;
  readonly rawStatus: string;
  readonly progress: number | null;
  readonly files: number;
  readonly credits: number | null;
  readonly at: Date;
}

export interface CallbackHint {
  readonly eventId: string;
  readonly providerTaskId: string;
  readonly status: ProviderStatus;
  readonly receivedAt: Date;
}

export interface Task {
  readonly id: string;
  readonly owner: string;
  readonly correlationId: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly domain: string;
  readonly model: string;
  readonly mode: string;
  readonly fingerprint: string;
  readonly idempotencyKey: string | null;
  readonly expectedFiles: number | null;
  readonly metadataDigests: readonly string[];
  readonly phase: Phase;
  readonly overdue: boolean;
  readonly completedAt: Date | null;
  readonly attempts: readonly Attempt[];
  /** Attempts certainly deferred in a row: how far the backoff has grown. */
  readonly deferrals: number;
  readonly policyResubmitted: boolean;
  readonly callbacks: {
    readonly count: number;
    readonly payloads: number;
    /** Digests of what callbacks have said so far. */
    readonly meanings: readonly string[];
    /** The newest terminal word of a callback that was accepted, not yet disproved by a read. */
    readonly terminalWord: 'finished' | 'failed' | null;
  };
  /** The event whose sealed part holds input, metadata and notify URL. */
  readonly intentIn: string;
}

/** An event with what the log knows of it. */
export interface Occurrence {
  readonly id: string;
  readonly version: number;
  readonly recordedAt: Date;
  readonly event: TaskEvent;
}

/** Who the stream belongs to; the same for all of its events. */
export interface StreamIdentity {
  readonly id: string;
  readonly owner: string;
  /** The request that created it; what happens later on its own account goes on under this id. */
  readonly correlationId: string | null;
}

/** One step of the fold. Total: it accepts every recorded history and never throws for an odd one. */
export const evolve = (task: Task | null, occurrence: Occurrence, stream: StreamIdentity): Task => {
  const { event, recordedAt, version, id } = occurrence;
  if (event.type === 'TaskSubmitted') return submitted(event.data, occurrence, stream);
  if (!task) throw new Error(`Stream ${stream.id} starts with ${event.type}, not with TaskSubmitted.`);
  const next: Task = { ...task, version, updatedAt: recordedAt };
  switch (event.type) {
    case 'SubmissionStarted':
      return {
        ...next,
        attempts: [...task.attempts, startedAttempt(event.data, recordedAt)],
        phase: isTerminal(task)
          ? task.phase
          : { status: 'submitting', attempt: event.data.attempt, startedAt: recordedAt },
      };
    case 'SubmissionDeferred': {
      const changed = withAttempt(next, event.data.attempt, { outcome: 'deferred' });
      const deferral = { at: recordedAt, delayMs: event.data.delay_ms };
      return decides(task, event.data.attempt)
        ? { ...changed, deferrals: task.deferrals + 1, phase: { status: 'queued', deferral } }
        : changed;
    }
    case 'SubmissionAccepted': {
      const changed = withAttempt(next, event.data.attempt, {
        outcome: 'accepted',
        providerTaskId: event.data.provider_task_id,
        acceptedAt: recordedAt,
        hints: attemptOf(task, event.data.attempt)?.hints.filter(
          (hint) => hint.providerTaskId === event.data.provider_task_id,
        ),
      });
      return decides(task, event.data.attempt)
        ? { ...changed, deferrals: 0, phase: { status: 'submitted' } }
        : changed;
    }
    case 'SubmissionOutcomeUnknown': {
      const { attempt, reason } = event.data;
      const changed = withAttempt(next, attempt, { outcome: 'unknown', unknownSince: recordedAt });
      return decides(task, attempt)
        ? { ...changed, phase: { status: 'unconfirmed', attempt, since: recordedAt, reason } }
        : changed;
    }
    case 'SubmissionRefused': {
      const changed = withAttempt(next, event.data.attempt, { outcome: 'refused' });
      return decides(task, event.data.attempt)
        ? { ...changed, phase: phaseOfOlderAttempts(changed) }
        : changed;
    }
    case 'TaskHeld':
      return {
        ...withAttempt(next, event.data.attempt, { outcome: 'held' }),
        phase: {
          status: 'held',
          reason: event.data.reason,
          account: event.data.account,
          since: recordedAt,
          messageIn: id,
        },
      };
    case 'TaskResumed':
      return { ...next, deferrals: 0, phase: { status: 'queued', deferral: null } };
    case 'CallbackReceived':
      return receivedCallback(next, event, id, recordedAt);
    case 'StatusPolled':
      return polled(next, event, id, recordedAt);
    case 'StatusPollFailed':
      return withAttempt(next, event.data.attempt, { lastFailedReadClass: event.data.class });
    case 'TaskSucceeded': {
      const { attempt, credits, files, late } = event.data;
      const changed = withAttempt(next, attempt, {
        verdict: 'succeeded',
        hints: [],
        ...(credits !== null && { credits }),
      });
      return { ...changed, completedAt: recordedAt, phase: { status: 'succeeded', files, late, urlsIn: id } };
    }
    case 'TaskFailed': {
      const { code, late, attempt, provider_task_id } = event.data;
      const changed = withAttempt(
        next,
        attempt,
        provider_task_id === null
          ? { outcome: 'refused', verdict: 'failed' }
          : { verdict: code === 'result_missing' ? 'missing' : 'failed', hints: [] },
      );
      const phase: Phase = { status: 'failed', code, late, since: recordedAt, messageIn: id };
      return { ...changed, completedAt: recordedAt, phase };
    }
    case 'TaskOverdue':
      return { ...next, overdue: true };
    case 'TaskExpired':
      return {
        ...next,
        completedAt: recordedAt,
        phase: { status: 'expired', since: recordedAt, because: event.data.because },
      };
    case 'TaskCancelled':
      return {
        ...next,
        completedAt: recordedAt,
        phase: { status: 'cancelled', since: recordedAt, mayBeCharged: event.data.may_be_charged },
      };
    case 'TaskResubmitted':
      return {
        ...next,
        overdue: false,
        completedAt: null,
        deferrals: 0,
        policyResubmitted: task.policyResubmitted || event.data.by_policy,
        phase: { status: 'queued', deferral: null },
      };
    case 'ConflictingOutcomeObserved':
      return next;
  }
};

const TERMINAL: ReadonlySet<TaskStatus> = new Set(['succeeded', 'failed', 'cancelled', 'expired']);

/** Ended for `wait`, stream, cancel and erase. An expired task may still get a late verdict. */
export const isTerminalStatus = (status: TaskStatus): boolean => TERMINAL.has(status);
export const isTerminal = (task: Task): boolean => TERMINAL.has(task.phase.status);

export const newestAttempt = (task: Task): Attempt | undefined => task.attempts.at(-1);
export const attemptOf = (task: Task, number: number): Attempt | undefined =>
  task.attempts.find((attempt) => attempt.number === number);

/** The attempt created a task at the provider, or may have. */
export const mayHaveBeenCreated = (attempt: Attempt): boolean =>
  attempt.outcome === 'open' || attempt.outcome === 'unknown' || attempt.outcome === 'accepted';

/** The attempt may still turn out a success: created or perhaps created, without a confirmed verdict. */
export const isAlive = (attempt: Attempt): boolean => mayHaveBeenCreated(attempt) && attempt.verdict === null;

/** Nothing more to learn: the provider has confirmed how it ended. Missing files may still come. */
export const isSettled = (attempt: Attempt): boolean =>
  attempt.verdict === 'succeeded' || attempt.verdict === 'failed';

/** Only the newest attempt's outcome changes the status, and never that of a task that has ended. */
export const decides = (task: Task, attempt: number): boolean =>
  !isTerminal(task) && newestAttempt(task)?.number === attempt;

/** Where a task stands when its newest attempt turned out to have created nothing but an older one may live. */
const phaseOfOlderAttempts = (task: Task): Phase => {
  const alive = task.attempts.filter(isAlive);
  const accepted = alive.find((attempt) => attempt.outcome === 'accepted');
  if (accepted) return { status: accepted.lastRead?.status === 'running' ? 'running' : 'submitted' };
  const unknown = alive.find((attempt) => attempt.unknownSince !== null);
  if (unknown) {
    return {
      status: 'unconfirmed',
      attempt: unknown.number,
      since: unknown.unknownSince!,
      reason: 'older_attempt',
    };
  }
  return task.phase;
};

const submitted = (
  data: Extract<TaskEvent, { type: 'TaskSubmitted' }>['data'],
  { id, version, recordedAt }: Occurrence,
  stream: StreamIdentity,
): Task => ({
  id: stream.id,
  owner: stream.owner,
  correlationId: stream.correlationId,
  version,
  createdAt: recordedAt,
  updatedAt: recordedAt,
  domain: data.domain,
  model: data.model,
  mode: data.mode,
  fingerprint: data.fingerprint,
  idempotencyKey: data.idempotency_key,
  expectedFiles: data.expected_files,
  metadataDigests: data.metadata_digests,
  phase: { status: 'queued', deferral: null },
  overdue: false,
  completedAt: null,
  attempts: [],
  deferrals: 0,
  policyResubmitted: false,
  callbacks: { count: 0, payloads: 0, meanings: [], terminalWord: null },
  intentIn: id,
});

const startedAttempt = (
  data: Extract<TaskEvent, { type: 'SubmissionStarted' }>['data'],
  recordedAt: Date,
): Attempt => ({
  number: data.attempt,
  startedAt: recordedAt,
  account: data.account,
  callbackExpected: data.callback,
  outcome: 'open',
  unknownSince: null,
  providerTaskId: null,
  acceptedAt: null,
  credits: null,
  lastRead: null,
  lastFailedReadClass: null,
  failedSince: null,
  emptySince: null,
  shortRead: null,
  hints: [],
  verdict: null,
});

const withAttempt = (task: Task, number: number, change: Partial<Attempt>): Task => ({
  ...task,
  attempts: task.attempts.map((attempt) => (attempt.number === number ? { ...attempt, ...change } : attempt)),
});

/** Verdicts that make a callback worth a look at the provider. */
const WORTH_A_LOOK: ReadonlySet<CallbackVerdict> = new Set(['accepted', 'conflicting']);

const receivedCallback = (
  task: Task,
  event: Extract<TaskEvent, { type: 'CallbackReceived' }>,
  eventId: string,
  recordedAt: Date,
): Task => {
  const { attempt: number, verdict, meaning, status, provider_task_id: providerTaskId } = event.data;
  const { callbacks } = task;
  // A known repeat carries no body; whether one was kept is public knowledge through the verdict alone.
  const keptBody = verdict !== 'duplicate' && callbacks.payloads < MAX_CALLBACK_PAYLOADS;
  const terminal = status === 'finished' || status === 'failed' ? status : null;
  const counted: Task = {
    ...task,
    callbacks: {
      count: callbacks.count + 1,
      payloads: callbacks.payloads + (keptBody ? 1 : 0),
      meanings: meaning && verdict !== 'duplicate' ? [...callbacks.meanings, meaning] : callbacks.meanings,
      terminalWord: verdict === 'accepted' && terminal ? terminal : callbacks.terminalWord,
    },
  };
  const attempt = attemptOf(task, number);
  if (!attempt || isSettled(attempt) || !providerTaskId || !status || !WORTH_A_LOOK.has(verdict))
    return counted;
  // A word that is not final only matters while the attempt's id is unknown.
  if (!terminal && attempt.providerTaskId) return counted;
  const hint: CallbackHint = { eventId, providerTaskId, status, receivedAt: recordedAt };
  return withAttempt(counted, number, {
    hints: [...attempt.hints.filter((other) => other.providerTaskId !== providerTaskId), hint],
    failedSince: status === 'failed' ? (attempt.failedSince ?? recordedAt) : attempt.failedSince,
  });
};

/** At most this many bodies of callbacks are kept per task, and this many callbacks recorded at all. */
export const MAX_CALLBACK_PAYLOADS = 20;
export const MAX_CALLBACKS = 200;

const polled = (
  task: Task,
  event: Extract<TaskEvent, { type: 'StatusPolled' }>,
  eventId: string,
  recordedAt: Date,
): Task => {
  const { data } = event;
  const attempt = attemptOf(task, data.attempt);
  if (!attempt) return task;
  const { status, files } = data;
  const enough = task.expectedFiles === null ? files > 0 : files >= task.expectedFiles;
  const isShort = status === 'finished' && files > 0 && !enough;
  const read: LastRead = {
    status,
    rawStatus: data.raw_status,
    progress: data.progress,
    files,
    credits: data.credits,
    at: recordedAt,
  };
  const fuller = isShort && files > (attempt.shortRead?.files ?? 0);
  const changed = withAttempt(task, data.attempt, {
    lastRead: read,
    credits: data.credits ?? attempt.credits,
    lastFailedReadClass: null,
    failedSince: status === 'failed' ? (attempt.failedSince ?? recordedAt) : null,
    emptySince: status === 'finished' && files === 0 ? (attempt.emptySince ?? recordedAt) : null,
    shortRead: fuller ? { eventId, files, at: attempt.shortRead?.at ?? recordedAt } : attempt.shortRead,
    // The provider has said the same itself: the hint has done its work, what is left is the usual care.
    hints: attempt.hints.filter(
      (hint) => hint.status !== status || hint.providerTaskId !== data.provider_task_id,
    ),
    verdict: data.confirming ? (status === 'finished' ? 'succeeded' : 'failed') : attempt.verdict,
  });
  const disproved =
    (status === 'finished' && task.callbacks.terminalWord === 'failed') ||
    (status === 'failed' && task.callbacks.terminalWord === 'finished');
  return {
    ...changed,
    callbacks: disproved ? { ...task.callbacks, terminalWord: null } : task.callbacks,
    phase: phaseAfterRead(task, data.attempt, status),
  };
};

const phaseAfterRead = (task: Task, attempt: number, status: ProviderStatus): Phase =>
  status === 'running' && task.phase.status === 'submitted' && newestAttempt(task)?.number === attempt
    ? { status: 'running' }
    : task.phase;
