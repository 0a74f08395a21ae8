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

/** A process that took this share of the room since the last count may not be the only one that does. */
const SHARE = 1 / 4;

/**
 * Guards the number of open tasks of the installation: a bound for overload, not an exact quota. Between two counts this
 * process adds its own submits and subtracts nothing; what other replicas take in the meantime, a second at most when
 * the bound is near, can exceed it.
 */
@Injectable()
export class Backlog {
  private counted = 0;
  /** By this process since the count. */
  private added = 0;
  private countedAt = -Infinity;
  private counting: Promise<void> | null = null;

  constructor(
    private readonly timers: TimerStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {}

  /** @throws BacklogFullError when there is no room for one more task */
  async assertRoom(): Promise<void> {
    const recountMs = this.isNear() ? RECOUNT_MS.near : RECOUNT_MS.far;
    if (this.clock.monotonic() - this.countedAt > recountMs) {
      this.counting ??= this.recount();
      // Only the first count is waited for; later ones refresh behind the requests, and are tried again when they fail.
      if (this.countedAt === -Infinity) await this.counting;
      else this.counting.catch(() => undefined);
    }
    const open = this.counted + this.added;
    if (open >= this.options.maxOpenTasks) throw new BacklogFullError(open, this.options.maxOpenTasks);
    this.added++;
  }

  private isNear(): boolean {
    const room = this.options.maxOpenTasks - this.counted;
    return this.counted + this.added > this.options.maxOpenTasks / 2 || this.added > room * SHARE;
  }

  private async recount(): Promise<void> {
    const before = this.added;
    try {
      this.counted = await this.timers.countUpTo(this.options.maxOpenTasks);
      // What was added meanwhile may not be in the count.
      this.added -= before;
      this.countedAt = this.clock.monotonic();
    } finally {
      this.counting = null;
    }
  }
}
