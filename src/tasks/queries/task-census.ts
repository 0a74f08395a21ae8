import { Inject, Injectable } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { LANES, type Lane } from '../domain/plan-wake.js';
import { isTerminalStatus, TASK_STATUSES, type TaskStatus } from '../domain/task.state.js';

/** Work of a lane that nobody has taken although it is due. `clock` is what only time brings, e.g. overdue. */
export interface DueWork {
  readonly lane: Lane | 'clock';
  readonly due: number;
  /** How long the oldest has been due, milliseconds; 0 when there is none. */
  readonly oldestMs: number;
}

/** Nothing is counted beyond this, so that a count costs the same however much there is. */
const MOST = { open: 200_000, due: 10_000 };
const OPEN = TASK_STATUSES.filter((status) => !isTerminalStatus(status));

/** Counts for metrics: bounded, by index alone, over all owners. */
@Injectable()
export class TaskCensus {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Tasks by open status, statuses without any included; of more than 200,000 only so many are counted. */
  async open(): Promise<ReadonlyMap<TaskStatus, number>> {
    const { rows } = await this.pool.query<{ status: TaskStatus; n: number }>({
      name: 'census_open',
      // The statuses are written out: the planner must see that they are those of the index.
      text: `select status, count(*)::int as n
               from (select status from task where status in (${OPEN.map((status) => `'${status}'`).join(', ')})
                      limit ${MOST.open}) open
              group by status`,
    });
    const counted = new Map(rows.map(({ status, n }) => [status, n]));
    return new Map(OPEN.map((status) => [status, counted.get(status) ?? 0]));
  }

  /** What is due now, by lane; of more than 10,000 in a lane only so many are counted. */
  async due(): Promise<DueWork[]> {
    const { rows } = await this.pool.query<{ lane: DueWork['lane']; due: number; oldest_ms: number | null }>({
      name: 'census_due',
      text: `select l.lane, d.due, extract(epoch from statement_timestamp() - d.oldest)::float8 * 1000 as oldest_ms
               from unnest($1::text[]) as l (lane), lateral (
                 select count(*)::int as due, min(due_at) as oldest
                   from (select due_at from task_timer where lane = l.lane and due_at <= statement_timestamp()
                          order by due_at limit $2) first) d
              union all
             select 'clock', count(*)::int, extract(epoch from statement_timestamp() - min(clock_at))::float8 * 1000
               from (select clock_at from task_timer where clock_at <= statement_timestamp()
                      order by clock_at limit $2) first`,
      values: [LANES, MOST.due],
    });
    return rows.map(({ lane, due, oldest_ms: oldestMs }) => ({ lane, due, oldestMs: oldestMs ?? 0 }));
  }
}
