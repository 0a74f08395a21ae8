import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { decideLeaseEnd } from '../../domain/decide-submission.js';
import { type TaskPolicy } from '../../domain/task.policy.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { TASK_POLICY } from '../../tasks.tokens.js';
import { RecordLeaseEnd } from './record-lease-end.command.js';

@CommandHandler(RecordLeaseEnd)
export class RecordLeaseEndHandler implements ICommandHandler<RecordLeaseEnd> {
  constructor(
    private readonly tasks: TaskRepository,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async execute({ taskId, now }: RecordLeaseEnd): Promise<void> {
    await this.tasks.execute(taskId, (task) => (task ? decideLeaseEnd(task, now, this.policy) : []), {
      actor: 'worker',
      correlationId: null,
    });
  }
}
