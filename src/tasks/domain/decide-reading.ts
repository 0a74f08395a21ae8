import { type JsonObject } from '../../shared/json.js';
import { type ProviderReport, type ResultFile, type StatusReading } from '../ports.js';
import { conflict, isBoundElsewhere } from './conflicting-outcome.js';
import { type FailureCode, type StoredFile, type TaskEvent } from './task.events.js';
import { type TaskPolicy } from './task.policy.js';
import {
  attemptOf,
  evolve,
  failingSince,
  isAlive,
  isFinal,
  isInWords,
  isOpenToLateSuccess,
  isSettled,
  type Attempt,
  type LastRead,
  type Task,
} from './task.state.js';

/*
 * Status reads: the only thing that gives a task its verdict.
 */

export interface Reading {
  readonly attempt: number;
  /** The id that was asked for. */
  readonly providerTaskId: string;
  readonly account: string;
  readonly reading: StatusReading;
  /** `status`, or `status+detail` when both answers were read. */
  readonly source: string;
  /** A detail was asked for and could not be read: there may be more. */
  readonly isPartial: boolean;
  /** The id was learned from a callback and belongs to another task (or attempt) already: not bound. */
  readonly idInUse: boolean;
  /** Files of an earlier, fuller read that was not applied (see `shortRead`); empty when there is none. */
  readonly earlierFiles: readonly StoredFile[];
  readonly now: Date;
}

/**
 * Records a status read and, when it settles the task, the verdict.
 *
 * A read that adds nothing is silence (the timer row notes that we looked). An id that only a callback has named is
 * bound by its first successful read, not before, and never when it belongs elsewhere.
 */
export const decideReading = (task: Task, read: Reading, policy: TaskPolicy): TaskEvent[] => {
  const attempt = attemptOf(task, read.attempt);
  // After an erasure nothing is learned about the task any more.
  if (!attempt || isSettled(attempt) || task.erasedAt !== null) return [];
  if (attempt.providerTaskId !== null && attempt.providerTaskId !== read.providerTaskId) return [];
  if (read.reading.kind === 'unread') return unread(task, attempt, read, policy);
  const { report } = read.reading;
  const isBound = attempt.providerTaskId !== null;
  if (!isBound && !mayBind(attempt)) return [];
  // Another task's id: not bound, and nothing of what was read about it is kept here.
  if (!isBound && (read.idInUse || isBoundElsewhere(task, attempt, read.providerTaskId)))
    return conflict(attempt, 'id_in_use', read.providerTaskId);
  const binding = isBound ? [] : [bound(attempt, read)];
  // What the read means is decided for the task as the binding leaves it.
  const known = binding.reduce((state, event) => stateAfter(state, event, read.now), task);
  return [...binding, ...reported(known, attemptOf(known, read.attempt)!, read, report, policy)];
};

const reported = (
  task: Task,
  attempt: Attempt,
  read: Reading,
  report: ProviderReport,
  policy: TaskPolicy,
): TaskEvent[] => {
  const conclusion = conclude(task, attempt, read, report, policy);
  const isNews =
    addsKnowledge(attempt.lastRead, report) ||
    settlesHint(attempt, report) ||
    conclusion.confirming ||
    conclusion.events.length > 0;
  const polled = isNews ? [statusPolled(task, attempt, read, report, conclusion.confirming)] : [];
  return [...polled, ...conclusion.events];
};

const stateAfter = (task: Task, event: TaskEvent, now: Date): Task =>
  evolve(task, { id: '', version: task.version + 1, recordedAt: now, event }, task);

/** While `submitting` the answer wins, so a callback's id is kept but not bound. */
const mayBind = (attempt: Attempt): boolean => attempt.outcome === 'unknown';

const bound = (attempt: Attempt, read: Reading): TaskEvent => ({
  type: 'SubmissionAccepted',
  data: {
    attempt: attempt.number,
    provider_task_id: read.providerTaskId,
    account: read.account,
    learned_from: 'callback',
    note: null,
  },
});

const statusPolled = (
  task: Task,
  attempt: Attempt,
  read: Reading,
  report: ProviderReport,
  confirming: boolean,
): TaskEvent => ({
  type: 'StatusPolled',
  data: {
    attempt: attempt.number,
    provider_task_id: read.providerTaskId,
    status: report.status,
    raw_status: report.rawStatus,
    progress: report.progress,
    file_count: report.files.length,
    credits: report.credits,
    source: read.source,
    confirming,
  },
  personal: {
    message: report.message,
    files: report.files.length > 0 ? report.files.map(toStored) : null,
    ...(report.status === 'finished' && answersOf(task, report)),
  },
});

