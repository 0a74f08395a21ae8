import { Inject, Injectable } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { EventsArchivedError, EventStore, StreamConflictError } from '../../event-store/index.js';
import { ID_SOURCE, type IdSource } from '../../shared/ids.js';
import { decideErase } from '../domain/decide-operation.js';
import { PENDING } from '../domain/instant.js';
import { rankOf, USUAL_PRIORITY } from '../domain/priority.js';
import { TaskNotFoundError } from '../domain/task.errors.js';
import { taskDocument } from '../read-model/task-document.js';
import { type TaskRow } from '../read-model/task-row.js';
import { Sealer } from '../sealing/sealer.js';
import { type Cause } from '../stream/task-repository.js';
import { toNewEvents } from '../stream/task-stream.js';

/** How often an erasure is tried again because somebody else was first. */
const MAX_CONFLICTS = 20;

/**
 * Tasks whose events were moved into an archive: only their rows are left to decide by.
 */
@Injectable()
export class ArchivedTasks {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly store: EventStore,
    private readonly sealer: Sealer,
    @Inject(ID_SOURCE) private readonly nextId: IdSource,
  ) {}

  /**
   * Does something to a task that needs its events.
   *
   * @throws EventsArchivedError they are archived, and the task is that owner's
   * @throws TaskNotFoundError they are archived, and the task is another's: ids tell nothing
   */
  async hideForeign<T>(id: string, owner: string | null, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof EventsArchivedError) await this.rowOf(id, owner);
      throw error;
    }
  }

  /**
   * Destroys the data key of a task and the copies of its personal parts. What is sealed in the archive opens no more either.
   *
   * @param beforeIt done once it is certain that there is something to erase
   * @throws TaskNotFoundError, TaskStatusConflictError as an erasure of any task
   */
  async erase(
    id: string,
    owner: string | null,
    reasonDigest: string | null,
    cause: Cause,
    beforeIt: () => Promise<void>,
  ): Promise<void> {
    for (let conflicts = 0; ; conflicts++) {
      const row = await this.rowOf(id, owner);
      const events = decideErase({ id, erasedAt: row.erasedAt, phase: row }, reasonDigest);
      if (events.length === 0) return;
      if (conflicts === 0) await beforeIt();
      const document = taskDocument({
        isNew: false,
        row: { ...row, erasedAt: PENDING, metadataDigests: [], outcomeEvent: null },
        outcomeVersion: 0,
        bound: null,
        wake: null,
        look: null,
        key: null,
        // Nothing is due that could have one.
        rank: rankOf(USUAL_PRIORITY),
      });
      try {
        await this.store.append({
          streamId: id,
          expected: row.version,
          events: toNewEvents(events, [this.nextId()], null),
          owner: row.owner,
          actor: cause.actor,
          correlationId: cause.correlationId,
          causationId: cause.causationId ?? null,
          document,
        });
        return this.sealer.erased(id);
      } catch (error) {
        if (!(error instanceof StreamConflictError) || conflicts >= MAX_CONFLICTS) throw error;
      }
    }
  }

  private async rowOf(id: string, owner: string | null): Promise<StoredRow> {
    const { rows } = await this.pool.query<StoredRow>(ROW, [id]);
    const [row] = rows;
    if (row === undefined || (owner !== null && row.owner !== owner)) throw new TaskNotFoundError(id);
    return row;
  }
}

/** What the document of an append says of a task again. */
type StoredRow = Omit<TaskRow, 'metadataDigests' | 'outcomeEvent'>;

const ROW = `select id, owner, domain, model, status, version, created_at as "createdAt", updated_at as "updatedAt",
    submitted_at as "submittedAt", completed_at as "completedAt", last_polled_at as "lastPolledAt",
    held_since as "heldSince", erased_at as "erasedAt", idempotency_key as "idempotencyKey", facts,
    intent_event as "intentEvent"
  from task where id = $1`;
