import { type JsonObject } from '../../shared/json.js';
import { type ProviderStatus } from '../ports.js';
import { type Priority } from './priority.js';

/*
 * The life of a task in facts, in the order in which they usually happen. The names are stored for ever.
 *
 * `data` stays readable for ever; `personal` is sealed when it is stored and gone after an erasure, so no rule may
 * depend on it. Field names are the stored ones.
 */

interface Fact<Type extends string, Data, Personal = undefined> {
  readonly type: Type;
  readonly data: Data;
  readonly personal?: Personal;
}

/** The intent, as accepted: from here on nothing is lost. */
export type TaskSubmitted = Fact<
  'TaskSubmitted',
  {
    domain: string;
    model: string;
    mode: string;
    /** Keyed digest of the canonical request as received, domain included; SHA-256 of it in events from before encryption. */
    fingerprint: string;
    idempotency_key: string | null;
    /** How many result files a complete answer has; 0 when it is in words, null when nobody knows. */
    expected_files: number | null;
    /** Finished without any file is no failure; left out where it is one. */
    may_lack_files?: true;
    /** When it is sent, among the queued tasks of its owner; left out for `normal`. */
    priority?: Exclude<Priority, 'normal'>;
    /** Keyed digest of each metadata pair, so that tasks can be found by metadata without reading it. */
    metadata_digests: string[];
  },
  { input: JsonObject; metadata: JsonObject | null; notify_url: string | null }
>;

/** An attempt is about to call the provider. Only the process whose own append wrote this may call. */
export type SubmissionStarted = Fact<
  'SubmissionStarted',
  {
    attempt: number;
    /** Which provider account pays. */
    account: string;
    /** A callback URL goes with this attempt. */
    callback: boolean;
  }
>;

/** The attempt certainly created nothing and will be made again after the delay (counted from this event). */
export type SubmissionDeferred = Fact<
  'SubmissionDeferred',
  { attempt: number; reason: string; delay_ms: number }
>;

/** The provider's id of an attempt is known: from its answer, or from a confirmed callback on the attempt's URL. */
export type SubmissionAccepted = Fact<
  'SubmissionAccepted',
  {
    attempt: number;
    provider_task_id: string;
    account: string;
    learned_from: 'answer' | 'callback';
    /** Something odd about the answer, in our words. */
    note: string | null;
  }
>;

/** The attempt may or may not have created a paid task. */
export type SubmissionOutcomeUnknown = Fact<
  'SubmissionOutcomeUnknown',
  { attempt: number; reason: string; http_status: number | null },
  { message: string | null }
>;

/**
 * An attempt was made, or may have been, that the log does not know: the log was restored to a moment before it. Counts
 * as an attempt whose outcome is unknown. Nothing is sent because of it.
 */
export type SubmissionPresumed = Fact<
  'SubmissionPresumed',
  {
    attempt: number;
    /** Which provider account would have paid. */
    account: string;
    /**
     * `recovery`: an operator says that the newest part of the log is lost. `callback`, `answer`: something came about
     * that very attempt, so it was made.
     */
    because: 'recovery' | 'callback' | 'answer';
  }
>;

/** The attempt certainly created nothing, and the status of the task is decided elsewhere (another attempt lives, or the task was cancelled). */
export type SubmissionRefused = Fact<
  'SubmissionRefused',
  { attempt: number; reason: string; http_status: number | null },
  { message: string | null }
>;

/** The account or the model refuses: somebody must act, the attempt created nothing. */
export type TaskHeld = Fact<
  'TaskHeld',
  { attempt: number; reason: HoldReason; account: string },
  { message: string | null }
>;
export type HoldReason =
  'provider_auth' | 'insufficient_credits' | 'model_forbidden' | 'unrecognised_refusal';

/** A held task goes back to the queue. */
export type TaskResumed = Fact<'TaskResumed', { because: 'operator' | 'account_resumed' | 'probe' }>;

/** Something with a valid token arrived on an attempt's callback URL. */
export type CallbackReceived = Fact<
  'CallbackReceived',
  {
    attempt: number;
    verdict: CallbackVerdict;
    provider_task_id: string | null;
    status: ProviderStatus | null;
    raw_status: string | null;
    /** SHA-256 of the raw body. */
    body_sha256: string;
    body_bytes: number;
    /** Digest of what it says: provider id, status, files; null when malformed. */
    meaning: string | null;
    headers: Record<string, string>;
    /** Only when signatures are checked. */
    signature?: CallbackSignature;
  },
  /** Raw bytes as base64; null for a repeat and beyond the limit of payloads. */
  { body_base64: string | null }
>;
export type CallbackVerdict =
  'accepted' | 'duplicate' | 'superseded' | 'conflicting' | 'mismatched' | 'malformed';

/**
 * What the signature headers of a callback are worth. `repeated`: valid, and seen on this task before, as a retry within
 * the same second or a captured pair would be.
 */
export type CallbackSignature = 'valid' | 'repeated' | 'stale' | 'invalid' | 'absent';

