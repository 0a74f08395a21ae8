import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Due } from '../domain/instant.js';
import { looksEnd, planWake } from '../domain/plan-wake.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { TaskRepository } from '../stream/task-repository.js';
import { TASK_POLICY } from '../tasks.tokens.js';
import { DetectionLag } from './detection-lag.js';
import { type Looked, Looker } from './looker.js';
import { type Claim, TimerStore } from './timer-store.js';
import { TouchQueue } from './touch-queue.js';

/** After so many timeouts in a row a task moves to the slow lane, where it keeps nobody waiting. */
const MISSES_BEFORE_SLOW = 2;

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
    const { task } = looked;
    const checks = claim.checks + 1;
    const planned = planWake(task, { dice: Math.random(), checks }, this.policy)?.call;
    if (!planned) return this.timers.rest(claim);
    const misses = looked.timeouts > 0 ? claim.misses + 1 : 0;
    const isSlow = misses >= MISSES_BEFORE_SLOW;
    const wasAsked = looked.retryAfterMs === null || looked.unread === 0;
    const pauseMs = msUntil(planned.due, claim.now);
    const slowedMs = isSlow
      ? Math.min(this.policy.slowPollCapMs, pauseMs * 2 ** Math.min(misses, 10))
      : pauseMs;
    this.touches.add({
      taskId: task.id,
      epoch: claim.epoch,
      lane: isSlow ? 'slow' : planned.lane,
      inMs: Math.max(slowedMs, looked.retryAfterMs ?? 0),
      checks: wasAsked ? checks : claim.checks,
      misses,
      checked: wasAsked,
    });
    if (misses === MISSES_BEFORE_SLOW) this.log.warn({ msg: 'status reads time out', task: task.id });
  }
}

const msUntil = (due: Due, now: Date): number =>
  'inMs' in due ? due.inMs : Math.max(0, due.at.getTime() - now.getTime());
