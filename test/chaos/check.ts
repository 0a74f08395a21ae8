import { createHash } from 'node:crypto';
import { type Accepted } from './clients.js';
import { type Tables, type LoggedEvent } from './database.js';
import { groupBy } from './group-by.js';
import { historiesOf, type History } from './history.js';
import { type ProviderLedger, type ProviderSubmit } from './provider.js';
import { attemptOfCallbackUrl } from './settle.js';

/*
 * What a run must have kept, found out by comparing three books: what clients were promised, what the provider took, and
 * what the log says.
 */

export interface Finding {
  readonly promise: string;
  readonly what: string;
}

export interface Books {
  readonly accepted: readonly Accepted[];
  readonly ledger: ProviderLedger;
  readonly tables: Tables;
}

const ENDED = new Set(['succeeded', 'failed', 'cancelled', 'expired']);
/** Beyond so many callbacks a task counts them only in a metric. */
const MOST_CALLBACKS = 200;

/** Every promise, with everything that breaks it. */
export const PROMISES: Readonly<Record<string, (books: Checked) => Iterable<string>>> = {
  'accepted is present': acceptedIsPresent,
  'nothing is there that nobody asked for': nothingInvented,
  'no intent was created twice': noDuplicates,
  'no more calls than recorded attempts': noUnrecordedCalls,
  'no attempt after a possibly created one, unless somebody accepted it': noBlindResubmit,
  'what may have been created says so': createdIsKnown,
  'a provider id belongs to one task': idsBoundOnce,
  'a verdict equals an earlier status answer': verdictsWereRead,
  'every task ended or is explainably open': everyTaskEnded,
  'every open task has something due or waits for somebody': openTasksAreWatched,
  'every callback that was answered 200 is recorded': callbacksAreRecorded,
  'the row says what the events say': rowsFollowEvents,
};

export const check = (books: Books): Finding[] => {
  const checked = new Checked(books);
  return Object.entries(PROMISES).flatMap(([promise, breaches]) =>
    [...breaches(checked)].map((what) => ({ promise, what })),
  );
};

/** The books, with what several checks look up. */
class Checked {
  readonly accepted: readonly Accepted[];
  readonly ledger: ProviderLedger;
  readonly tables: Tables;
  readonly histories: ReadonlyMap<string, History>;
  readonly submitsByTask: ReadonlyMap<string, readonly ProviderSubmit[]>;

  constructor({ accepted, ledger, tables }: Books) {
    this.accepted = accepted;
    this.ledger = ledger;
    this.tables = tables;
    this.histories = historiesOf(tables);
    const ids = new Map(accepted.map(({ marker, taskId }) => [marker, taskId]));
    this.submitsByTask = groupBy(ledger.submits, ({ text }) => ids.get(markerIn(text) ?? '') ?? 'nobody');
  }
}

function* acceptedIsPresent({ accepted, histories, tables }: Checked): Iterable<string> {
  const rows = new Set(tables.tasks.map(({ id }) => id));
  for (const { taskId, marker, idempotencyKey } of accepted) {
    const [submitted] = histories.get(taskId)?.of('TaskSubmitted') ?? [];
    if (!submitted) yield `${marker} (${taskId}) is not in the log`;
    else if (submitted.data.idempotency_key !== idempotencyKey)
      yield `${taskId} is another intent than ${marker}`;
    if (!rows.has(taskId)) yield `${taskId} has no row`;
  }
}

function* nothingInvented({ accepted, histories, submitsByTask }: Checked): Iterable<string> {
  const known = new Set(accepted.map(({ taskId }) => taskId));
  for (const id of histories.keys()) if (!known.has(id)) yield `task ${id} was promised to nobody`;
  for (const { text } of submitsByTask.get('nobody') ?? [])
    yield `the provider was asked for ${text.slice(0, 200)}`;
}

function* noDuplicates({ histories, submitsByTask }: Checked): Iterable<string> {
  for (const [id, history] of histories) {
    const made = (submitsByTask.get(id) ?? []).filter(({ taskId }) => taskId !== null);
    const allowed = 1 + history.of('TaskResubmitted').length;
    if (made.length > allowed)
      yield `${id}: ${made.map(({ taskId }) => taskId).join(', ')}, allowed ${allowed}`;
  }
}

function* noUnrecordedCalls({ histories, submitsByTask }: Checked): Iterable<string> {
  for (const [id, history] of histories) {
    const calls = submitsByTask.get(id)?.length ?? 0;
    const attempts = history.of('SubmissionStarted').length;
    if (calls > attempts) yield `${id}: ${calls} calls, ${attempts} attempts`;
  }
}

