import { type StatusReading, type SubmitOutcome } from '../../../tasks/index.js';
import { type CallResult, NO_EVIDENCE } from '../pace/call-result.js';

/** What the outcome of a submit call tells pace and breaker. */
export const resultOfSubmit = (outcome: SubmitOutcome): CallResult => {
  if (outcome.kind === 'deferred') {
    if (outcome.reason === 'rate_limited') return { kind: 'limited', retryAfterMs: outcome.retryAfterMs };
    return outcome.reason === 'unreachable' ? { kind: 'failed' } : NO_EVIDENCE;
  }
  return outcome.kind === 'unknown' && SUBMIT_FAILURES.has(outcome.reason)
    ? { kind: 'failed' }
    : { kind: 'answered' };
};

const SUBMIT_FAILURES = new Set(['timeout', 'connection_lost', 'server_error']);

/** What a status or detail reading tells pace and breaker. */
export const resultOfStatus = (reading: StatusReading): CallResult => {
  if (reading.kind === 'read') return { kind: 'answered' };
  if (reading.class === 'not_asked') return NO_EVIDENCE;
  if (reading.class === 'rate_limited') return { kind: 'limited', retryAfterMs: reading.retryAfterMs };
  return STATUS_FAILURES.has(reading.class) ? { kind: 'failed' } : { kind: 'answered' };
};

const STATUS_FAILURES = new Set(['timeout', 'transport', 'server_error']);
