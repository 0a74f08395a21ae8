import { Inject, Injectable } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { EventsArchivedError, EventStore } from '../../event-store/index.js';
import { orphansOf, type Orphan, type OrphanReason } from '../domain/orphans.js';
import { type TaskStatus } from '../domain/task.state.js';
import { type TaskFacts } from '../read-model/task-row.js';
import { fold } from '../stream/task-stream.js';
import { Submissions } from '../submissions/submissions.js';

/** An orphan with the task it belongs to. */
export interface ReportedOrphan extends Omit<Orphan, 'reason'> {
  readonly taskId: string;
  /** Null when the log has lost the task: only the id of the attempt's callback URL is left. */
  readonly owner: string | null;
  readonly model: string | null;
  readonly status: string | null;
  readonly reason: OrphanReason | 'task_lost';
}

/** Tasks read at once. */
const PAGE = 200;

/**
 * Provider tasks that were paid, or may have been, and that nobody got.
 *
 * Tasks that have any are found by a partial index that holds them alone, so the cost follows their number, not the length
 * of the log; the details are folded from the streams of these few.
 */
@Injectable()
export class OrphanReport {
  constructor(
    private readonly store: EventStore,
    private readonly submissions: Submissions,
    @Inject(PG_POOL) private readonly pool: Pool,
  ) {}

  /** All of them, oldest task first; page by page, so that a long report needs little memory. */
  async *all(): AsyncGenerator<ReportedOrphan> {
    yield* await this.lost();
    for (let after = 0; ;) {
      const { rows } = await this.pool.query<OrphanRow>(
        `select id, position, owner, model, status, updated_at, facts from task where facts ->> 'orphans' is not null and position > $1
          order by position limit $2`,
        [after, PAGE],
      );
      const streams = await Promise.all(rows.map(({ id }) => this.store.readFacts(id).catch(ofArchived)));
      for (const [index, events] of streams.entries()) {
        if (events === null) yield* fromRow(rows[index]!);
        const task = events && fold(events);
        if (!task) continue;
        const { id: taskId, owner, model, phase } = task;
        for (const orphan of orphansOf(task)) yield { taskId, owner, model, status: phase.status, ...orphan };
      }
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.position;
    }
  }

  /** How many there are, by reason. Reads the index and the rows it names. */
  async counts(): Promise<ReadonlyMap<ReportedOrphan['reason'], number>> {
    const { rows } = await this.pool.query<{ reason: OrphanReason; count: number }>(
      `select reason, count(*) as count
         from task, json_array_elements_text(facts -> 'orphans') as reason
        where facts ->> 'orphans' is not null group by reason`,
    );
    const counts = new Map<ReportedOrphan['reason'], number>(
      rows.map(({ reason, count }) => [reason, count]),
    );
    const { lost } = await this.submissions.refresh();
    if (lost.length > 0) counts.set('task_lost', lost.length);
    return counts;
  }

  private async lost(): Promise<ReportedOrphan[]> {
    const { lost } = await this.submissions.refresh();
    return lost.map(({ taskId, attempt, providerTaskId, since }) => ({
      taskId,
      owner: null,
      model: null,
      status: null,
      attempt,
      providerTaskId,
      reason: 'task_lost',
      isCertain: providerTaskId !== null,
      since,
      credits: null,
    }));
  }
}

interface OrphanRow {
  id: string;
  position: number;
  owner: string;
  model: string;
  status: TaskStatus;
  updated_at: Date;
  facts: TaskFacts;
}

const ofArchived = (error: unknown): null => {
  if (error instanceof EventsArchivedError) return null;
  throw error;
};

/** Of a task whose events are archived: which attempt it was is told as far as the row knows. */
const fromRow = ({ id, owner, model, status, updated_at, facts }: OrphanRow): ReportedOrphan[] =>
  (facts.orphans ?? []).map((reason) => ({
    taskId: id,
    owner,
    model,
    status,
    attempt: facts.attempts,
    providerTaskId: facts.provider_task_id,
    reason,
    isCertain: false,
    since: updated_at,
    credits: facts.credits,
  }));
