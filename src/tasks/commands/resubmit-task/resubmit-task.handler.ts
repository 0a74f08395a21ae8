import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GenledgerError } from '../../../shared/errors.js';
import { decidePolicyResubmit, decideResubmit } from '../../domain/decide-operation.js';
import { ArchivedTasks } from '../../archive/archived-tasks.js';
import { ownedBy } from '../../domain/ownership.js';
import { readable } from '../../domain/plan-wake.js';
import { type TaskEvent } from '../../domain/task.events.js';
import { type TaskPolicy } from '../../domain/task.policy.js';
import { isAwaitingConfirmation, type Attempt, type Task } from '../../domain/task.state.js';
import { Looker } from '../../saga/looker.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { TASK_POLICY } from '../../tasks.tokens.js';
import { ResubmitTask } from './resubmit-task.command.js';

/** A known provider task could not be read: resubmitting now might pay a second time for something that is finished. */
export class ProviderUnreadableError extends GenledgerError {
  constructor(id: string) {
    super(
      'provider_unreadable',
      'unavailable',
      `The provider's status of task ${id} could not be read, so nothing is sent again; retry later.`,
      { details: { id, retryAfterSeconds: 10 } },
    );
  }
}

@CommandHandler(ResubmitTask)
export class ResubmitTaskHandler implements ICommandHandler<ResubmitTask> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly looker: Looker,
    private readonly archived: ArchivedTasks,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async execute({ taskId, owner, reason, policyAt, cause }: ResubmitTask): Promise<void> {
    const decide = (current: Task | null): TaskEvent[] => {
      const task = ownedBy(current, owner, taskId);
      return policyAt
        ? decidePolicyResubmit(task, { now: policyAt, reason }, this.policy)
        : decideResubmit(task, { reason, byPolicy: false });
    };
    const loaded = await this.archived.hideForeign(taskId, owner, () => this.tasks.load(taskId));
    if (decide(loaded).length === 0) return;
    const read = await this.readKnown(ownedBy(loaded, owner, taskId));
    if (read.phase.status === 'succeeded') return;
    await this.tasks.execute(taskId, decide, cause);
  }

  private async readKnown(task: Task): Promise<Task> {
    const isHinted = task.attempts.some(isAwaitingConfirmation);
    if (readable(task).length === 0 && !isHinted) return task;
    const looked = await this.looker.lookAtAll(task);
    // An id that only a callback has named may be invented; that nobody answers for it must not block the resubmit.
    if (looked.unreadKnown > 0) throw new ProviderUnreadableError(task.id);
    if (readable(looked.task).some(isNearItsEnd)) throw new ProviderUnreadableError(task.id);
    return looked.task;
  }
}

/**
 * Finished, but not adopted yet (a short answer, files missing so far): it is paid and more will be known soon. Unless its
 * files were waited for in vain before, and there are none now either.
 */
const isNearItsEnd = ({ lastRead, verdict }: Attempt): boolean =>
  lastRead?.status === 'finished' && !(verdict === 'missing' && lastRead.files === 0);
