import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { EventStore } from '../../event-store/index.js';
import { GenledgerError } from '../../shared/errors.js';
import { isTerminalStatus } from '../domain/task.state.js';
import { TaskReader } from '../read-model/task-reader.js';
import { type TaskView } from '../read-model/task-view.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';

/** So many requests wait already. */
export class TooManyWaitingError extends GenledgerError {
  constructor(max: number) {
    super(
      'overloaded',
      'unavailable',
      `${max} requests are waiting for tasks already; retry later or without wait.`,
      {
        details: { retryAfterSeconds: 5 },
      },
    );
  }
}

/** When nobody can say which tasks changed, a waiting request looks again after this. */
const LOOK_AGAIN_MS = 1_000;

/** Lets requests wait for the end of a task: woken by commits, with a slow look as the safety net. */
@Injectable()
export class TaskWaiter implements OnModuleDestroy {
  private readonly bells = new Map<string, Set<() => void>>();
  private waiting = 0;
  private isClosing = false;
  private stopListening: (() => void) | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly reader: TaskReader,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {}

  /** Ends all waiting at once: requests answer with what is known. */
  onModuleDestroy(): void {
    this.isClosing = true;
    for (const bells of this.bells.values()) bells.forEach((ring) => ring());
    this.stopListening?.();
  }

  /**
   * The task as it is when it has ended, or when the time is over, or when the signal says that nobody listens any more.
   * Null when there is no such task.
   *
   * @param ms how long to wait at the most; 0 answers at once
   * @throws TooManyWaitingError when the bound on waiting requests is reached
   */
  async waitForEnd(id: string, ms: number, signal?: AbortSignal): Promise<TaskView | null> {
    const deadline = performance.now() + ms;
    let task = await this.reader.find(id);
    if (ms <= 0 || !isWorthWaiting(task)) return task;
    if (this.waiting >= this.options.maxWaiting) throw new TooManyWaitingError(this.options.maxWaiting);
    this.waiting++;
    try {
      // The bell hangs before the look, so that no change falls between the two.
      for (let left = ms; left > 0; left = deadline - performance.now()) {
        const change = this.nextChange(id, Math.min(left, LOOK_AGAIN_MS), signal);
        task = await this.reader.find(id);
        if (!isWorthWaiting(task) || this.isClosing || signal?.aborted) {
          change.cancel();
          return task;
        }
        await change.happened;
      }
      return await this.reader.find(id);
    } finally {
      this.waiting--;
    }
  }

  private nextChange(
    id: string,
    ms: number,
    signal?: AbortSignal,
  ): { happened: Promise<void>; cancel: () => void } {
    this.stopListening ??= this.store.onCommit(({ streamIds }) => {
      for (const streamId of streamIds ?? [...this.bells.keys()])
        this.bells.get(streamId)?.forEach((ring) => ring());
    });
    let cancel = (): void => undefined;
    const happened = new Promise<void>((resolve) => {
      const bells = this.bells.get(id) ?? new Set();
      this.bells.set(id, bells);
      const timer = setTimeout(() => cancel(), ms);
      cancel = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        bells.delete(cancel);
        if (bells.size === 0 && this.bells.get(id) === bells) this.bells.delete(id);
        resolve();
      };
      bells.add(cancel);
      signal?.addEventListener('abort', cancel);
    });
    return { happened, cancel };
  }
}

const isWorthWaiting = (task: TaskView | null): task is TaskView =>
  task !== null && !isTerminalStatus(task.status);
