import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { decideReading, type Reading } from '../../domain/decide-reading.js';
import { type StoredFile } from '../../domain/task.events.js';
import { type TaskPolicy } from '../../domain/task.policy.js';
import { attemptOf, type Task } from '../../domain/task.state.js';
import { Provider } from '../../ports.js';
import { ProviderIds } from '../../read-model/provider-ids.js';
import { ProviderIdInUseError } from '../../stream/provider-id-in-use.error.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { TASK_POLICY } from '../../tasks.tokens.js';
import { RecordReading } from './record-reading.command.js';

@CommandHandler(RecordReading)
export class RecordReadingHandler implements ICommandHandler<RecordReading> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly provider: Provider,
    private readonly ids: ProviderIds,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async execute(command: RecordReading): Promise<{ task: Task; isNews: boolean }> {
    try {
      return await this.record(command, await this.isOfAnother(command));
    } catch (error) {
      if (!(error instanceof ProviderIdInUseError)) throw error;
      return await this.record(command, true);
    }
  }

  private async record(command: RecordReading, idInUse: boolean): Promise<{ task: Task; isNews: boolean }> {
    const { taskId, attempt, providerTaskId, reading, source, isPartial, now, look, causationId } = command;
    const read: Reading = {
      attempt,
      providerTaskId,
      account: this.provider.account,
      reading,
      source,
      isPartial,
      idInUse,
      earlierFiles: await this.earlierFiles(taskId, attempt),
      now,
    };
    const { task, events } = await this.tasks.execute(
      taskId,
      (current) => (current ? decideReading(current, read, this.policy) : []),
      { actor: 'provider', correlationId: null, causationId },
      { look, trustsSilence: true },
    );
    return { task, isNews: events.length > 0 };
  }

  /** Asked before a binding only; two that bind at once under one key meet the constraint. */
  private async isOfAnother({ taskId, attempt, providerTaskId, reading }: RecordReading): Promise<boolean> {
    if (reading.kind !== 'read') return false;
    const task = await this.tasks.recall(taskId);
    const isBound = task === null || attemptOf(task, attempt)?.providerTaskId !== null;
    return !isBound && (await this.ids.isOfAnother(taskId, providerTaskId));
  }

  /** The files of an earlier answer that had fewer than expected; they lie sealed in its event. */
  private async earlierFiles(taskId: string, attempt: number): Promise<readonly StoredFile[]> {
    const task = await this.tasks.recall(taskId);
    const short = task && attemptOf(task, attempt)?.shortRead;
    if (!short) return [];
    const personal = await this.tasks.personalOf(task, short.eventId);
    return (personal?.files ?? []) as unknown as StoredFile[];
  }
}
