import { hash } from 'node:crypto';
import { type CallbackReading, type ProviderReport, type ProviderStatus } from '../ports.js';
import { failureOf, successOf } from './decide-reading.js';
import {
  type CallbackReceived,
  type CallbackSignature,
  type CallbackVerdict,
  type TaskEvent,
} from './task.events.js';
import { type TaskPolicy } from './task.policy.js';
import { attemptOf, keepsBody, MAX_CALLBACKS, signatureIn, type Attempt, type Task } from './task.state.js';

/*
 * Callbacks: everything that arrives with a valid token is recorded, with a verdict on what it says. It is a hint; what
 * the provider's status says decides.
 */

export interface ArrivedCallback {
  readonly attempt: number;
  readonly reading: CallbackReading;
  readonly body: Buffer;
  readonly bodySha256: string;
  /** Selected headers, already bounded. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null or absent: not checked. */
  readonly signature?: CallbackSignature | null;
}

/** Records a callback. Silence only beyond the limit of recorded callbacks. */
export const decideCallback = (task: Task, arrived: ArrivedCallback, policy: TaskPolicy): TaskEvent[] => {
  if (task.callbacks.count >= MAX_CALLBACKS) return [];
  const report = arrived.reading.kind === 'report' ? arrived.reading.report : null;
  const meaning = report && meaningOf(report);
  const verdict = verdictOn(task, attemptOf(task, arrived.attempt), report, meaning);
  const data: CallbackReceived['data'] = {
    attempt: arrived.attempt,
    verdict,
    provider_task_id: report?.providerTaskId ?? null,
    status: report?.status ?? null,
    raw_status: report?.rawStatus ?? null,
    body_sha256: arrived.bodySha256,
    body_bytes: arrived.body.length,
    meaning,
    headers: { ...arrived.headers },
    ...(arrived.signature && { signature: signatureOf(task, arrived, arrived.signature) }),
  };
  const received: TaskEvent = {
    type: 'CallbackReceived',
    data,
    personal: { body_base64: keepsBody(task, data) ? arrived.body.toString('base64') : null },
  };
  return [
    received,
    ...(report && verdict === 'accepted' ? believed(task, arrived.attempt, report, policy) : []),
  ];
};

/** Evidence only: no verdict depends on it. */
const signatureOf = (
  { callbacks }: Task,
  { headers }: ArrivedCallback,
  signature: CallbackSignature,
): CallbackSignature =>
  signature === 'valid' && callbacks.signatures.includes(signatureIn(headers)) ? 'repeated' : signature;

/** What a callback says, as a digest: the same words again are a repeat, whatever their bytes. */
export const meaningOf = (report: ProviderReport): string => {
  const files = report.files.map((file) => [file.type, withoutQuery(file.url)]);
  return hash('sha256', JSON.stringify([report.providerTaskId, report.status, files]), 'hex');
};

/** The first that fits, in this order. */
const verdictOn = (
  task: Task,
  attempt: Attempt | undefined,
  report: ProviderReport | null,
  meaning: string | null,
): CallbackVerdict => {
  if (!report || !meaning) return 'malformed';
  const known = attempt?.providerTaskId;
  if (known && known !== report.providerTaskId) return 'mismatched';
  if (task.callbacks.meanings.includes(meaning)) return 'duplicate';
  if (contradicts(task, attempt, report.status)) return 'conflicting';
  if (hasEnded(task) || (attempt && rank(report.status) < knownRank(attempt))) return 'superseded';
  return 'accepted';
};

/** Success against failure: against how the task ended, or against what a callback of the same attempt said before. */
const contradicts = ({ phase }: Task, attempt: Attempt | undefined, status: ProviderStatus): boolean => {
  if (status === 'finished') return phase.status === 'failed' || attempt?.toldEnd === 'failed';
  if (status === 'failed') return phase.status === 'succeeded' || attempt?.toldEnd === 'finished';
  return false;
};

/** An expired task has not, until it is erased: a late verdict still applies to it. */
const hasEnded = ({ phase, erasedAt }: Task): boolean =>
  erasedAt !== null ||
  phase.status === 'succeeded' ||
  phase.status === 'failed' ||
  phase.status === 'cancelled';

const rank = (status: ProviderStatus): number => ({ pending: 0, running: 1, finished: 2, failed: 2 })[status];

/** How far the attempt has come, as far as reads and accepted callbacks tell. */
const knownRank = ({ lastRead, toldEnd }: Attempt): number =>
  Math.max(lastRead ? rank(lastRead.status) : 0, toldEnd ? rank(toldEnd) : 0);

/** With `CALLBACK_CONFIRMATION=never` a final word about the attempt's own known id is a verdict. */
const believed = (task: Task, number: number, report: ProviderReport, policy: TaskPolicy): TaskEvent[] => {
  const attempt = attemptOf(task, number);
  if (policy.callbackConfirmation !== 'never' || attempt?.providerTaskId !== report.providerTaskId) return [];
  // A result in words may stand in the detail alone, so it is always read.
  if (report.status === 'finished' && report.files.length > 0 && !task.mayLackFiles)
    return successOf(task, attempt, report, report.files);
  if (report.status === 'failed') return failureOf(task, attempt, report, 'provider_failed');
  return [];
};

const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '');