const unread = (task: Task, attempt: Attempt, read: Reading, policy: TaskPolicy): TaskEvent[] => {
  if (read.reading.kind !== 'unread' || read.reading.class === 'not_asked') return [];
  const { class: cls, httpStatus } = read.reading;
  const isNew = attempt.lastFailedReadClass !== cls && attempt.providerTaskId !== null;
  const events: TaskEvent[] = isNew
    ? [
        {
          type: 'StatusPollFailed',
          data: {
            attempt: attempt.number,
            provider_task_id: read.providerTaskId,
            class: cls,
            http_status: httpStatus,
          },
        },
      ]
    : [];
  return cls === 'not_found' && attempt.providerTaskId !== null
    ? [...events, ...expiry(task, read.now, policy)]
    : events;
};

/** The first read, a changed word, a moved progress, another number of files. */
const addsKnowledge = (last: LastRead | null, report: ProviderReport): boolean =>
  last === null ||
  last.rawStatus !== report.rawStatus ||
  last.status !== report.status ||
  last.progress !== report.progress ||
  last.files !== report.files.length;

const settlesHint = (attempt: Attempt, report: ProviderReport): boolean =>
  attempt.hints.some(
    (hint) => hint.status === report.status && hint.providerTaskId === report.providerTaskId,
  );

/** What a read settles: how the attempt ended (whoever still waits for it), and what that means for the task. */
interface Conclusion {
  readonly confirming: boolean;
  readonly events: readonly TaskEvent[];
}
const OPEN: Conclusion = { confirming: false, events: [] };

const conclude = (
  task: Task,
  attempt: Attempt,
  read: Reading,
  report: ProviderReport,
  policy: TaskPolicy,
): Conclusion => {
  switch (report.status) {
    case 'finished':
      return finished(task, attempt, read, report, policy);
    case 'failed':
      return hasPassed(failingSince(attempt, read.providerTaskId), policy.failureRecheckMs, read.now)
        ? { confirming: true, events: failureOf(task, attempt, report, 'provider_failed') }
        : OPEN;
    case 'pending':
    case 'running':
      return { confirming: false, events: expiry(task, read.now, policy) };
  }
};

const finished = (
  task: Task,
  attempt: Attempt,
  read: Reading,
  report: ProviderReport,
  policy: TaskPolicy,
): Conclusion => {
  const files = report.files.map(toStored);
  const success: Conclusion = { confirming: true, events: successOf(task, attempt, report, report.files) };
  if (task.mayLackFiles && report.hasWords) return success;
  if (isInWords(task) || (files.length === 0 && read.earlierFiles.length === 0)) {
    if (!hasPassed(attempt.emptySince, policy.resultGraceMs, read.now)) return OPEN;
    // Finished is finished: what was received is the result, once nothing is missing of what can be read.
    if (task.mayLackFiles && !read.isPartial) return success;
    // They may stand in what could not be read.
    if (read.isPartial) return { confirming: false, events: expiry(task, read.now, policy) };
    const failure = failureOf(task, attempt, report, 'result_missing');
    // While another attempt may live nothing has failed yet, but waiting has an end.
    return {
      confirming: false,
      events: failure.length > 0 ? failure : expiry(task, read.now, policy),
    };
  }
  const isComplete = task.expectedFiles === null ? files.length > 0 : files.length >= task.expectedFiles;
  if (isComplete) return success;
  // Fewer than expected: one more read, then the fuller of the two.
  if (!hasPassed(attempt.shortRead?.at ?? null, policy.shortReadMs, read.now)) return OPEN;
  const fuller = read.earlierFiles.length > files.length ? read.earlierFiles : files;
  return { confirming: true, events: successOf(task, attempt, report, fuller.map(fromStored)) };
};

const hasPassed = (since: Date | null, ms: number, now: Date): boolean =>
  since !== null && now.getTime() - since.getTime() >= ms;

/** What was received is kept where it may be all there is. */
const answersOf = (task: Task, { answers }: ProviderReport): { answers?: JsonObject[] } =>
  task.mayLackFiles ? { answers: [...answers] } : {};

