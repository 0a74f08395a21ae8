import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GenledgerError } from '../../../shared/errors.js';
import { decideResubmit } from '../../domain/decide-operation.js';
import { ArchivedTasks } from '../../archive/archived-tasks.js';
import { ownedBy } from '../../domain/ownership.js';
import { readable } from '../../domain/plan-wake.js';
import { isAwaitingConfirmation, type Task } from '../../domain/task.state.js';
import { Looker } from '../../saga/looker.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { ResubmitTask } from './resubmit-task.command.js';

/** A known provider task could not be read: resubmitting now might pay a second time for something that is finished. */
export class ProviderUnreadableError extends GenledgerError {
  constructor(id: string) {
    super(
      'provider_unreadable',
      'unavailable',
      `The provider's status of task ${id} could not be read, so nothing is sent again; retry later.`,
      { details: { id, retryAfterSeconds: 10 } },
    );
  }
}

@CommandHandler(ResubmitTask)
export class ResubmitTaskHandler implements ICommandHandler<ResubmitTask> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly looker: Looker,
    private readonly archived: ArchivedTasks,
  ) {}

  async execute({ taskId, owner, reason, byPolicy, cause }: ResubmitTask): Promise<void> {
    const loaded = await this.archived.hideForeign(taskId, owner, () => this.tasks.load(taskId));
    const task = ownedBy(loaded, owner, taskId);
    decideResubmit(task, { reason, byPolicy });
    const read = await this.readKnown(task);
    if (read.phase.status === 'succeeded') return;
    await this.tasks.execute(
      taskId,
      (current) => decideResubmit(ownedBy(current, owner, taskId), { reason, byPolicy }),
      cause,
    );
  }

  private async readKnown(task: Task): Promise<Task> {
    const isHinted = task.attempts.some(isAwaitingConfirmation);
    if (readable(task).length === 0 && !isHinted) return task;
    const looked = await this.looker.lookAtAll(task);
    // An id that only a callback has named may be invented; that nobody answers for it must not block the resubmit.
    if (looked.unreadKnown > 0) throw new ProviderUnreadableError(task.id);
    // Finished, but not adopted yet (a short answer, files missing so far): its end is near and it is paid.
    if (readable(looked.task).some((attempt) => attempt.lastRead?.status === 'finished')) {
      throw new ProviderUnreadableError(task.id);
    }
    return looked.task;
  }
}
