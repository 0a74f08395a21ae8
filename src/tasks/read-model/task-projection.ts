import { type ColumnValue, type InlineProjection, type ReplayedEvent } from '../../event-store/index.js';
import { type SubmissionAccepted } from '../domain/task.events.js';
import { TASK_SCHEMAS } from '../stream/event-schemas.js';
import { fold } from '../stream/task-stream.js';
import { rowOf } from './task-row.js';

/**
 * The tables of the read model as the log makes them: what `project_tasks` writes append by append, from the whole stream
 * at once. The row itself comes from the same fold and the same function as the document of an append.
 *
 * `task_timer` and `task_key` are not read models: no event tells how often a provider was asked without news, which
 * claim is the newest, or what a key is.
 */
export const taskProjection: InlineProjection = {
  name: 'tasks',
  // The intent, and every event whose part can be the outcome.
  carries: ['TaskSubmitted', 'TaskSucceeded', 'TaskFailed', 'TaskHeld'],

  streams: {
    name: 'task',
    key: 'id',
    version: 'version',
    columns: {
      id: 'uuid',
      owner: 'text',
      domain: 'text',
      model: 'text',
      status: 'text',
      version: 'integer',
      position: 'bigint',
      created_at: 'timestamptz',
      updated_at: 'timestamptz',
      submitted_at: 'timestamptz',
      completed_at: 'timestamptz',
      last_polled_at: 'timestamptz',
      held_since: 'timestamptz',
      idempotency_key: 'text',
      metadata_digests: 'text[]',
      facts: 'json',
      intent_event: 'uuid',
      intent: 'bytea',
      outcome_event: 'uuid',
      outcome: 'bytea',
      erased_at: 'timestamptz',
    },
    secret: ['idempotency_key', 'metadata_digests', 'intent', 'outcome'],
    row: (events) => storedTask(events),
  },

  events: [
    {
      name: 'task_provider_id',
      key: ['account', 'provider_task_id'],
      stream: 'task_id',
      columns: { account: 'text', provider_task_id: 'text', task_id: 'uuid', attempt: 'integer' },
      secret: [],
      types: ['SubmissionAccepted'],
      row: (event) => {
        const data = TASK_SCHEMAS.upToDate(event) as unknown as SubmissionAccepted['data'];
        return [data.account, data.provider_task_id, event.streamId, data.attempt];
      },
    },
  ],
};

/** In order of the columns. */
const storedTask = (events: readonly ReplayedEvent[]): readonly ColumnValue[] | null => {
  const task = fold(events);
  if (task === null) return null;
  const row = rowOf(task);
  const sealedIn = (eventId: string): Buffer | null =>
    events.find(({ id }) => id === eventId)?.sealed ?? null;
  return [
    row.id,
    row.owner,
    row.domain,
    row.model,
    row.status,
    row.version,
    events[0]!.position,
    row.createdAt,
    row.updatedAt,
    row.submittedAt,
    row.completedAt,
    row.lastPolledAt,
    row.heldSince,
    row.idempotencyKey,
    row.metadataDigests.length > 0 ? row.metadataDigests : null,
    JSON.stringify(row.facts),
    row.intentEvent,
    // An erasure empties the copies.
    (row.erasedAt === null ? sealedIn(row.intentEvent) : null) ?? EMPTY,
    row.outcomeEvent,
    row.outcomeEvent && sealedIn(row.outcomeEvent),
    row.erasedAt,
  ];
};

const EMPTY = Buffer.alloc(0);
