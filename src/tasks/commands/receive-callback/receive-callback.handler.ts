import { createHash } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { decideCallback, type ArrivedCallback } from '../../domain/decide-callback.js';
import { TaskNotFoundError } from '../../domain/task.errors.js';
import { type TaskPolicy } from '../../domain/task.policy.js';
import { attemptOf } from '../../domain/task.state.js';
import { Provider } from '../../ports.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { TASK_POLICY } from '../../tasks.tokens.js';
import { ReceiveCallback, type RecordedCallback } from './receive-callback.command.js';

@CommandHandler(ReceiveCallback)
export class ReceiveCallbackHandler implements ICommandHandler<ReceiveCallback> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly provider: Provider,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async execute({ taskId, attempt, body, headers, cause }: ReceiveCallback): Promise<RecordedCallback> {
    const arrived: ArrivedCallback = {
      attempt,
      reading: this.provider.readCallback(body),
      body,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      headers,
    };
    const { events } = await this.tasks.execute(
      taskId,
      (task) => {
        // A valid token for an attempt the log does not know: it must have been made by a log we have lost.
        if (!task || !attemptOf(task, attempt)) throw new TaskNotFoundError(taskId);
        return decideCallback(task, arrived, this.policy);
      },
      cause,
    );
    const received = events.find((event) => event.type === 'CallbackReceived');
    return received
      ? { verdict: received.data.verdict, isRecorded: true }
      : { verdict: arrived.reading.kind === 'malformed' ? 'malformed' : 'duplicate', isRecorded: false };
  }
}
