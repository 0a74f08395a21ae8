import { createHash } from 'node:crypto';
import {
  type ProviderReport,
  type ProviderStatus,
  type ResultFile,
  type StatusReading,
  type SubmitOutcome,
} from '../../ports.js';
import { type ArrivedCallback } from '../decide-callback.js';

/*
 * What the provider says, as the rules get to hear it.
 */

export const file = (name: string): ResultFile => ({
  url: `https://files.example/${name}?signature=1`,
  type: 'image',
  label: null,
  format: null,
  contentType: null,
  size: null,
});

export const files = (count: number): ResultFile[] =>
  Array.from({ length: count }, (_, index) => file(`${index + 1}.png`));

export const report = (
  providerTaskId: string,
  status: ProviderStatus,
  more: Partial<ProviderReport> = {},
): ProviderReport => ({
  providerTaskId,
  status,
  rawStatus: status === 'pending' ? 'not_started' : status,
  knownWord: true,
  progress: null,
  files: status === 'finished' ? files(1) : [],
  credits: null,
  message: null,
  hasWords: false,
  answers: [],
  ...more,
});

export const read = (said: ProviderReport): StatusReading => ({ kind: 'read', report: said });

export const unread = (
  cls: Extract<StatusReading, { kind: 'unread' }>['class'],
  httpStatus: number | null = null,
): StatusReading => ({ kind: 'unread', class: cls, httpStatus, retryAfterMs: null });

/** A callback that arrives on the URL of an attempt; null says nothing that can be read. */
export const callback = (attempt: number, said: ProviderReport | null, bytes?: string): ArrivedCallback => {
  const body = Buffer.from(bytes ?? JSON.stringify(said));
  return {
    attempt,
    reading: said ? { kind: 'report', report: said } : { kind: 'malformed' },
    body,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    headers: { 'content-type': 'application/json' },
  };
};

/** One of each kind of answer to a submit call. */
export const ANSWERS = {
  accepted: (providerTaskId: string): SubmitOutcome => ({ kind: 'accepted', providerTaskId, note: null }),
  deferred: (
    reason: Extract<SubmitOutcome, { kind: 'deferred' }>['reason'] = 'rate_limited',
    retryAfterMs: number | null = null,
  ): SubmitOutcome => ({ kind: 'deferred', reason, retryAfterMs, message: null }),
  rejected: (): SubmitOutcome => ({ kind: 'rejected', httpStatus: 400, code: 400, message: 'No such size' }),
  held: (
    reason: Extract<SubmitOutcome, { kind: 'held' }>['reason'] = 'insufficient_credits',
  ): SubmitOutcome => ({ kind: 'held', reason, message: 'Not enough credits' }),
  unknown: (reason = 'timeout', httpStatus: number | null = null): SubmitOutcome => ({
    kind: 'unknown',
    reason,
    httpStatus,
    message: null,
  }),
} as const;
