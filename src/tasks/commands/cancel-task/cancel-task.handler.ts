import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivedTasks } from '../../archive/archived-tasks.js';
import { decideCancel } from '../../domain/decide-operation.js';
import { ownedBy } from '../../domain/ownership.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { CancelTask } from './cancel-task.command.js';

@CommandHandler(CancelTask)
export class CancelTaskHandler implements ICommandHandler<CancelTask> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly archived: ArchivedTasks,
  ) {}

  async execute({ taskId, owner, cause }: CancelTask): Promise<void> {
    await this.archived.hideForeign(taskId, owner, () =>
      this.tasks.execute(taskId, (task) => decideCancel(ownedBy(task, owner, taskId)), cause),
    );
  }
}
