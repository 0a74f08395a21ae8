import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CLOCK, type Clock } from '../../../shared/clock.js';
import { decideFoundAttempt } from '../../domain/decide-recovery.js';
import { decideStart } from '../../domain/decide-submission.js';
import { type TaskEvent } from '../../domain/task.events.js';
import { attemptOf, type Task } from '../../domain/task.state.js';
import { Provider } from '../../ports.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { Submissions } from '../../submissions/submissions.js';
import { StartSubmission } from './start-submission.command.js';

@CommandHandler(StartSubmission)
export class StartSubmissionHandler implements ICommandHandler<StartSubmission> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly provider: Provider,
    private readonly submissions: Submissions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ taskId, callback, plannedFor }: StartSubmission): Promise<number | null> {
    const isAsPlanned = (task: Task): boolean => plannedFor === null || task.version === plannedFor;
    const { events, isFirstHand } = await this.tasks.execute(
      taskId,
      // Whatever came since has planned what follows.
      (task) => (task && isAsPlanned(task) ? this.decide(task, callback) : []),
      { actor: 'worker', correlationId: null },
    );
    const [started] = events;
    return isFirstHand && started?.type === 'SubmissionStarted' ? started.data.attempt : null;
  }

  /** A client that repeats a lost intent with its idempotency key makes the very task again of which something came. */
  private decide(task: Task, callback: boolean): readonly TaskEvent[] {
    const { account } = this.provider;
    const lost = this.submissions.current.lost.find(({ taskId }) => taskId === task.id);
    if (!lost || task.phase.status !== 'queued' || attemptOf(task, lost.attempt))
      return decideStart(task, { account, callback });
    const found = { attempt: lost.attempt, account, because: lost.toldBy };
    return decideFoundAttempt(task, found, this.clock.now()).events;
  }
}
