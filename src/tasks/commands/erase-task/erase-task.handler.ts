import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { EventsArchivedError } from '../../../event-store/index.js';
import { CLOCK, type Clock } from '../../../shared/clock.js';
import { ArchivedTasks } from '../../archive/archived-tasks.js';
import { decideErase } from '../../domain/decide-operation.js';
import { ownedBy } from '../../domain/ownership.js';
import { TaskStatusConflictError } from '../../domain/task.errors.js';
import { type TaskEvent } from '../../domain/task.events.js';
import { type Task } from '../../domain/task.state.js';
import { ErasureList } from '../../sealing/erasure-list.js';
import { KeyedDigest } from '../../sealing/keyed-digest.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { EraseTask } from './erase-task.command.js';

@CommandHandler(EraseTask)
export class EraseTaskHandler implements ICommandHandler<EraseTask> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly digest: KeyedDigest,
    private readonly list: ErasureList,
    private readonly archived: ArchivedTasks,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ taskId, owner, reason, cause }: EraseTask): Promise<void> {
    const reasonDigest = reason === null ? null : this.digest.of('reason of erasure', taskId, reason);
    const decide = (task: Task | null): TaskEvent[] =>
      decideErase(ownedBy(task, owner, taskId), reasonDigest);
    try {
      // Listed first: after a crash in between the worst is a task on the list that is erased once more.
      if (decide(await this.tasks.load(taskId)).length === 0) return;
      await this.list.add(taskId, this.clock.now());
      await this.tasks.execute(taskId, decide, cause).catch(async (error: unknown) => {
        if (error instanceof TaskStatusConflictError) await this.withdraw(taskId);
        throw error;
      });
    } catch (error) {
      if (!(error instanceof EventsArchivedError)) throw error;
      await this.archived.erase(taskId, owner, reasonDigest, cause, () =>
        this.list.add(taskId, this.clock.now()),
      );
    }
  }

  /** Sent again while it was being listed: what the list says must not come true later. */
  private async withdraw(taskId: string): Promise<void> {
    await this.list.withdraw(taskId, this.clock.now());
    // Ended and erased by somebody else in the meantime.
    if ((await this.tasks.load(taskId))?.erasedAt) await this.list.add(taskId, this.clock.now());
  }
}
