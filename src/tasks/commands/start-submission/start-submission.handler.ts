import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { decideStart } from '../../domain/decide-submission.js';
import { Provider } from '../../ports.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { StartSubmission } from './start-submission.command.js';

@CommandHandler(StartSubmission)
export class StartSubmissionHandler implements ICommandHandler<StartSubmission> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly provider: Provider,
  ) {}

  async execute({ taskId, callback }: StartSubmission): Promise<number | null> {
    const { events, isFirstHand } = await this.tasks.execute(
      taskId,
      (task) => (task ? decideStart(task, { account: this.provider.account, callback }) : []),
      { actor: 'worker', correlationId: null },
    );
    const [started] = events;
    return isFirstHand && started?.type === 'SubmissionStarted' ? started.data.attempt : null;
  }
}
