import { type NewEvent } from '../../event-store/index.js';
import { isPending, type Due } from '../domain/instant.js';
import { type Wake } from '../domain/plan-wake.js';
import { rankOf } from '../domain/priority.js';
import { type TaskEvent } from '../domain/task.events.js';
import { type Task } from '../domain/task.state.js';
import { type WrappedKey } from '../sealing/key-ring.js';
import { rowOf, type TaskRow } from './task-row.js';

/** What the look that led to the events says of the timer row. */
export interface LookNote {
  /** Looks in a row without news, this one included if it had none. */
  readonly checks: number;
  /** Timeouts in a row. */
  readonly misses: number;
}

/** Stands between fields; neither JSON text nor any of our words contains it. */
const SEPARATOR = '\u001f';

type Field = string | number | null;

/** What an append changes beside the log, by name. */
export interface TaskChange {
  readonly isNew: boolean;
  readonly row: TaskRow;
  /** Version of the event whose sealed part the outcome lies in; 0 for no outcome, null when the row has it already. */
  readonly outcomeVersion: number | null;
  /** The provider id bound by these events. */
  readonly bound: {
    readonly account: string;
    readonly provider_task_id: string;
    readonly attempt: number;
  } | null;
  /** What is due next; null for nothing any more. */
  readonly wake: Wake | null;
  /** The look that led to the events, if one did. */
  readonly look: LookNote | null;
  /** A data key that is to be stored with the events. */
  readonly key: WrappedKey | null;
  /** Its place among the queued tasks of its owner. */
  readonly rank: number;
}

/**
 * @param task the state after the events
 * @param stored the events as they go to the log, in order
 */
export const taskChange = (
  task: Task,
  wake: Wake | null,
  events: readonly TaskEvent[],
  stored: readonly Pick<NewEvent, 'id'>[],
  look: LookNote | null,
  key: WrappedKey | null,
): TaskChange => {
  const row = rowOf(task);
  const isNew = events[0]?.type === 'TaskSubmitted';
  const bound = events.find((event) => event.type === 'SubmissionAccepted')?.data ?? null;
  return {
    isNew,
    row,
    outcomeVersion: outcomeVersion(row.outcomeEvent, task, stored, isNew),
    bound,
    wake,
    look,
    key,
    rank: rankOf(task.priority),
  };
};

/**
 * The change as the inline projection `project_tasks` takes it; the order of the fields is told there. The time of the
 * append is written as `infinity`.
 */
export const taskDocument = (change: TaskChange): string => {
  const { isNew, row, outcomeVersion, bound, wake, look, key, rank } = change;
  const fields: Field[] = [
    isNew ? 1 : null,
    row.owner,
    row.domain,
    row.model,
    row.status,
    instant(row.submittedAt),
    instant(row.completedAt),
    instant(row.lastPolledAt),
    instant(row.heldSince),
    row.idempotencyKey,
    row.metadataDigests.length > 0 ? `{${row.metadataDigests.join(',')}}` : null,
    JSON.stringify(row.facts),
    outcomeVersion,
    bound?.account ?? null,
    bound?.provider_task_id ?? null,
    bound?.attempt ?? null,
    wake && (wake.call?.keep ? 'keep' : 'set'),
    wake?.call?.lane ?? null,
    ...dueFields(wake?.call?.due ?? null),
    ...dueFields(wake?.clock ?? null),
    look?.checks ?? 0,
    look?.misses ?? 0,
    look && 1,
    key?.keyId ?? null,
    key && key.wrapped.toString('base64'),
    instant(row.erasedAt),
    rank,
  ];
  return fields.map((field) => field ?? '').join(SEPARATOR);
};

const outcomeVersion = (
  outcomeEvent: string | null,
  task: Task,
  stored: readonly Pick<NewEvent, 'id'>[],
  isNew: boolean,
): number | null => {
  if (outcomeEvent === null) return isNew ? null : 0;
  const index = stored.findIndex((event) => event.id === outcomeEvent);
  return index < 0 ? null : task.version - stored.length + index + 1;
};

const dueFields = (due: Due | null): [Field, Field] =>
  due === null ? [null, null] : 'at' in due ? [due.at.toISOString(), null] : [null, due.inMs];

const instant = (date: Date | null): string | null =>
  date === null ? null : isPending(date) ? 'infinity' : date.toISOString();