function* noBlindResubmit({ histories }: Checked): Iterable<string> {
  for (const [id, history] of histories) {
    for (const { data } of history.of('SubmissionStarted')) {
      const attempt = data.attempt as number;
      if (attempt === 1 || history.has('TaskResubmitted', attempt)) continue;
      const createdNothing = ['SubmissionDeferred', 'TaskHeld', 'SubmissionRefused'].some((type) =>
        history.has(type, attempt - 1),
      );
      if (!createdNothing) yield `${id}: attempt ${attempt} followed one that may have created a task`;
    }
  }
}

function* createdIsKnown({ histories, ledger }: Checked): Iterable<string> {
  for (const { taskId: providerTaskId, callbackUrl } of ledger.submits) {
    const ours = callbackUrl === null ? null : attemptOfCallbackUrl(callbackUrl);
    if (providerTaskId === null || ours === null) continue;
    const history = histories.get(ours.taskId);
    const isBound = history
      ?.of('SubmissionAccepted', ours.attempt)
      .some((event) => idOf(event) === providerTaskId);
    const saysUnknown =
      history?.has('SubmissionOutcomeUnknown', ours.attempt) ||
      history?.has('ConflictingOutcomeObserved', ours.attempt);
    // The answer named another id, which was free: nothing in it told that it was wrong.
    const wasMisled = history?.has('SubmissionAccepted', ours.attempt);
    if (!isBound && !saysUnknown && !wasMisled)
      yield `${providerTaskId} was created for ${ours.taskId} attempt ${ours.attempt}, which knows nothing of it`;
  }
}

function* idsBoundOnce({ tables }: Checked): Iterable<string> {
  const bound = new Map<unknown, string>();
  for (const event of tables.events.filter(({ type }) => type === 'SubmissionAccepted')) {
    const other = bound.get(idOf(event));
    if (other !== undefined && other !== event.streamId)
      yield `${String(idOf(event))}: ${other}, ${event.streamId}`;
    bound.set(idOf(event), event.streamId);
  }
}

function* verdictsWereRead({ histories }: Checked): Iterable<string> {
  const WORD: Readonly<Record<string, string>> = { TaskSucceeded: 'finished', TaskFailed: 'failed' };
  for (const [id, { events }] of histories) {
    for (const [index, { type, data }] of events.entries()) {
      const word =
        data.code === 'provider_rejected'
          ? undefined
          : data.code === 'result_missing'
            ? 'finished'
            : WORD[type];
      if (word === undefined) continue;
      const wasRead = events
        .slice(0, index)
        .some(
          (read) =>
            read.type === 'StatusPolled' && idOf(read) === data.provider_task_id && read.data.status === word,
        );
      if (!wasRead) yield `${id}: ${type} without a status answer that said ${word}`;
    }
  }
}

function* everyTaskEnded({ tables, histories, submitsByTask }: Checked): Iterable<string> {
  for (const { id, status } of tables.tasks) {
    const history = histories.get(id);
    const made = (submitsByTask.get(id) ?? []).flatMap(({ taskId }) => taskId ?? []);
    if (ENDED.has(status) || history?.wasMisled(made)) continue;
    const isExplained =
      (status === 'held' && history?.has('TaskHeld')) || (status === 'unconfirmed' && made.length === 0);
    if (!isExplained) yield `${id} is still ${status}, made were ${made.join(', ')}: ${history?.story}`;
  }
}

function* openTasksAreWatched({ tables }: Checked): Iterable<string> {
  for (const { id, status, hasTimer } of tables.tasks)
    if (!ENDED.has(status) && status !== 'held' && !hasTimer) yield `${id} is ${status} and nothing is due`;
}

function* callbacksAreRecorded({ ledger, histories }: Checked): Iterable<string> {
  for (const { url, body, status } of ledger.callbacks) {
    if (status !== 200 && status !== 400) continue;
    const ours = attemptOfCallbackUrl(url);
    const received = (ours && histories.get(ours.taskId)?.of('CallbackReceived')) ?? [];
    const digest = createHash('sha256').update(body).digest('hex');
    if (received.length >= MOST_CALLBACKS || received.some(({ data }) => data.body_sha256 === digest))
      continue;
    yield `${ours?.taskId}: a callback was answered ${status} and is not in the log`;
  }
}

function* rowsFollowEvents({ tables, histories }: Checked): Iterable<string> {
  for (const { id, status, version } of tables.tasks) {
    const history = histories.get(id);
    if (history?.version !== version)
      yield `${id}: the row is at version ${version}, the stream at ${history?.version}`;
    else if (history.status !== status)
      yield `${id}: the row says ${status}, the events say ${history.status}`;
  }
}

const idOf = ({ data }: LoggedEvent): unknown => data.provider_task_id;

/** Every prompt begins with one. */
const markerIn = (text: string): string | null => /run\d+-\d+-/.exec(text)?.[0] ?? null;
