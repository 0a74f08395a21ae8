import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CLOCK, type Clock } from '../../../shared/clock.js';
import { decideFoundAttempt } from '../../domain/decide-recovery.js';
import { type AttemptResult, decideOutcome } from '../../domain/decide-submission.js';
import { TaskNotFoundError } from '../../domain/task.errors.js';
import { type TaskEvent } from '../../domain/task.events.js';
import { type TaskPolicy } from '../../domain/task.policy.js';
import { attemptOf, type Task } from '../../domain/task.state.js';
import { Provider, type SubmitOutcome } from '../../ports.js';
import { ProviderIdInUseError } from '../../stream/provider-id-in-use.error.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { Submissions } from '../../submissions/submissions.js';
import { TASK_POLICY } from '../../tasks.tokens.js';
import { RecordOutcome } from './record-outcome.command.js';

const CAUSE = { actor: 'worker', correlationId: null };

@CommandHandler(RecordOutcome)
export class RecordOutcomeHandler implements ICommandHandler<RecordOutcome> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly provider: Provider,
    private readonly submissions: Submissions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async execute(command: RecordOutcome): Promise<Task | null> {
    try {
      return await this.record(command, false);
    } catch (error) {
      if (error instanceof TaskNotFoundError) return this.tellLoss(command);
      if (!(error instanceof ProviderIdInUseError)) throw error;
      return await this.record(command, true);
    }
  }

  private async record({ taskId, attempt, outcome }: RecordOutcome, idInUse: boolean): Promise<Task> {
    const result = { attempt, outcome, idInUse, account: this.provider.account, dice: Math.random() };
    const { task, events } = await this.tasks.execute(
      taskId,
      (current) => (current ? this.decide(current, result) : []),
      CAUSE,
    );
    if (events.some(({ type }) => type === 'SubmissionPresumed')) await this.submissions.foundAttempt(CAUSE);
    return task;
  }

  /** We made that attempt ourselves. If the log does not know it, the log has lost it. */
  private decide(task: Task, result: AttemptResult): readonly TaskEvent[] {
    const { attempt, account, outcome } = result;
    if (attemptOf(task, attempt) || !mayHaveCreated(outcome)) return decideOutcome(task, result, this.policy);
    const found = decideFoundAttempt(task, { attempt, account, because: 'answer' }, this.clock.now());
    return [...found.events, ...decideOutcome(found.task, result, this.policy)];
  }

  private async tellLoss({ taskId, attempt, outcome }: RecordOutcome): Promise<null> {
    if (mayHaveCreated(outcome)) {
      const providerTaskId = outcome.kind === 'accepted' ? outcome.providerTaskId : null;
      await this.submissions.lostTask({ taskId, attempt, providerTaskId, toldBy: 'answer' }, CAUSE);
    }
    return null;
  }
}

const mayHaveCreated = ({ kind }: SubmitOutcome): boolean => kind === 'accepted' || kind === 'unknown';