/** The verdict "succeeded", unless the task's status is already decided by somebody else. */
export const successOf = (
  task: Task,
  attempt: Attempt,
  report: ProviderReport,
  files: readonly ResultFile[],
): TaskEvent[] => {
  if (!isOpenToSuccess(task)) return [];
  return [
    {
      type: 'TaskSucceeded',
      data: {
        attempt: attempt.number,
        provider_task_id: report.providerTaskId,
        credits: report.credits,
        late: isLate(task),
        files: files.map((file) => {
          const { url: _url, ...facts } = toStored(file);
          return facts;
        }),
        expected_files: task.expectedFiles,
      },
      personal: { urls: files.map((file) => file.url), ...answersOf(task, report) },
    },
  ];
};

/** The verdict "failed": needs every attempt that may live to have failed. */
export const failureOf = (
  task: Task,
  attempt: Attempt,
  report: ProviderReport,
  code: FailureCode,
): TaskEvent[] => {
  const others = task.attempts.filter((other) => other.number !== attempt.number);
  if (!isOpenToFailure(task) || others.some(isAlive)) return [];
  return [
    {
      type: 'TaskFailed',
      data: {
        attempt: attempt.number,
        provider_task_id: report.providerTaskId,
        code,
        http_status: null,
        credits: report.credits,
        late: isLate(task),
      },
      personal: { message: report.message },
    },
  ];
};

const isOpenToSuccess = (task: Task): boolean => {
  const { status } = task.phase;
  if (status === 'failed') return isOpenToLateSuccess(task);
  return status !== 'succeeded' && status !== 'cancelled';
};

/** A task that waits for its next attempt, or for the answer of the newest, is not ended by an older one's failure. */
const isOpenToFailure = ({ phase }: Task): boolean =>
  phase.status === 'submitted' ||
  phase.status === 'running' ||
  phase.status === 'unconfirmed' ||
  phase.status === 'expired';

const isLate = ({ phase }: Task): boolean => phase.status === 'expired' || phase.status === 'failed';

/** Only a successful read that is not final, made late enough, expires a task with a provider id: never an outage. */
const expiry = (task: Task, now: Date, policy: TaskPolicy): TaskEvent[] => {
  const { phase } = task;
  if (phase.status !== 'submitted' && phase.status !== 'running' && phase.status !== 'unconfirmed') return [];
  const waitedFrom = Math.max(
    ...task.attempts.map((attempt) => attempt.acceptedAt?.getTime() ?? 0),
    phase.status === 'unconfirmed' ? phase.since.getTime() : 0,
  );
  return now.getTime() - waitedFrom > policy.expiresMs
    ? [{ type: 'TaskExpired', data: { because: 'no_verdict' } }]
    : [];
};

const toStored = (file: ResultFile | StoredFile): StoredFile => ({
  url: file.url,
  type: file.type,
  label: file.label,
  format: file.format,
  content_type: 'contentType' in file ? file.contentType : file.content_type,
  size: file.size,
  ...providerFileId('contentType' in file ? file.providerFileId : file.provider_file_id),
});

const providerFileId = (id: string | null | undefined): Pick<StoredFile, 'provider_file_id'> =>
  id ? { provider_file_id: id } : {};

const fromStored = (file: StoredFile): ResultFile => ({
  url: file.url,
  type: file.type,
  label: file.label,
  format: file.format,
  contentType: file.content_type,
  size: file.size,
  providerFileId: file.provider_file_id ?? null,
});

/**
 * One reading out of two answers (kinds with a detail endpoint): finished with files on either is success; finished on
 * one and failed on the other is not settled yet.
 */
export const mergeReadings = (status: StatusReading, detail: StatusReading): StatusReading => {
  if (status.kind === 'unread') return detail.kind === 'read' ? detail : status;
  if (detail.kind === 'unread') return status;
  const [a, b] = [status.report, detail.report];
  if (isFinal(a.status) && isFinal(b.status) && a.status !== b.status) {
    const rawStatus = `${a.rawStatus}|${b.rawStatus}`;
    return { kind: 'read', report: { ...a, status: 'pending', rawStatus, files: [], hasWords: false } };
  }
  const fuller = b.files.length >= a.files.length ? b : a;
  const decisive =
    fuller.status === 'finished' && fuller.files.length > 0
      ? fuller
      : isFinal(b.status) && !isFinal(a.status)
        ? b
        : a;
  return {
    kind: 'read',
    report: {
      ...decisive,
      credits: a.credits ?? b.credits,
      progress: decisive.progress ?? a.progress,
      // Words of an answer that is not finished may still change.
      hasWords: [a, b].some(({ status, hasWords }) => status === 'finished' && hasWords),
      answers: [...a.answers, ...b.answers],
    },
  };
};
