import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { TASK_STATUSES, isTerminalStatus } from '../../domain/task.state.js';
import { TaskReader } from '../../read-model/task-reader.js';
import { type Cause } from '../../stream/task-repository.js';
import { EraseTask } from './erase-task.command.js';

export interface OwnerErasure {
  readonly erased: number;
  /** More ended tasks of the owner are left: ask again. */
  readonly hasMore: boolean;
}

const ENDED = TASK_STATUSES.filter(isTerminalStatus);
const PAGE = 100;

/** Erases all tasks of an owner that have ended, one by one: each is an event of its own. Open tasks are left alone. */
@Injectable()
export class OwnerEraser {
  constructor(
    private readonly reader: TaskReader,
    private readonly commands: CommandBus,
  ) {}

  /** @param limit how many at the most in this call */
  async erase(owner: string, reason: string | null, cause: Cause, limit: number): Promise<OwnerErasure> {
    let erased = 0;
    for (;;) {
      const left = Math.min(PAGE, limit - erased);
      const filter = { owner, statuses: ENDED, isErased: false };
      const { tasks, nextBefore } = await this.reader.list(filter, Math.max(left, 1), null);
      if (tasks.length === 0 || left === 0) return { erased, hasMore: tasks.length > 0 };
      for (const { id } of tasks) await this.commands.execute(new EraseTask(id, owner, reason, cause));
      erased += tasks.length;
      if (nextBefore === null) return { erased, hasMore: false };
    }
  }
}
