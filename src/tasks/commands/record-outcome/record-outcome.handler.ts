import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { decideOutcome } from '../../domain/decide-submission.js';
import { type TaskPolicy } from '../../domain/task.policy.js';
import { type Task } from '../../domain/task.state.js';
import { Provider } from '../../ports.js';
import { ProviderIdInUseError } from '../../stream/provider-id-in-use.error.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { TASK_POLICY } from '../../tasks.tokens.js';
import { RecordOutcome } from './record-outcome.command.js';

@CommandHandler(RecordOutcome)
export class RecordOutcomeHandler implements ICommandHandler<RecordOutcome> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly provider: Provider,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async execute(command: RecordOutcome): Promise<Task> {
    try {
      return await this.record(command, false);
    } catch (error) {
      if (!(error instanceof ProviderIdInUseError)) throw error;
      return await this.record(command, true);
    }
  }

  private async record({ taskId, attempt, outcome }: RecordOutcome, idInUse: boolean): Promise<Task> {
    const result = { attempt, outcome, idInUse, account: this.provider.account, dice: Math.random() };
    const { task } = await this.tasks.execute(
      taskId,
      (current) => (current ? decideOutcome(current, result, this.policy) : []),
      { actor: 'worker', correlationId: null },
    );
    return task;
  }
}
