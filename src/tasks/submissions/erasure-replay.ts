import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { CancelTask } from '../commands/cancel-task/cancel-task.command.js';
import { CancelTaskHandler } from '../commands/cancel-task/cancel-task.handler.js';
import { EraseTask } from '../commands/erase-task/erase-task.command.js';
import { EraseTaskHandler } from '../commands/erase-task/erase-task.handler.js';
import { TaskStatusConflictError } from '../domain/task.errors.js';
import { isTerminalStatus, type TaskStatus } from '../domain/task.state.js';
import { ErasureList } from '../sealing/erasure-list.js';
import { type Cause } from '../stream/task-repository.js';

/** Ids asked for by one query. */
const PAGE = 1_000;

/**
 * Erases again what a restored log has brought back: the tasks on the list that is kept outside the database.
 *
 * It runs before the command bus knows its handlers, so it asks them itself.
 */
@Injectable()
export class ErasureReplay {
  private readonly log = new Logger('Erasures');

  constructor(
    private readonly list: ErasureList,
    private readonly cancelling: CancelTaskHandler,
    private readonly erasing: EraseTaskHandler,
    @Inject(PG_POOL) private readonly pool: Pool,
  ) {}

  /**
   * Answers how many tasks were erased again. Any number of replicas may do it at once.
   *
   * @param alsoOpen tasks that are open in this log too: they had ended when they were erased, in a history that is lost
   */
  async run(alsoOpen: boolean, cause: Cause): Promise<number> {
    const listed = await this.list.all();
    let erased = 0;
    for (let from = 0; from < listed.length; from += PAGE) {
      for (const { id, status } of await this.present(listed.slice(from, from + PAGE))) {
        if (!isTerminalStatus(status)) {
          if (!alsoOpen) continue;
          await this.end(id, cause);
        }
        await this.erasing.execute(new EraseTask(id, null, 'erased before the log was restored', cause));
        erased++;
      }
    }
    if (erased > 0) this.log.warn({ msg: 'tasks that had come back were erased again', erased });
    return erased;
  }

  private async present(ids: readonly string[]): Promise<{ id: string; status: TaskStatus }[]> {
    const { rows } = await this.pool.query<{ id: string; status: TaskStatus }>(
      'select id, status from task where id = any ($1::uuid[]) and erased_at is null',
      [ids],
    );
    return rows;
  }

  private async end(id: string, cause: Cause): Promise<void> {
    await this.cancelling.execute(new CancelTask(id, null, cause)).catch((error: unknown) => {
      // It ended by itself meanwhile.
      if (!(error instanceof TaskStatusConflictError)) throw error;
    });
  }
}
