import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { CLOCK, type Clock } from '../../shared/clock.js';
import { type JsonObject } from '../../shared/json.js';
import { ProviderAccount } from '../account/provider-account.js';
import { decidePause } from '../account/account.state.js';
import { RecordOutcome } from '../commands/record-outcome/record-outcome.command.js';
import { StartSubmission } from '../commands/start-submission/start-submission.command.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { readable, type Attempt, type Task } from '../domain/task.state.js';
import { Provider, type SubmitOutcome } from '../ports.js';
import { TaskRepository } from '../stream/task-repository.js';
import { RestoreWatch } from '../submissions/restore-watch.js';
import { TASK_POLICY } from '../tasks.tokens.js';
import { CallbackUrls } from './callback-urls.js';
import { Looker } from './looker.js';
import { PausedModels } from './paused-models.js';
import { TouchQueue } from './touch-queue.js';
import { type Claim, TimerStore } from './timer-store.js';
import { UnsavedOutcomes } from './unsaved-outcomes.js';
import { WaitingTasks } from './waiting-tasks.js';

/** The call must begin this soon after its SubmissionStarted was sent to the log, else it is not made. */
const START_WITHIN_MS = 5_000;
/** A task of a paused model is looked at again this often. */
const PAUSED_MODEL_RETRY_MS = 30_000;

/** The provider did not answer for a task that it may have finished: so many times, so far apart. */
const MOST_UNREAD = 6;
const UNREAD_RETRY_MS = 10_000;

/** Claimed just when everything was stopped. */
const STOPPED_RETRY_MS = 1_000;

/** How a piece of due work in the submit lane ended, for whoever meters the lane. */
export type SubmitStep = 'accepted' | 'refused_by_account' | 'put_off' | 'other';

/**
 * Carries queued tasks to the provider.
 *
 * For each: see that no earlier attempt has ended; ask pace, breaker and account; append SubmissionStarted; only if that
 * very append wrote it, call; record the outcome, however long that takes.
 */
@Injectable()
export class Submitter {
  private readonly log = new Logger('Submitter');

