import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArchivedTasks } from '../../archive/archived-tasks.js';
import { decideResume } from '../../domain/decide-operation.js';
import { ownedBy } from '../../domain/ownership.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { ResumeTask } from './resume-task.command.js';

@CommandHandler(ResumeTask)
export class ResumeTaskHandler implements ICommandHandler<ResumeTask> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly archived: ArchivedTasks,
  ) {}

  async execute({ taskId, owner, because, cause }: ResumeTask): Promise<void> {
    await this.archived.hideForeign(taskId, owner, () =>
      this.tasks.execute(taskId, (task) => decideResume(ownedBy(task, owner, taskId), because), cause),
    );
  }
}
