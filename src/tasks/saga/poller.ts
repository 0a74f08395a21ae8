import { Inject, Injectable, Logger } from '@nestjs/common';
import { planWake, pollDelayMs, readable, type Lane } from '../domain/plan-wake.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { type Task } from '../domain/task.state.js';
import { TaskRepository } from '../stream/task-repository.js';
import { TASK_POLICY } from '../tasks.tokens.js';
import { type Looked, Looker } from './looker.js';
import { type Claim, TimerStore } from './timer-store.js';
import { TouchQueue } from './touch-queue.js';

/** After so many timeouts in a row a task moves to the slow lane, where it keeps nobody waiting. */
const MISSES_BEFORE_SLOW = 2;

/** Looks at submitted tasks when they are due: confirmations of callbacks, planned polls, late looks. */
@Injectable()
export class Poller {
  private readonly log = new Logger('Poller');

  constructor(
    private readonly tasks: TaskRepository,
    private readonly looker: Looker,
    private readonly touches: TouchQueue,
    private readonly timers: TimerStore,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {}

  async handle(claim: Claim): Promise<void> {
    const task = await this.tasks.recall(claim.taskId);
    if (!task || isOver(task, claim.now, this.policy)) return this.timers.drop(claim);
    const looked = await this.looker.look(
      task,
      claim.now,
      { checks: claim.checks + 1, misses: 0 },
      claim.lane === 'slow',
    );
    // News came with a timer of their own.
    if (!looked.isNews) this.putBack(looked, claim);
  }

  private putBack(looked: Looked, claim: Claim): void {
    const { task } = looked;
    const misses = looked.timeouts > 0 ? claim.misses + 1 : 0;
    const wasAsked = looked.retryAfterMs === null || looked.unread === 0;
    const checks = claim.checks + 1;
    const planned = planWake(task, { dice: Math.random(), checks }, this.policy)?.call;
    const isSlow = misses >= MISSES_BEFORE_SLOW || claim.lane === 'slow';
    const lane: Lane = misses >= MISSES_BEFORE_SLOW ? 'slow' : (planned?.lane ?? 'poll');
    const delay = planned && 'inMs' in planned.due ? planned.due.inMs : this.usualDelay(task, checks);
    const slowed =
      isSlow && misses > 0 ? Math.min(this.policy.slowPollCapMs, delay * 2 ** Math.min(misses, 10)) : delay;
    this.touches.add({
      taskId: task.id,
      epoch: claim.epoch,
      lane,
      inMs: Math.max(slowed, looked.retryAfterMs ?? 0),
      checks: wasAsked ? checks : claim.checks,
      misses,
      checked: wasAsked,
    });
    if (misses === MISSES_BEFORE_SLOW) this.log.warn({ msg: 'status reads time out', task: task.id });
  }

  private usualDelay(task: Task, checks: number): number {
    return pollDelayMs(task, readable(task), { dice: Math.random(), checks }, this.policy);
  }
}

/** The windows in which an ended task is still looked at have passed. */
const isOver = (task: Task, now: Date, policy: TaskPolicy): boolean => {
  if (task.attempts.some((attempt) => attempt.hints.length > 0)) return false;
  const since = task.completedAt;
  if (!since) return false;
  const window =
    task.phase.status === 'expired' || task.phase.status === 'failed'
      ? policy.lateWindowMs
      : policy.expiresMs;
  return now.getTime() - since.getTime() > window;
};
