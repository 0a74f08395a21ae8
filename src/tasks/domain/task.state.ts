import { type ProviderStatus } from '../ports.js';
import { type Priority, USUAL_PRIORITY } from './priority.js';
import {
  type CallbackReceived,
  type ConflictingOutcomeObserved,
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
      /** The first one that was confirmed; others may turn out to have succeeded as well. */
      readonly attempt: number;
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
  /** The log never saw it start. */
  readonly isPresumed: boolean;
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
  /** Since when every read of its id (and the callback before the first) has said "failed"; null after any other word. */
  readonly failedSince: Date | null;
  /** Since when it reads "finished" without any file, or, where the result is words, whatever files it has. */
  readonly emptySince: Date | null;
  /** A read that was finished with fewer files than expected; its files lie sealed in that event. */
  readonly shortRead: { readonly eventId: string; readonly files: number; readonly at: Date } | null;
  /** What callbacks said and no read has confirmed yet, one per provider id: look now. */
  readonly hints: readonly CallbackHint[];
  /** The newest terminal word of an accepted callback, not yet disproved by a read. */
  readonly toldEnd: 'finished' | 'failed' | null;
  /** What contradicted this attempt, so that the same is recorded once. */
  readonly conflicts: readonly Conflict[];
  /** Confirmed by the provider for this attempt; `missing`: finished, but its files never came. */
  readonly verdict: 'succeeded' | 'failed' | 'missing' | null;
}

export interface Conflict {
  readonly kind: ConflictingOutcomeObserved['data']['kind'];
  readonly providerTaskId: string;
  readonly at: Date;
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
  /** Its result may be words, or files nobody can name: finished without a file is no failure. */
  readonly mayLackFiles: boolean;
  readonly priority: Priority;
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
    /** Digests of what callbacks have said so far. */
    readonly meanings: readonly string[];
    /** SHA-256 of the bodies that were kept. */
    readonly bodies: readonly string[];
    /** Signatures that were valid. */
    readonly signatures: readonly string[];
  };
  /** The event whose sealed part holds input, metadata and notify URL. */
  readonly intentIn: string;
  /** Since when nothing sealed of it opens any more. */
  readonly erasedAt: Date | null;
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
export const evolve = (task: Task | null, occurrence: Occurrence, stream: StreamIdentity): Task =>
  laidOutTask(after(task, occurrence, stream));

