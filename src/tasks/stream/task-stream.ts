import { type NewEvent, type StreamFact } from '../../event-store/index.js';
import { type JsonObject } from '../../shared/json.js';
import { TASK_EVENT_VERSIONS, type TaskEvent, type TaskEventType } from '../domain/task.events.js';
import { evolve, type Occurrence, type StreamIdentity, type Task } from '../domain/task.state.js';
import { TASK_SCHEMAS } from './event-schemas.js';

/*
 * Between the facts of a task and the events of the log.
 */

/** True for streams of tasks: they start with TaskSubmitted. */
export const isTaskEvent = (type: string): type is TaskEventType => Object.hasOwn(TASK_EVENT_VERSIONS, type);

/**
 * Facts as the log takes them.
 *
 * @param seal how their personal parts are sealed; null after an erasure, when none is kept
 */
export const toNewEvents = (
  events: readonly TaskEvent[],
  ids: readonly string[],
  seal: ((eventId: string, personal: JsonObject) => Buffer) | null,
): NewEvent[] =>
  events.map(({ type, data, personal }, index) => {
    const id = ids[index]!;
    return {
      id,
      type,
      schemaVersion: TASK_EVENT_VERSIONS[type],
      data: data as unknown as JsonObject,
      sealed: personal && seal ? seal(id, personal as unknown as JsonObject) : null,
    };
  });

/** What the fold needs of an event. A rebuild does not read the correlation, which no row shows. */
export type FoldedEvent = Omit<StreamFact, 'correlationId'> & Partial<Pick<StreamFact, 'correlationId'>>;

/** A stored event as the fold takes it; what was personal stays sealed. */
export const toOccurrence = (stored: FoldedEvent): Occurrence => ({
  id: stored.id,
  version: stored.version,
  recordedAt: stored.recordedAt,
  event: { type: stored.type, data: TASK_SCHEMAS.upToDate(stored) } as unknown as TaskEvent,
});

/** The state of a task after the given events of its stream, in order; null for none, and for streams of other things. */
export const fold = (stored: readonly FoldedEvent[]): Task | null => {
  if (stored[0]?.type !== 'TaskSubmitted') return null;
  const [{ streamId: id, owner, correlationId = null }] = stored as [FoldedEvent];
  const identity: StreamIdentity = { id, owner, correlationId };
  let task: Task | null = null;
  for (const event of stored) {
    task = evolve(task, toOccurrence(event), identity);
  }
  return task;
};
