import { Inject, Injectable } from '@nestjs/common';
import { GenledgerError } from '../../shared/errors.js';
import { CLOCK, type Clock } from '../../shared/clock.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { TimerStore } from './timer-store.js';

/** More tasks are open than this installation takes. */
export class BacklogFullError extends GenledgerError {
  constructor(open: number, max: number) {
    super('overloaded', 'unavailable', `${open} tasks are open, ${max} are allowed; retry later.`, {
      details: { retryAfterSeconds: 10 },
    });
  }
}

/** Counting costs as much as there are open tasks: rarely while the bound is far away, often when it is near. */
const RECOUNT_MS = { far: 15_000, near: 1_000 };

/**
 * Guards the number of open tasks: a bound for overload, not an exact quota. Between two counts this process adds its own
 * submits and subtracts nothing, so it errs on the cautious side.
 */
@Injectable()
export class Backlog {
  private open = 0;
  private countedAt = -Infinity;
  private counting: Promise<void> | null = null;

  constructor(
    private readonly timers: TimerStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {}

  /** @throws BacklogFullError when there is no room for one more task */
  async assertRoom(): Promise<void> {
    const { near, far } = RECOUNT_MS;
    const recountMs = this.open > this.options.maxOpenTasks / 2 ? near : far;
    if (this.clock.monotonic() - this.countedAt > recountMs) {
      this.counting ??= this.recount();
      // Only the first count is waited for; later ones refresh behind the requests.
      if (this.countedAt === -Infinity) await this.counting;
    }
    if (this.open >= this.options.maxOpenTasks)
      throw new BacklogFullError(this.open, this.options.maxOpenTasks);
    this.open++;
  }

  private async recount(): Promise<void> {
    try {
      this.open = await this.timers.countUpTo(this.options.maxOpenTasks);
      this.countedAt = this.clock.monotonic();
    } finally {
      this.counting = null;
    }
  }
}