const after = (task: Task | null, occurrence: Occurrence, stream: StreamIdentity): Task => {
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
      const { attempt, reason, delay_ms: delayMs } = event.data;
      const changed = withAttempt(next, attempt, { outcome: 'deferred', hints: [] });
      // An open breaker is no answer to this task, so it does not lengthen the pauses after answers.
      const deferrals = reason === 'breaker_open' ? task.deferrals : task.deferrals + 1;
      return decides(task, attempt)
        ? { ...changed, deferrals, phase: { status: 'queued', deferral: { at: recordedAt, delayMs } } }
        : changed;
    }
    case 'SubmissionAccepted': {
      const changed = withAttempt(next, event.data.attempt, {
        outcome: 'accepted',
        providerTaskId: event.data.provider_task_id,
        acceptedAt: recordedAt,
        // What named another id is answered, and a word that is not final has done its work with the id.
        hints: attemptOf(task, event.data.attempt)?.hints.filter(
          (hint) => hint.providerTaskId === event.data.provider_task_id && isFinal(hint.status),
        ),
      });
      return decides(task, event.data.attempt) || isWaitedFor(task, event.data.attempt)
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
    case 'SubmissionPresumed':
      return presumedAttempt(next, event.data, recordedAt);
    case 'SubmissionRefused': {
      const changed = withAttempt(next, event.data.attempt, { outcome: 'refused', hints: [] });
      return decides(task, event.data.attempt)
        ? { ...changed, phase: phaseOfOlderAttempts(changed) }
        : changed;
    }
    case 'TaskHeld': {
      const { attempt, reason, account } = event.data;
      const changed = withAttempt(next, attempt, { outcome: 'held', hints: [] });
      return decides(task, attempt)
        ? { ...changed, phase: { status: 'held', reason, account, since: recordedAt, messageIn: id } }
        : changed;
    }
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
      return {
        ...changed,
        completedAt: recordedAt,
        phase: { status: 'succeeded', attempt, files, late, urlsIn: id },
      };
    }
    case 'TaskFailed': {
      const { code, late, attempt, provider_task_id } = event.data;
      const changed = withAttempt(
        next,
        attempt,
        provider_task_id === null
          ? { outcome: 'refused', verdict: 'failed', hints: [] }
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
        completedAt: null,
        deferrals: 0,
        policyResubmitted: task.policyResubmitted || event.data.by_policy,
        phase: { status: 'queued', deferral: null },
      };
    case 'ConflictingOutcomeObserved': {
      const { attempt: number, kind, provider_task_id: providerTaskId } = event.data;
      const attempt = attemptOf(task, number);
      return withAttempt(next, number, {
        conflicts: [...(attempt?.conflicts ?? []), { kind, providerTaskId, at: recordedAt }],
        // An id that belongs elsewhere is not looked at again for this attempt.
        hints: attempt?.hints.filter(
          (hint) => kind !== 'id_in_use' || hint.providerTaskId !== providerTaskId,
        ),
      });
    }
    case 'TaskErased':
      return { ...next, erasedAt: recordedAt };
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

/** Attempts whose provider id is known and whose end is not: the ones to read. */
export const readable = (task: Task): readonly Attempt[] =>
  task.attempts.filter((attempt) => attempt.providerTaskId !== null && !isSettled(attempt));

/** A callback can still teach something: about a known id, or the id itself when the call's outcome is unknown. */
export const isAwaitingConfirmation = (attempt: Attempt): boolean =>
  attempt.hints.length > 0 &&
  !isSettled(attempt) &&
  (attempt.providerTaskId !== null || attempt.outcome === 'unknown');

/** A failed task whose provider said "finished" without files: they may still come. */
export const isOpenToLateSuccess = (task: Task): boolean =>
  task.phase.status === 'expired' ||
  (task.phase.status === 'failed' && task.attempts.some((attempt) => attempt.verdict === 'missing'));

/** The result is words, which are told beside the files: no file shows that it is complete. */
export const isInWords = ({ expectedFiles }: Task): boolean => expectedFiles === 0;

export const hasConflict = (attempt: Attempt, kind: Conflict['kind'], providerTaskId: string): boolean =>
  attempt.conflicts.some((known) => known.kind === kind && known.providerTaskId === providerTaskId);

/** Only the newest attempt's outcome changes the status, and never that of a task that has ended. */
export const decides = (task: Task, attempt: number): boolean =>
  !isTerminal(task) && newestAttempt(task)?.number === attempt;

/** The task is unconfirmed because of this attempt, which is the newest or the last one that may live. */
export const isWaitedFor = ({ phase }: Task, attempt: number): boolean =>
  phase.status === 'unconfirmed' && phase.attempt === attempt;

/**
 * The task is unconfirmed because the log was restored. That an attempt created nothing does not end this wait: the lost
 * part of the log may hold a later one.
 */
export const isWaitingAfterRestore = ({ phase }: Task): boolean =>
  phase.status === 'unconfirmed' && phase.reason === LOG_RESTORED;

/** Where a task stands when its newest attempt is over, but an older one may live. */
const phaseOfOlderAttempts = (task: Task): Phase => {
  const alive = task.attempts.filter(isAlive);
  const accepted = alive.findLast((attempt) => attempt.outcome === 'accepted');
  if (accepted) return { status: accepted.lastRead?.status === 'running' ? 'running' : 'submitted' };
  const unknown = alive.findLast((attempt) => attempt.unknownSince !== null);
  if (unknown) {
    return {
      status: 'unconfirmed',
      attempt: unknown.number,
      since: unknown.unknownSince!,
      reason: isWaitingAfterRestore(task) ? LOG_RESTORED : 'older_attempt',
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
  mayLackFiles: data.may_lack_files ?? false,
  priority: data.priority ?? USUAL_PRIORITY,
  metadataDigests: data.metadata_digests,
  phase: { status: 'queued', deferral: null },
  overdue: false,
  completedAt: null,
  attempts: [],
  deferrals: 0,
  policyResubmitted: false,
  callbacks: { count: 0, meanings: [], bodies: [], signatures: [] },
  intentIn: id,
  erasedAt: null,
});

const startedAttempt = (
  data: Extract<TaskEvent, { type: 'SubmissionStarted' }>['data'],
  recordedAt: Date,
): Attempt => ({
  number: data.attempt,
  startedAt: recordedAt,
  account: data.account,
  callbackExpected: data.callback,
  isPresumed: false,
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
  toldEnd: null,
  conflicts: [],
  verdict: null,
});

/**
 * An attempt that the log does not know takes its place by number. What waited to be sent is not sent any more; what has
 * an id, or has ended, stays as it is.
 */
const presumedAttempt = (
  task: Task,
  data: Extract<TaskEvent, { type: 'SubmissionPresumed' }>['data'],
  recordedAt: Date,
): Task => {
  const { attempt: number, account } = data;
  if (attemptOf(task, number)) return task;
  const attempt = laidOutAttempt({
    ...startedAttempt({ attempt: number, account, callback: data.because === 'callback' }, recordedAt),
    isPresumed: true,
    outcome: 'unknown',
    unknownSince: recordedAt,
  });
  const attempts = [...task.attempts, attempt].sort((a, b) => a.number - b.number);
  const waits = attempts.at(-1) === attempt && WAITING.has(task.phase.status);
  const phase: Phase = { status: 'unconfirmed', attempt: number, since: recordedAt, reason: LOG_RESTORED };
  return { ...task, attempts, phase: waits ? phase : task.phase };
};

const WAITING: ReadonlySet<TaskStatus> = new Set(['queued', 'submitting', 'held', 'unconfirmed']);

/** Why an outcome is unknown when the log was restored: no policy sends such a task again. */
export const LOG_RESTORED = 'log_restored';

const withAttempt = (task: Task, number: number, change: Partial<Attempt>): Task => ({
  ...task,
  attempts: task.attempts.map((attempt) =>
    attempt.number === number ? laidOutAttempt({ ...attempt, ...change }) : attempt,
  ),
});

const receivedCallback = (
  task: Task,
  { data }: CallbackReceived,
  eventId: string,
  recordedAt: Date,
): Task => {
  const { callbacks } = task;
  const { attempt: number, verdict, meaning, status, provider_task_id: providerTaskId } = data;
  const isNewMeaning = meaning !== null && !callbacks.meanings.includes(meaning);
  const counted: Task = {
    ...task,
    callbacks: {
      count: callbacks.count + 1,
      meanings: isNewMeaning ? [...callbacks.meanings, meaning] : callbacks.meanings,
      bodies: keepsBody(task, data) ? [...callbacks.bodies, data.body_sha256] : callbacks.bodies,
      signatures:
        data.signature === 'valid'
          ? [...callbacks.signatures, signatureIn(data.headers)]
          : callbacks.signatures,
    },
  };
  const attempt = attemptOf(task, number);
  if (!attempt || !status || !providerTaskId || !isHint(data, attempt)) return counted;
  const hint: CallbackHint = { eventId, providerTaskId, status, receivedAt: recordedAt };
  return withAttempt(counted, number, {
    hints: withHint(attempt.hints, hint),
    toldEnd: verdict === 'accepted' && isFinal(status) ? status : attempt.toldEnd,
  });
};

/**
 * Whether a callback's bytes are stored: not those of a repeat, not the same bytes again, and no more than the limit.
 * Decided by what stays public, so that the fold counts the same for ever.
 */
export const keepsBody = (
  { callbacks }: Task,
  { meaning, body_sha256 }: Pick<CallbackReceived['data'], 'meaning' | 'body_sha256'>,
): boolean =>
  callbacks.bodies.length < MAX_CALLBACK_PAYLOADS &&
  !callbacks.bodies.includes(body_sha256) &&
  (meaning === null || !callbacks.meanings.includes(meaning));

/** As it was recorded. */
export const signatureIn = (headers: Readonly<Record<string, string>>): string =>
  headers['x-webhook-signature'] ?? '';

/** At most this many bodies of callbacks are kept per task, and this many callbacks recorded at all. */
export const MAX_CALLBACK_PAYLOADS = 20;
export const MAX_CALLBACKS = 200;

/**
 * A callback is worth a look at the provider while its attempt's end is unknown, also when the task itself has ended
 * (what an attempt cost is still to be learned). A word that is not final only matters while the id is unknown.
 */
const isHint = (
  { verdict, provider_task_id: providerTaskId, status }: CallbackReceived['data'],
  attempt: Attempt,
): boolean => {
  const isUseful = verdict === 'accepted' || verdict === 'conflicting' || verdict === 'superseded';
  if (!isUseful || !status || !providerTaskId || isSettled(attempt)) return false;
  if (hasConflict(attempt, 'id_in_use', providerTaskId)) return false;
  if (attempt.providerTaskId !== null) return isFinal(status);
  return attempt.outcome === 'open' || attempt.outcome === 'unknown';
};

/** One hint per provider id: the newest, but a late "running" does not displace an end. */
const withHint = (hints: readonly CallbackHint[], hint: CallbackHint): readonly CallbackHint[] => {
  const known = hints.find((other) => other.providerTaskId === hint.providerTaskId);
  return known && isFinal(known.status) && !isFinal(hint.status)
    ? hints
    : [...hints.filter((other) => other !== known), hint];
};

export const isFinal = (status: ProviderStatus): status is 'finished' | 'failed' =>
  status === 'finished' || status === 'failed';

const polled = (
  task: Task,
  event: Extract<TaskEvent, { type: 'StatusPolled' }>,
  eventId: string,
  recordedAt: Date,
): Task => {
  const { data } = event;
  const attempt = attemptOf(task, data.attempt);
  if (!attempt) return task;
  const { status, file_count: files } = data;
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
  const isDisproved = isFinal(status) && attempt.toldEnd !== null && attempt.toldEnd !== status;
  const changed = withAttempt(task, data.attempt, {
    lastRead: read,
    credits: data.credits ?? attempt.credits,
    lastFailedReadClass: null,
    failedSince: status === 'failed' ? (failingSince(attempt, data.provider_task_id) ?? recordedAt) : null,
    emptySince:
      status === 'finished' && (files === 0 || isInWords(task)) ? (attempt.emptySince ?? recordedAt) : null,
    shortRead: fuller ? { eventId, files, at: attempt.shortRead?.at ?? recordedAt } : attempt.shortRead,
    // The provider has said the same itself: the hint has done its work, what is left is the usual care.
    hints: attempt.hints.filter(
      (hint) => hint.status !== status || hint.providerTaskId !== data.provider_task_id,
    ),
    toldEnd: isDisproved ? null : attempt.toldEnd,
    verdict: data.confirming ? (status === 'finished' ? 'succeeded' : 'failed') : attempt.verdict,
  });
  return { ...changed, phase: phaseAfterRead(changed, data) };
};

/** The first sign of an unbroken row of "failed": a read, or the callback before it. */
export const failingSince = (attempt: Attempt, providerTaskId: string): Date | null =>
  attempt.failedSince ??
  attempt.hints.find((hint) => hint.status === 'failed' && hint.providerTaskId === providerTaskId)
    ?.receivedAt ??
  null;

const phaseAfterRead = (
  task: Task,
  { attempt, status, confirming }: Extract<TaskEvent, { type: 'StatusPolled' }>['data'],
): Phase => {
  const { phase } = task;
  if (phase.status !== 'submitted' && phase.status !== 'running') return phase;
  if (confirming && status === 'failed') return phaseOfOlderAttempts(task);
  const isNewestId = readable(task).at(-1)?.number === attempt;
  return status === 'running' && isNewestId ? { status: 'running' } : phase;
};

/*
 * Copies of states, written out field by field, so that all of them have one layout in memory.
 *
 * V8 gives each spread copy (`{ ...task, version }`) a new layout for every place that copies and every layout that is
 * copied there. Copies of copies are soon of more layouts than it keeps track of, and from then on each field is found and
 * put by name. Folding took three times as long.
 */

const laidOutTask = (task: Task): Task => ({
  id: task.id,
  owner: task.owner,
  correlationId: task.correlationId,
  version: task.version,
  createdAt: task.createdAt,
  updatedAt: task.updatedAt,
  domain: task.domain,
  model: task.model,
  mode: task.mode,
  fingerprint: task.fingerprint,
  idempotencyKey: task.idempotencyKey,
  priority: task.priority,
  expectedFiles: task.expectedFiles,
  mayLackFiles: task.mayLackFiles,
  metadataDigests: task.metadataDigests,
  phase: task.phase,
  overdue: task.overdue,
  completedAt: task.completedAt,
  attempts: task.attempts,
  deferrals: task.deferrals,
  policyResubmitted: task.policyResubmitted,
  callbacks: task.callbacks,
  intentIn: task.intentIn,
  erasedAt: task.erasedAt,
});

const laidOutAttempt = (attempt: Attempt): Attempt => ({
  number: attempt.number,
  startedAt: attempt.startedAt,
  account: attempt.account,
  callbackExpected: attempt.callbackExpected,
  isPresumed: attempt.isPresumed,
  outcome: attempt.outcome,
  unknownSince: attempt.unknownSince,
  providerTaskId: attempt.providerTaskId,
  acceptedAt: attempt.acceptedAt,
  credits: attempt.credits,
  lastRead: attempt.lastRead,
  lastFailedReadClass: attempt.lastFailedReadClass,
  failedSince: attempt.failedSince,
  emptySince: attempt.emptySince,
  shortRead: attempt.shortRead,
  hints: attempt.hints,
  toldEnd: attempt.toldEnd,
  conflicts: attempt.conflicts,
  verdict: attempt.verdict,
});