  constructor(
    private readonly tasks: TaskRepository,
    private readonly provider: Provider,
    private readonly account: ProviderAccount,
    private readonly watch: RestoreWatch,
    private readonly pausedModels: PausedModels,
    private readonly looker: Looker,
    private readonly urls: CallbackUrls,
    private readonly commands: CommandBus,
    private readonly touches: TouchQueue,
    private readonly timers: TimerStore,
    private readonly waiting: WaitingTasks,
    private readonly unsaved: UnsavedOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async handle(claim: Claim): Promise<SubmitStep> {
    const task = await this.tasks.recall(claim.taskId, claim.version);
    if (!task) {
      await this.timers.drop(claim);
      return 'other';
    }
    return task.phase.status === 'queued' ? this.submit(task, claim) : 'other';
  }

  private async submit(task: Task, claim: Claim): Promise<SubmitStep> {
    if (!(await this.watch.maySend())) return this.putOff(claim, STOPPED_RETRY_MS);
    const { pausedModels } = this.account.current;
    if (pausedModels.has(task.model)) {
      await this.pausedModels.stepAside(task.model);
      return this.putOff(claim, PAUSED_MODEL_RETRY_MS);
    }
    const instead = await this.seeKnown(task, claim);
    if (instead !== null) return instead;
    const admission = await this.provider.admit('submit');
    if (!admission.granted) return this.putOff(claim, admission.retryInMs);
    return this.attempt(task.id, claim.version);
  }

  /**
   * A task that was sent again and may have waited since (for its account, for a pause): what the provider made of it before
   * may have ended meanwhile, and is looked at before it is paid once more. Null when nothing speaks against sending, and
   * when the provider has not answered for it time and again: whoever sent it again has accepted the risk.
   */
  private async seeKnown(task: Task, claim: Claim): Promise<SubmitStep | null> {
    const { pollCapMs } = this.policy.timingOf(task.domain);
    const isOutdated = ({ lastRead }: Attempt): boolean =>
      lastRead === null || claim.now.getTime() - lastRead.at.getTime() > pollCapMs;
    if (claim.checks >= MOST_UNREAD || !readable(task).some(isOutdated)) return null;
    const looked = await this.looker.look(task, claim.now, { checks: claim.checks, misses: 0 });
    // What was written has planned what follows.
    if (looked.task.version !== task.version) return 'other';
    return looked.unreadKnown === 0
      ? null
      : this.putOff({ ...claim, checks: claim.checks + 1 }, UNREAD_RETRY_MS);
  }

  /**
   * Sends one task now, past the queue and a pause of the account: the probe, and the way of every queued task.
   *
   * @param plannedFor version of the task that the sending was planned for; null: whatever it is now
   */
  async attempt(taskId: string, plannedFor: number | null): Promise<SubmitStep> {
    const intent = await this.intentOf(taskId);
    if (!intent) return 'other';
    // Opened before the append: a process that is frozen while it waits for the answer must not call when it wakes.
    const mayStart = this.startWindow();
    const attempt = await this.commands.execute(new StartSubmission(taskId, this.urls.isEnabled, plannedFor));
    if (attempt === null) return 'other';
    const callbackUrl = this.urls.urlFor(taskId, attempt);
    const outcome = await this.provider.submit({ ...intent, callbackUrl, mayStart });
    const recorded = await this.record(taskId, attempt, outcome);
    if (outcome.kind === 'held' && recorded?.phase.status === 'held')
      await this.pause(recorded, outcome.reason);
    if (outcome.kind === 'accepted') return 'accepted';
    return outcome.kind === 'held' ? 'refused_by_account' : 'other';
  }

  /**
   * True until five seconds after now, or half a lease where that is shorter, on both clocks: a process that slept in
   * between must not call, and a call that is made ends within the lease.
   */
  private startWindow(): () => boolean {
    const openMs = Math.min(START_WITHIN_MS, this.policy.leaseMs / 2);
    const monotonic = this.clock.monotonic();
    const wall = this.clock.now().getTime();
    return () => {
      const elapsed = [this.clock.monotonic() - monotonic, Math.abs(this.clock.now().getTime() - wall)];
      return elapsed.every((ms) => ms < openMs);
    };
  }

  private async intentOf(taskId: string): Promise<{ model: string; input: JsonObject } | null> {
    const task = await this.tasks.recall(taskId);
    const personal = task && (await this.tasks.personalOf(task, task.intentIn));
    return task && personal ? { model: task.model, input: personal.input as JsonObject } : null;
  }

  /** An answer is a fact: it is recorded however long the database takes, and kept in a file when we must stop first. */
  private record(taskId: string, attempt: number, outcome: SubmitOutcome): Promise<Task | null> {
    return this.unsaved.untilSaved({ taskId, attempt, outcome }, () =>
      this.commands.execute(new RecordOutcome(taskId, attempt, outcome)),
    );
  }

  private async pause(task: Task, reason: Extract<SubmitOutcome, { kind: 'held' }>['reason']): Promise<void> {
    const cause = { actor: 'worker', correlationId: task.correlationId };
    const pauseFor = (scope: 'key' | 'credits' | 'model'): Promise<boolean> =>
      this.account.execute(
        (state) =>
          decidePause(state, { scope, model: scope === 'model' ? task.model : null, task_id: task.id }),
        cause,
      );
    this.log.warn({ msg: 'held', task: task.id, reason });
    if (reason === 'provider_auth') await pauseFor('key');
    if (reason === 'model_forbidden') await pauseFor('model');
    // One task may be too dear for what is left; two mean that the account is empty.
    if (reason === 'insufficient_credits' && (await this.waiting.hasAnotherWithoutCredits(task.id))) {
      await pauseFor('credits');
    }
  }

  private putOff(claim: Claim, inMs: number): 'put_off' {
    const { taskId, epoch, lane, checks, misses } = claim;
    this.touches.add({ taskId, epoch, lane, inMs: Math.max(50, inMs), checks, misses, checked: false });
    return 'put_off';
  }
}
