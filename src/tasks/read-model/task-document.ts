import { type NewEvent } from '../../event-store/index.js';
import { type JsonObject } from '../../shared/json.js';
import { isPending, type Due } from '../domain/instant.js';
import { type Wake } from '../domain/plan-wake.js';
import { type TaskEvent } from '../domain/task.events.js';
import { type Task } from '../domain/task.state.js';
import { rowOf } from './task-row.js';

/** What the look that led to the events says of the timer row. */
export interface LookNote {
  /** Looks in a row without news, this one included if it had none. */
  readonly checks: number;
  /** Timeouts in a row. */
  readonly misses: number;
}

/**
 * What the inline projection `project_tasks` writes with an append: the row of the task as it will be, what is due next,
 * and the provider ids bound by these events. The time of the append is written as `infinity`.
 */
export const taskDocument = (
  task: Task,
  wake: Wake | null,
  events: readonly TaskEvent[],
  stored: readonly NewEvent[],
  look: LookNote | null,
): JsonObject => {
  const row = rowOf(task);
  const bytesOf = (eventId: string | null): string | null =>
    stored.find((event) => event.id === eventId)?.sealed?.toString('base64') ?? null;
  return {
    task: {
      owner: row.owner,
      domain: row.domain,
      model: row.model,
      status: row.status,
      created_at: instant(row.createdAt),
      submitted_at: instant(row.submittedAt),
      completed_at: instant(row.completedAt),
      last_polled_at: instant(row.lastPolledAt),
      held_since: instant(row.heldSince),
      idempotency_key: row.idempotencyKey,
      metadata_digests: row.metadataDigests.length > 0 ? [...row.metadataDigests] : null,
      facts: row.facts as unknown as JsonObject,
      intent_event: row.intentEvent,
      intent: bytesOf(row.intentEvent),
      outcome_event: row.outcomeEvent,
      outcome: bytesOf(row.outcomeEvent),
    },
    bind: events.flatMap((event) =>
      event.type === 'SubmissionAccepted'
        ? [
            {
              account: event.data.account,
              provider_task_id: event.data.provider_task_id,
              attempt: event.data.attempt,
            },
          ]
        : [],
    ),
    timer: wake && {
      owner: task.owner,
      model: task.model,
      lane: wake.call?.lane ?? null,
      ...dueFields('due', wake.call?.due ?? null),
      keep: wake.call?.keep ?? false,
      ...dueFields('clock', wake.clock),
      checks: look?.checks ?? 0,
      misses: look?.misses ?? 0,
      checked: look !== null,
    },
  };
};

const dueFields = (name: string, due: Due | null): JsonObject =>
  due === null
    ? {}
    : 'at' in due
      ? { [`${name}_at`]: due.at.toISOString() }
      : { [`${name}_in_ms`]: due.inMs };

const instant = (date: Date | null): string | null =>
  date === null ? null : isPending(date) ? 'infinity' : date.toISOString();
