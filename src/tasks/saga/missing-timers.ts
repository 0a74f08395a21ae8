import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { type Due } from '../domain/instant.js';
import { planWake, type Wake } from '../domain/plan-wake.js';
import { rankOf } from '../domain/priority.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { isTerminalStatus, TASK_STATUSES, type Task } from '../domain/task.state.js';
import { TaskRepository } from '../stream/task-repository.js';
import { TASK_POLICY } from '../tasks.tokens.js';

/** Rows looked at by one query. */
const PAGE = 2_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const OPEN = TASK_STATUSES.filter((status) => !isTerminalStatus(status));

interface Page {
  last: string | null;
  untimed: string[];
}

/**
 * The net below the timer rows: finds open tasks that have none and plans what the log says is next.
 *
 * Timers are written in the transaction of the events they follow from, so none is missing unless somebody deleted rows
 * or restored tables apart. The walk reads the task table by key, page by page, and takes no locks. Any number of
 * replicas may walk at once.
 */
@Injectable()
export class MissingTimers {
  private readonly log = new Logger('Timers');
  private stopping = false;

  constructor(
    private readonly tasks: TaskRepository,
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  /** One walk over all tasks. Answers how many timers were missing and are there again. */
  async restore(): Promise<number> {
    let restored = 0;
    for (let after: string | null = FIRST_ID; after !== null && !this.stopping;) {
      const page: Page = await this.page(after);
      for (const id of page.untimed) restored += await this.restoreOne(id);
      after = page.last;
    }
    if (restored > 0) this.log.warn({ msg: 'timers of open tasks were missing', restored });
    return restored;
  }

  /** Ends a walk under way after its page. */
  stop(): void {
    this.stopping = true;
  }

  private async page(after: string): Promise<Page> {
    const { rows } = await this.pool.query<Page>({
      name: 'untimed_tasks',
      text: `with page as materialized (select id, status from task where id > $1 order by id limit $2)
             select (select max(id::text) from page) as last,
                    array(select id::text from page
                           where status = any ($3)
                             and not exists (select from task_timer where task_id = page.id)) as untimed`,
      values: [after, PAGE, OPEN],
    });
    return rows[0]!;
  }

  private async restoreOne(id: string): Promise<number> {
    const task = await this.tasks.load(id);
    const wake = task && planWake(task, { dice: Math.random(), checks: null }, this.policy);
    return task && wake ? this.insert(task, wake) : 0;
  }

  /** Only while the row is at the version the plan was made for: whoever wrote a newer one planned what follows. */
  private async insert(task: Task, { call, clock }: Wake): Promise<number> {
    const { rowCount } = await this.pool.query(
      `insert into task_timer (task_id, owner, model, version, lane, due_at, clock_at, checks, misses, epoch,
                               rank)
       select id, owner, model, version, $3,
              case when $3::text is not null then coalesce($4, clock_timestamp() + $5 * interval '1 millisecond') end,
              coalesce($6, clock_timestamp() + $7 * interval '1 millisecond'), 0, 0, 1, $8
         from task where id = $1 and version = $2
       on conflict (task_id) do nothing`,
      [
        task.id,
        task.version,
        call?.lane ?? null,
        ...dueValues(call?.due ?? null),
        ...dueValues(clock),
        rankOf(task.priority),
      ],
    );
    return rowCount ?? 0;
  }
}

const dueValues = (due: Due | null): [Date | null, number | null] =>
  due === null ? [null, null] : 'at' in due ? [due.at, null] : [null, due.inMs];
