import { hash } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CLOCK, type Clock } from '../../../shared/clock.js';
import { decideCallback, type ArrivedCallback } from '../../domain/decide-callback.js';
import { decideFoundAttempt } from '../../domain/decide-recovery.js';
import { TaskNotFoundError } from '../../domain/task.errors.js';
import { type TaskPolicy } from '../../domain/task.policy.js';
import { type TaskEvent } from '../../domain/task.events.js';
import { attemptOf, type Task } from '../../domain/task.state.js';
import { Provider } from '../../ports.js';
import { type Cause, TaskRepository } from '../../stream/task-repository.js';
import { Submissions } from '../../submissions/submissions.js';
import { TASK_POLICY } from '../../tasks.tokens.js';
import { ReceiveCallback, type RecordedCallback } from './receive-callback.command.js';

@CommandHandler(ReceiveCallback)
export class ReceiveCallbackHandler implements ICommandHandler<ReceiveCallback> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly provider: Provider,
    private readonly submissions: Submissions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async execute({
    taskId,
    attempt,
    body,
    headers,
    cause,
    signature,
  }: ReceiveCallback): Promise<RecordedCallback> {
    const arrived: ArrivedCallback = {
      attempt,
      reading: this.provider.readCallback(body),
      body,
      bodySha256: hash('sha256', body, 'hex'),
      headers,
      signature,
    };
    const events = await this.record(taskId, arrived, cause);
    const received = events.find((event) => event.type === 'CallbackReceived');
    return received
      ? { verdict: received.data.verdict, isRecorded: true }
      : { verdict: arrived.reading.kind === 'malformed' ? 'malformed' : 'duplicate', isRecorded: false };
  }

  private async record(
    taskId: string,
    arrived: ArrivedCallback,
    cause: Cause,
  ): Promise<readonly TaskEvent[]> {
    try {
      const { events } = await this.tasks.execute(
        taskId,
        (task) => this.decide(task ?? refuse(taskId), arrived),
        cause,
      );
      if (events.some(({ type }) => type === 'SubmissionPresumed'))
        await this.submissions.foundAttempt(cause);
      return events;
    } catch (error) {
      if (error instanceof TaskNotFoundError) await this.tellLoss(taskId, arrived, cause);
      throw error;
    }
  }

  /** The token was made by us for this very attempt. If the log does not know it, the log has lost it. */
  private decide(task: Task, arrived: ArrivedCallback): readonly TaskEvent[] {
    if (attemptOf(task, arrived.attempt)) return decideCallback(task, arrived, this.policy);
    const { account } = this.provider;
    const found = decideFoundAttempt(
      task,
      { attempt: arrived.attempt, account, because: 'callback' },
      this.clock.now(),
    );
    return [...found.events, ...decideCallback(found.task, arrived, this.policy)];
  }

  private async tellLoss(taskId: string, { attempt, reading }: ArrivedCallback, cause: Cause): Promise<void> {
    const providerTaskId = reading.kind === 'report' ? reading.report.providerTaskId : null;
    await this.submissions.lostTask({ taskId, attempt, providerTaskId, toldBy: 'callback' }, cause);
  }
}

const refuse = (taskId: string): never => {
  throw new TaskNotFoundError(taskId);
};
