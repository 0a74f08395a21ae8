import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RecordLeaseEnd } from '../commands/record-lease-end/record-lease-end.command.js';
import { ResubmitTask } from '../commands/resubmit-task/resubmit-task.command.js';
import { isDueForPolicyResubmit } from '../domain/decide-operation.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { TaskRepository } from '../stream/task-repository.js';
import { RestoreWatch } from '../submissions/restore-watch.js';
import { TASK_POLICY } from '../tasks.tokens.js';
import { type Claim, TimerStore } from './timer-store.js';
import { TouchQueue } from './touch-queue.js';

/** While nothing may be sent the policy waits. */
const STOPPED_RETRY_MS = 5_000;

/** Looks after attempts whose caller fell silent, and after unconfirmed tasks that the policy may send again. */
@Injectable()
export class Recoverer {
  private readonly log = new Logger('Recoverer');

  constructor(
    private readonly tasks: TaskRepository,
    private readonly commands: CommandBus,
    private readonly timers: TimerStore,
    private readonly touches: TouchQueue,
    private readonly watch: RestoreWatch,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async handle(claim: Claim): Promise<void> {
    const task = await this.tasks.load(claim.taskId);
    if (!task) return this.timers.drop(claim);
    if (isDueForPolicyResubmit(task, claim.now, this.policy)) {
      if (!(await this.watch.maySend())) return this.putOff(claim);
      await this.commands.execute(
        new ResubmitTask(task.id, null, 'UNCONFIRMED_POLICY=resubmit: no callback came in time', claim.now, {
          actor: 'policy:unconfirmed',
          correlationId: task.correlationId,
        }),
      );
      return;
    }
    await this.commands.execute(new RecordLeaseEnd(task.id, claim.now));
    this.log.warn({ msg: 'the caller of an attempt fell silent', task: task.id });
  }

  private putOff({ taskId, epoch, lane, checks, misses }: Claim): void {
    this.touches.add({ taskId, epoch, lane, inMs: STOPPED_RETRY_MS, checks, misses, checked: false });
  }
}
