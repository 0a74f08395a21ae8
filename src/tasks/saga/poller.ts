import { Inject, Injectable, Logger } from '@nestjs/common';
import { looksEnd, planWake } from '../domain/plan-wake.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { TaskRepository } from '../stream/task-repository.js';
import { TASK_POLICY } from '../tasks.tokens.js';
import { DetectionLag } from './detection-lag.js';
import { type Looked, Looker } from './looker.js';
import { MISSES_BEFORE_SLOW, nextLook } from './next-look.js';
import { type Claim, TimerStore } from './timer-store.js';
import { TouchQueue } from './touch-queue.js';

/** Reads of tasks that keep timing out say nothing about the provider as a whole, and nobody waits behind them. */
const SLOW = { countsForBreaker: false, isPatient: true };

/** Looks at submitted tasks when they are due: confirmations of callbacks, planned polls, late looks. */
@Injectable()
export class Poller {
  private readonly log = new Logger('Poller');

  constructor(
    private readonly tasks: TaskRepository,
    private readonly looker: Looker,
    private readonly touches: TouchQueue,
    private readonly timers: TimerStore,
    private readonly detection: DetectionLag,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async handle(claim: Claim): Promise<void> {
    const task = await this.tasks.recall(claim.taskId, claim.version);
    const end = task && looksEnd(task, this.policy);
    if (!task || (end && claim.now > end)) return this.timers.drop(claim);
    const note = { checks: claim.checks + 1, misses: 0 };
    const looked = await this.looker.look(task, claim.now, note, claim.lane === 'slow' ? SLOW : {});
    this.detection.looked(task, looked.task, claim);
    // News came with a timer of their own.
    if (!looked.isNews) await this.putBack(looked, claim);
  }

  private async putBack(looked: Looked, claim: Claim): Promise<void> {
    const planned = planWake(
      looked.task,
      { dice: Math.random(), checks: claim.checks + 1 },
      this.policy,
    )?.call;
    if (!planned) return this.timers.rest(claim);
    const next = nextLook(claim, looked, planned, this.policy);
    this.touches.add(next);
    if (next.misses > claim.misses && next.misses === MISSES_BEFORE_SLOW)
      this.log.warn({ msg: 'status reads time out', task: claim.taskId });
  }
}