/** A status read that added knowledge: the first, a changed, or a confirming one. */
export type StatusPolled = Fact<
  'StatusPolled',
  {
    attempt: number;
    provider_task_id: string;
    status: ProviderStatus;
    raw_status: string;
    progress: number | null;
    file_count: number;
    credits: number | null;
    /** Which answers were read: `status`, or `status+detail`. */
    source: string;
    /** This read settles how the attempt ended, whatever becomes of the task. */
    confirming: boolean;
  },
  /** What the provider said in words, and the files of an answer that is not applied yet. */
  { message: string | null; files: StoredFile[] | null; answers?: JsonObject[] }
>;

/** A status read that told nothing, recorded when its class is the first or another than before. */
export type StatusPollFailed = Fact<
  'StatusPollFailed',
  { attempt: number; provider_task_id: string; class: string; http_status: number | null }
>;

/** Confirmed by the provider; the result files are here. */
export type TaskSucceeded = Fact<
  'TaskSucceeded',
  {
    attempt: number;
    provider_task_id: string;
    credits: number | null;
    late: boolean;
    files: FileFacts[];
    /** Files a complete answer has; 0 when it is in words, null when nobody knows. */
    expected_files: number | null;
  },
  /** `answers`: what was read, as received; only where a result may lack files. */
  { urls: string[]; answers?: JsonObject[] }
>;

/** The provider refused or failed it. */
export type TaskFailed = Fact<
  'TaskFailed',
  {
    attempt: number;
    provider_task_id: string | null;
    code: FailureCode;
    http_status: number | null;
    credits: number | null;
    late: boolean;
  },
  { message: string | null }
>;
export type FailureCode = 'provider_rejected' | 'provider_failed' | 'result_missing';

/** The promised time has passed; polling goes on. */
export type TaskOverdue = Fact<'TaskOverdue', { after_ms: number }>;

/** No verdict within the window; active polling ends. */
export type TaskExpired = Fact<'TaskExpired', { because: 'no_verdict' | 'unconfirmed' }>;

/** The client gave up. The provider is not stopped. */
export type TaskCancelled = Fact<'TaskCancelled', { may_be_charged: boolean }>;

/** Somebody accepted the risk of paying twice: a further attempt follows. */
export type TaskResubmitted = Fact<
  'TaskResubmitted',
  {
    from_status: string;
    /** The number the further attempt will have. */
    attempt: number;
    by_policy: boolean;
  },
  { reason: string }
>;

/** Something about an attempt that cannot be true together with what is known: somebody should look. */
export type ConflictingOutcomeObserved = Fact<
  'ConflictingOutcomeObserved',
  {
    attempt: number;
    /**
     * `second_id`: its answer names another id than the known one; more may have been paid than was delivered.
     * `id_in_use`: an id named for it is bound to another attempt or task, so it was not bound to this one.
     * `refused_after_accepted`: its answer says that nothing was created, but its id is known.
     */
    kind: 'second_id' | 'id_in_use' | 'refused_after_accepted';
    provider_task_id: string;
    /** The id bound to the attempt; null while there is none. */
    known: string | null;
  }
>;

/** The data key of the task was destroyed with this event: what is sealed of it never opens again. */
export type TaskErased = Fact<
  'TaskErased',
  {
    /** Keyed digest of the reason: proves which one was given to somebody who kept it, and keeps nothing of it. */
    reason_digest: string | null;
  }
>;

export type TaskEvent =
  | TaskSubmitted
  | SubmissionStarted
  | SubmissionDeferred
  | SubmissionAccepted
  | SubmissionOutcomeUnknown
  | SubmissionPresumed
  | SubmissionRefused
  | TaskHeld
  | TaskResumed
  | CallbackReceived
  | StatusPolled
  | StatusPollFailed
  | TaskSucceeded
  | TaskFailed
  | TaskOverdue
  | TaskExpired
  | TaskCancelled
  | TaskResubmitted
  | ConflictingOutcomeObserved
  | TaskErased;

export type TaskEventType = TaskEvent['type'];

/** What is public about a result file. Its URL is personal. */
export interface FileFacts {
  type: string;
  label: string | null;
  format: string | null;
  content_type: string | null;
  size: number | null;
  /** The provider's own id of the file, which follow-up models ask for; left out where there is none. */
  provider_file_id?: string;
}

export interface StoredFile extends FileFacts {
  url: string;
}

/** The schema version each type is written with now. Older ones are upcast when they are read. */
export const TASK_EVENT_VERSIONS: Readonly<Record<TaskEventType, number>> = {
  TaskSubmitted: 1,
  SubmissionStarted: 1,
  SubmissionDeferred: 1,
  SubmissionAccepted: 1,
  SubmissionOutcomeUnknown: 1,
  SubmissionPresumed: 1,
  SubmissionRefused: 1,
  TaskHeld: 1,
  TaskResumed: 1,
  CallbackReceived: 1,
  StatusPolled: 1,
  StatusPollFailed: 1,
  TaskSucceeded: 1,
  TaskFailed: 1,
  TaskOverdue: 1,
  TaskExpired: 1,
  TaskCancelled: 1,
  TaskResubmitted: 1,
  ConflictingOutcomeObserved: 1,
  TaskErased: 1,
};
