import { createHash } from 'node:crypto';
import { type ProviderStatus } from '../../ports.js';
import {
  type CallbackVerdict,
  type FailureCode,
  type HoldReason,
  type TaskEvent,
  type TaskEventType,
} from '../task.events.js';

/*
 * Facts to begin a story with. Names are short on purpose: a history reads as a list of what happened.
 */

type FactOf<Type extends TaskEventType> = Extract<TaskEvent, { type: Type }>;

/** What a test expects of an event: its type, and those fields that matter to the rule. */
export const fact = <Type extends TaskEventType>(
  type: Type,
  data: Partial<FactOf<Type>['data']> = {},
  personal?: Partial<FactOf<Type>['personal']>,
): object => ({ type, data, ...(personal && { personal }) });

export const submitted = (changes: Partial<FactOf<'TaskSubmitted'>['data']> = {}): TaskEvent => ({
  type: 'TaskSubmitted',
  data: {
    domain: 'image',
    model: 'flux-2-pro',
    mode: 'text-to-image',
    fingerprint: 'f'.repeat(64),
    idempotency_key: null,
    expected_files: 1,
    metadata_digests: [],
    ...changes,
  },
  personal: { input: { prompt: 'A red bicycle' }, metadata: null, notify_url: null },
});

export const started = (attempt: number, callback = false): TaskEvent => ({
  type: 'SubmissionStarted',
  data: { attempt, account: 'account-1', callback },
});

export const deferred = (attempt: number, delay_ms = 1_000, reason = 'rate_limited'): TaskEvent => ({
  type: 'SubmissionDeferred',
  data: { attempt, reason, delay_ms },
});

export const accepted = (attempt: number, provider_task_id: string): TaskEvent => ({
  type: 'SubmissionAccepted',
  data: { attempt, provider_task_id, account: 'account-1', learned_from: 'answer', note: null },
});

export const unknown = (attempt: number): TaskEvent => ({
  type: 'SubmissionOutcomeUnknown',
  data: { attempt, reason: 'timeout', http_status: null },
  personal: { message: null },
});

export const presumed = (
  attempt: number,
  because: 'recovery' | 'callback' | 'answer' = 'recovery',
): TaskEvent => ({
  type: 'SubmissionPresumed',
  data: { attempt, account: 'account-1', because },
});

export const refused = (attempt: number, reason = 'provider_rejected'): TaskEvent => ({
  type: 'SubmissionRefused',
  data: { attempt, reason, http_status: 400 },
  personal: { message: null },
});

export const held = (attempt: number, reason: HoldReason = 'insufficient_credits'): TaskEvent => ({
  type: 'TaskHeld',
  data: { attempt, reason, account: 'account-1' },
  personal: { message: null },
});

export const resumed = (): TaskEvent => ({ type: 'TaskResumed', data: { because: 'operator' } });

export const called = (
  attempt: number,
  provider_task_id: string,
  status: ProviderStatus,
  verdict: CallbackVerdict = 'accepted',
): TaskEvent => {
  const digest = createHash('sha256').update(`${provider_task_id} ${status}`).digest('hex');
  return {
    type: 'CallbackReceived',
    data: {
      attempt,
      verdict,
      provider_task_id,
      status,
      raw_status: status,
      body_sha256: digest,
      body_bytes: 100,
      meaning: digest,
      headers: {},
    },
    personal: { body_base64: null },
  };
};

export const polled = (
  attempt: number,
  provider_task_id: string,
  status: ProviderStatus,
  changes: Partial<FactOf<'StatusPolled'>['data']> = {},
): TaskEvent => ({
  type: 'StatusPolled',
  data: {
    attempt,
    provider_task_id,
    status,
    raw_status: status === 'pending' ? 'not_started' : status,
    progress: null,
    file_count: 0,
    credits: null,
    source: 'status',
    confirming: false,
    ...changes,
  },
  personal: { message: null, files: null },
});

export const pollFailed = (attempt: number, provider_task_id: string, cls: string): TaskEvent => ({
  type: 'StatusPollFailed',
  data: { attempt, provider_task_id, class: cls, http_status: null },
});

export const succeeded = (attempt: number, provider_task_id: string): TaskEvent => ({
  type: 'TaskSucceeded',
  data: { attempt, provider_task_id, credits: 4.5, late: false, files: [], expected_files: 1 },
  personal: { urls: [] },
});

export const failed = (
  attempt: number,
  provider_task_id: string | null,
  code: FailureCode = 'provider_failed',
): TaskEvent => ({
  type: 'TaskFailed',
  data: { attempt, provider_task_id, code, http_status: null, credits: null, late: false },
  personal: { message: null },
});

export const overdue = (): TaskEvent => ({ type: 'TaskOverdue', data: { after_ms: 600_000 } });

export const expired = (because: 'no_verdict' | 'unconfirmed' = 'no_verdict'): TaskEvent => ({
  type: 'TaskExpired',
  data: { because },
});

export const cancelled = (may_be_charged = true): TaskEvent => ({
  type: 'TaskCancelled',
  data: { may_be_charged },
});

export const erased = (): TaskEvent => ({ type: 'TaskErased', data: { reason_digest: null } });

export const resubmitted = (attempt = 2, by_policy = false): TaskEvent => ({
  type: 'TaskResubmitted',
  data: { from_status: 'unconfirmed', attempt, by_policy },
  personal: { reason: 'we accept' },
});
