import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { decideClock } from '../../domain/decide-time.js';
import { type TaskPolicy } from '../../domain/task.policy.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { TASK_POLICY } from '../../tasks.tokens.js';
import { PassTime } from './pass-time.command.js';

@CommandHandler(PassTime)
export class PassTimeHandler implements ICommandHandler<PassTime> {
  constructor(
    private readonly tasks: TaskRepository,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async execute({ taskId, now }: PassTime): Promise<void> {
    await this.tasks.execute(taskId, (task) => (task ? decideClock(task, now, this.policy) : []), {
      actor: 'worker',
      correlationId: null,
    });
  }
}
