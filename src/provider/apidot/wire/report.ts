import { isJsonObject, type JsonObject } from '../../../shared/json.js';
import { exceeds } from '../../../shared/validation/index.js';
import { type ProviderReport } from '../../../tasks/index.js';
import { boundedText, MESSAGE_LIMIT, STATUS_LIMIT } from './bounded-text.js';
import { isUsableTaskId, readTaskId } from './provider-task-id.js';
import { type ApidotFile, readFiles } from './result-files.js';
import { hasWords } from './result-words.js';
import { readStatusWord } from './status-words.js';
import { wireNumber } from './wire-number.js';

export interface ApidotReport extends ProviderReport {
  readonly files: readonly ApidotFile[];
}

export type ReportReading =
  | { readonly kind: 'report'; readonly report: ApidotReport }
  /** No status in it, or no id of a task that it could be about. */
  | { readonly kind: 'malformed' }
  /** Names another task than the one asked for. */
  | { readonly kind: 'id_mismatch' };

/**
 * What a body says of a task: status answers, music details and callbacks, with or without the `{code, data}` envelope.
 *
 * @param askedId the task a status answer is about; such an answer may leave its id out. Null for a callback, which
 *   must name its task itself.
 */
export const readReport = (body: JsonObject, askedId: string | null): ReportReading => {
  const payload = payloadOf(body);
  const named = readTaskId(payload);
  const id = named.kind === 'usable' ? named.id : named.kind === 'none' ? askedId : null;
  if (askedId !== null && id !== askedId) return { kind: 'id_mismatch' };
  const rawStatus = boundedText(payload.status, STATUS_LIMIT);
  if (id === null || !isUsableTaskId(id) || rawStatus === null || rawStatus.trim() === '') {
    return { kind: 'malformed' };
  }
  return {
    kind: 'report',
    report: {
      providerTaskId: id,
      ...readStatusWord(rawStatus),
      rawStatus,
      progress: readProgress(payload.progress),
      files: readFiles(payload),
      credits: readCredits(payload.credits_amount),
      message: boundedText(payload.error_message, MESSAGE_LIMIT),
      ...wordsIn(payload),
    },
  };
};

/**
 * Either the envelope's `data` or the body itself, never fields of both: a status word of an envelope (`success` for
 * the HTTP call) must not be taken for that of the task. What looks like an envelope is the task itself only if it names it.
 */
const payloadOf = (body: JsonObject): JsonObject => {
  const { data } = body;
  if (isJsonObject(data) && (data.task_id !== undefined || data.status !== undefined)) return data;
  return data !== undefined && body.task_id === undefined ? {} : body;
};

/** An answer too large to be kept counts as one without words, so that nothing is concluded from what would be lost. */
const wordsIn = (payload: JsonObject): Pick<ApidotReport, 'hasWords' | 'answers'> =>
  exceeds(payload) ? { hasWords: false, answers: [] } : { hasWords: hasWords(payload), answers: [payload] };

/** Whole percent from 0 to 100. */
const readProgress = (value: unknown): number | null => {
  const progress = wireNumber(value);
  return progress === null ? null : Math.floor(Math.min(Math.max(progress, 0), 100));
};

/** Credits may be a fraction, and may come as text. */
const readCredits = (value: unknown): number | null => {
  const credits = wireNumber(value);
  return credits !== null && credits >= 0 ? credits : null;
};
