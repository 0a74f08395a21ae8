import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type AccountEvent } from '../account/account.events.js';
import { decideResumeAccount, isDueForProbe } from '../account/account.state.js';
import { ProviderAccount } from '../account/provider-account.js';
import { ResumeTask } from '../commands/resume-task/resume-task.command.js';
import { TaskStatusConflictError } from '../domain/task.errors.js';
import { RestoreWatch } from '../submissions/restore-watch.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { type SubmitStep, Submitter } from './submitter.js';
import { TimerStore } from './timer-store.js';
import { WaitingTasks } from './waiting-tasks.js';

/** How many held tasks go back to the queue per tick after a resume. */
const RELEASED_PER_TICK = 50;

const CAUSE = { actor: 'policy:account', correlationId: null };

/** Lets held tasks follow their account: probes an empty one now and then, and frees tasks after a resume. */
@Injectable()
export class AccountKeeper {
  private readonly log = new Logger('AccountKeeper');

  constructor(
    private readonly account: ProviderAccount,
    private readonly waiting: WaitingTasks,
    private readonly submitter: Submitter,
    private readonly timers: TimerStore,
    private readonly commands: CommandBus,
    private readonly watch: RestoreWatch,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {}

  /** What the probes brought, for whoever meters the submissions. */
  async run(): Promise<SubmitStep[]> {
    if (!(await this.watch.maySend())) return [];
    if (this.account.current.pause) return this.probeWhenDue();
    const freed = await this.waiting.freed(
      this.account.name,
      this.account.current.resumedAt,
      RELEASED_PER_TICK,
    );
    for (const id of freed) await this.release(id, 'account_resumed');
    return [];
  }

  private async probeWhenDue(): Promise<SubmitStep[]> {
    const { accountProbeMs } = this.options;
    const now = await this.timers.now();
    if (!isDueForProbe(this.account.current, now, accountProbeMs)) return [];
    const held = await this.waiting.oldestWithoutCredits();
    // The held ones may have been cancelled, or put off by an earlier probe: then the queue must not wait for them.
    const queued = held ? null : await this.waiting.longestDue([...this.account.current.pausedModels.keys()]);
    const taskId = held ?? queued?.id;
    if (!taskId) return [];
    const probed: AccountEvent = { type: 'AccountProbed', data: { task_id: taskId } };
    // Whoever writes the event makes the probe; the other replicas find it there.
    const isOurs = await this.account.execute(
      (state) => (isDueForProbe(state, now, accountProbeMs) ? [probed] : []),
      CAUSE,
    );
    if (!isOurs || (held && !(await this.release(held, 'probe')))) return [];
    const step = await this.submitter.attempt(taskId, queued?.version ?? null);
    this.log.log({ msg: 'probed the account', task: taskId, step });
    if (step === 'accepted') await this.account.execute(() => decideResumeAccount('probe'), CAUSE);
    return [step];
  }

  /** False when the task is no longer held. */
  private async release(taskId: string, because: 'account_resumed' | 'probe'): Promise<boolean> {
    try {
      await this.commands.execute(new ResumeTask(taskId, null, because, CAUSE));
      return true;
    } catch (error) {
      if (error instanceof TaskStatusConflictError) return false;
      throw error;
    }
  }
}
