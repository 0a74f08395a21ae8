import { Injectable } from '@nestjs/common';
import { isFinal, type Task } from '../domain/task.state.js';
import { type Claim } from './timer-store.js';

/** The end of a task, found by a look. */
export interface Detection {
  /** What told of it: a callback that was then confirmed, or the look itself. */
  readonly by: 'callback' | 'poll';
  /** The longest time that the end may have lain at the provider, milliseconds. */
  readonly lagMs: number;
}

/**
 * How late the ends of tasks are found, for metrics.
 *
 * The provider does not say when a task ended. So this is the longest it can have been: since the callback that told of
 * it, or since the look before, or since the task was accepted.
 */
@Injectable()
export class DetectionLag {
  private readonly listeners = new Set<(detection: Detection) => void>();

  /** Listeners are quick and never throw. */
  listen(listener: (detection: Detection) => void): void {
    this.listeners.add(listener);
  }

  /** To be called when a look is over; of anything but a new verdict nothing is told. */
  looked(before: Task, after: Task, claim: Claim): void {
    const detection = detectionOf(before, after, claim);
    if (detection) for (const tell of this.listeners) tell(detection);
  }
}

const VERDICTS: readonly string[] = ['succeeded', 'failed'];

export const detectionOf = (
  before: Task,
  after: Task,
  { lastCheckedAt }: Pick<Claim, 'lastCheckedAt'>,
): Detection | null => {
  if (VERDICTS.includes(before.phase.status) || !VERDICTS.includes(after.phase.status)) return null;
  const told = before.attempts.flatMap(({ hints }) => hints).filter(({ status }) => isFinal(status));
  const accepted = before.attempts.flatMap(({ acceptedAt }) => acceptedAt ?? []);
  const since =
    told.length > 0
      ? Math.min(...told.map(({ receivedAt }) => receivedAt.getTime()))
      : (lastCheckedAt ?? accepted.at(-1) ?? before.createdAt).getTime();
  return {
    by: told.length > 0 ? 'callback' : 'poll',
    lagMs: Math.max(0, after.completedAt!.getTime() - since),
  };
};
