import { type Attempt, type Task } from './task.state.js';

/*
 * Copies of states, written out field by field, so that all of them have one layout in memory.
 *
 * V8 gives each spread copy (`{ ...task, version }`) a new layout for every place that copies and every layout that is
 * copied there. Copies of copies are soon of more layouts than it keeps track of, and from then on each field is found and
 * put by name. Folding took three times as long.
 */

export const laidOutTask = (task: Task): Task => ({
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

export const laidOutAttempt = (attempt: Attempt): Attempt => ({
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
