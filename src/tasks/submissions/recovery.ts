import { Inject, Injectable } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { decideRecovery } from '../domain/decide-recovery.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { Provider } from '../ports.js';
import { type Cause, TaskRepository } from '../stream/task-repository.js';
import { TASK_POLICY } from '../tasks.tokens.js';
import { ErasureReplay } from './erasure-replay.js';
import { readPlace } from './log-place.js';
import { decideRecovered } from './submissions.state.js';
import { Submissions } from './submissions.js';

/** Tasks looked at by one query. */
const PAGE = 2_000;
/** Appends of one batch. */
const AT_ONCE = 100;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export interface Recovered {
  /** Tasks that wait as `unconfirmed` now. */
  readonly moved: number;
  /** Tasks of the list of erasures that had come back. */
  readonly erased: number;
  /** Later tasks were accepted by this history and are sent as usual. */
  readonly upTo: number;
}

interface Page {
  last: string | null;
  waiting: string[];
}

/**
 * An operator's answer to a restored log.
 *
 * First everything is stopped (where that has not happened), last it goes on, so an interrupted recovery is repeated as a
 * whole; what it did before stays done. Servers may run meanwhile.
 */
@Injectable()
export class Recovery {
  constructor(
    private readonly submissions: Submissions,
    private readonly tasks: TaskRepository,
    private readonly erasures: ErasureReplay,
    private readonly provider: Provider,
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  /**
   * @param nothingLost the operator states that the log is complete: no task is moved
   * @param progress told how many tasks were moved so far
   */
  async run(nothingLost: boolean, cause: Cause, progress: (moved: number) => void): Promise<Recovered> {
    const place = await readPlace(this.pool);
    const state = await this.submissions.refresh();
    if (state.suspicion === null) await this.submissions.suspect(['operator'], cause);
    const { head: upTo } = this.submissions.current.suspicion!;
    const moved = nothingLost ? 0 : await this.moveAll(upTo, cause, progress);
    const erased = await this.erasures.run(true, cause);
    await this.submissions.execute(() => decideRecovered(place, { nothingLost, upTo, moved, erased }), cause);
    return { moved, erased, upTo };
  }

  /** Walks over the tasks by key: costs a page of 2,000 tasks a few milliseconds, and takes no locks. */
  private async moveAll(upTo: number, cause: Cause, progress: (moved: number) => void): Promise<number> {
    let moved = 0;
    for (let after: string | null = FIRST_ID; after !== null;) {
      const { waiting, last }: Page = await this.page(after, upTo);
      for (let from = 0; from < waiting.length; from += AT_ONCE) {
        const some = waiting.slice(from, from + AT_ONCE);
        const results = await Promise.all(some.map((id) => this.move(id, cause)));
        moved += results.filter((isMoved) => isMoved).length;
        progress(moved);
      }
      after = last;
    }
    return moved;
  }

  private async page(after: string, upTo: number): Promise<Page> {
    const { rows } = await this.pool.query<Page>(
      `with page as materialized (select id, status, position from task where id > $1 order by id limit $2)
       select (select max(id::text) from page) as last,
              array(select id::text from page
                     where position <= $3 and status in ('queued', 'held', 'submitting', 'unconfirmed')) as waiting`,
      [after, PAGE, upTo],
    );
    return rows[0]!;
  }

  private async move(id: string, cause: Cause): Promise<boolean> {
    const { account } = this.provider;
    const { events } = await this.tasks.execute(
      id,
      (task) => (task ? decideRecovery(task, account, this.policy) : []),
      cause,
    );
    return events.length > 0;
  }
}
