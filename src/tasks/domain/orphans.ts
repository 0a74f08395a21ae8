import { type Attempt, type Task } from './task.state.js';

/*
 * Provider tasks that were paid, or may have been, and that nobody got: what the money went for.
 */

export type OrphanReason =
  /** Nobody knows whether the call created a task. */
  | 'outcome_unknown'
  /** An answer named one more id for an attempt that has one. */
  | 'second_id'
  /** An answer named an id that belongs to another attempt or task. */
  | 'id_in_use'
  /** Another attempt of the task was delivered. */
  | 'surplus'
  /** It succeeded, or may have, after the task had been cancelled. */
  | 'cancelled'
  /** Its end was not known when the task expired. */
  | 'expired'
  /** Finished, but its files never came. */
  | 'result_missing'
  /** It failed and cost something all the same. */
  | 'failed_but_charged';

export interface Orphan {
  readonly attempt: number;
  /** Null while nobody knows it. */
  readonly providerTaskId: string | null;
  readonly reason: OrphanReason;
  /** The provider says that it finished, or what it cost. False: it may have. */
  readonly isCertain: boolean;
  readonly since: Date;
  /** What the provider says it cost; null while it has not said. */
  readonly credits: number | null;
}

/** In order of attempts. An open task has orphans too: calls whose outcome is unknown, until they are known. */
export const orphansOf = (task: Task): Orphan[] =>
  task.attempts.flatMap((attempt) => [...lostAttempt(task, attempt), ...strangeIds(attempt)]);

const lostAttempt = (task: Task, attempt: Attempt): Orphan[] => {
  const reason = reasonOf(task, attempt);
  if (reason === null) return [];
  const hasFinished = attempt.verdict === 'succeeded' || attempt.verdict === 'missing';
  return [
    {
      attempt: attempt.number,
      providerTaskId: attempt.providerTaskId,
      reason,
      isCertain: hasFinished || (attempt.credits ?? 0) > 0,
      since: attempt.acceptedAt ?? attempt.unknownSince ?? attempt.startedAt,
      credits: attempt.credits,
    },
  ];
};

const reasonOf = ({ phase }: Task, attempt: Attempt): OrphanReason | null => {
  const { outcome, verdict } = attempt;
  if (outcome === 'unknown') return 'outcome_unknown';
  if (outcome !== 'accepted') return null;
  if (verdict === 'failed') return (attempt.credits ?? 0) > 0 ? 'failed_but_charged' : null;
  switch (phase.status) {
    case 'succeeded':
      return phase.attempt === attempt.number ? null : 'surplus';
    case 'cancelled':
      return 'cancelled';
    case 'expired':
      return verdict === 'missing' ? 'result_missing' : 'expired';
    case 'failed':
      return verdict === 'missing' ? 'result_missing' : null;
    default:
      return null;
  }
};

/** Ids that were named for the attempt and that nothing of ours follows. */
const strangeIds = ({ number, conflicts }: Attempt): Orphan[] =>
  conflicts.flatMap(({ kind, providerTaskId, at }) =>
    kind === 'refused_after_accepted'
      ? []
      : [{ attempt: number, providerTaskId, reason: kind, isCertain: false, since: at, credits: null }],
  );
