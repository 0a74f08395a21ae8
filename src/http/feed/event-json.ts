import { type OpenedEvent } from '../../tasks/index.js';

export const eventJson = (event: OpenedEvent): object => ({
  position: event.position,
  id: event.id,
  task_id: event.taskId,
  version: event.version,
  type: event.type,
  schema_version: event.schemaVersion,
  recorded_at: event.recordedAt.toISOString(),
  actor: event.actor,
  correlation_id: event.correlationId,
  causation_id: event.causationId,
  data: event.data,
  hash: event.hash,
});
