import { type NewEvent, type StoredEvent } from '../../event-store/index.js';
import { type JsonObject } from '../../shared/json.js';
import { TASK_EVENT_VERSIONS, type TaskEvent, type TaskEventType } from '../domain/task.events.js';
import { evolve, type Occurrence, type StreamIdentity, type Task } from '../domain/task.state.js';
import { type Sealer } from './sealer.js';

/*
 * Between the facts of a task and the events of the log.
 */

/** True for streams of tasks: they start with TaskSubmitted. */
export const isTaskEvent = (type: string): type is TaskEventType => Object.hasOwn(TASK_EVENT_VERSIONS, type);

/** Facts as the log takes them, personal parts sealed. */
export const toNewEvents = (
  taskId: string,
  events: readonly TaskEvent[],
  ids: readonly string[],
  sealer: Sealer,
): Promise<NewEvent[]> =>
  Promise.all(
    events.map(async (event, index) => {
      const id = ids[index]!;
      return {
        id,
        type: event.type,
        schemaVersion: TASK_EVENT_VERSIONS[event.type],
        data: event.data as unknown as JsonObject,
        sealed: event.personal
          ? await sealer.seal(taskId, id, event.personal as unknown as JsonObject)
          : null,
      };
    }),
  );

/** A stored event as the fold takes it; what was personal stays sealed. */
export const toOccurrence = (stored: StoredEvent): Occurrence => ({
  id: stored.id,
  version: stored.version,
  recordedAt: stored.recordedAt,
  event: { type: stored.type, data: stored.data } as unknown as TaskEvent,
});

/** The state of a task after the given events of its stream, in order; null for none, and for streams of other things. */
export const fold = (stored: readonly StoredEvent[]): Task | null => {
  if (stored[0]?.type !== 'TaskSubmitted') return null;
  const [{ streamId: id, owner, correlationId }] = stored as [StoredEvent];
  const identity: StreamIdentity = { id, owner, correlationId };
  let task: Task | null = null;
  for (const event of stored) {
    task = evolve(task, toOccurrence(event), identity);
  }
  return task;
};
