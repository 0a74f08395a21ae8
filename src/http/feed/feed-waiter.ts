import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { EventStore } from '../../event-store/index.js';
import { type OpenedEvent, TaskHistory, TooManyWaitingError } from '../../tasks/index.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http.options.js';

export interface FeedQuery {
  readonly owner: string;
  readonly after: number;
  readonly limit: number;
  readonly types: readonly string[] | undefined;
}

export interface FeedPage {
  readonly events: readonly OpenedEvent[];
  readonly next: number;
}

/** A commit that nobody announced is found after this. */
const LOOK_AGAIN_MS = 1_000;

const DEFAULT_MAX_WAITING = 1_000;

/** Lets requests wait for the next events of an owner: woken by commits, with a slow look as the safety net. */
@Injectable()
export class FeedWaiter implements OnModuleDestroy {
  private readonly bells = new Set<() => void>();
  private waiting = 0;
  private isClosing = false;
  private stopListening: (() => void) | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly history: TaskHistory,
    @Inject(HTTP_OPTIONS) private readonly options: HttpOptions,
  ) {}

  /** Requests that wait answer at once with what there is. */
  onModuleDestroy(): void {
    this.isClosing = true;
    this.ringAll();
    this.stopListening?.();
  }

  /**
   * The first page behind a position that is not empty; an empty one when the time is over or nobody listens any more.
   *
   * @throws TooManyWaitingError
   */
  async next(query: FeedQuery, ms: number, signal?: AbortSignal): Promise<FeedPage> {
    const first = await this.read(query, query.after);
    if (first.events.length > 0 || ms <= 0) return first;
    const max = this.options.maxWaiting ?? DEFAULT_MAX_WAITING;
    if (this.waiting >= max) throw new TooManyWaitingError(max);
    this.waiting++;
    try {
      return await this.wait(query, first.next, performance.now() + ms, signal);
    } finally {
      this.waiting--;
    }
  }

  private async wait(
    query: FeedQuery,
    from: number,
    deadline: number,
    signal?: AbortSignal,
  ): Promise<FeedPage> {
    for (let after = from; ;) {
      const left = deadline - performance.now();
      // The bell hangs before the look, so that no commit falls between the two.
      const bell = this.nextCommit(Math.min(left, LOOK_AGAIN_MS), signal);
      const page = await this.read(query, after);
      if (page.events.length > 0 || left <= 0 || this.isClosing || signal?.aborted) {
        bell.cancel();
        return page;
      }
      after = page.next;
      await bell.rang;
    }
  }

  private read({ owner, limit, types }: FeedQuery, after: number): Promise<FeedPage> {
    return this.history.feed(owner, after, limit, types);
  }

  private nextCommit(ms: number, signal?: AbortSignal): { rang: Promise<void>; cancel: () => void } {
    this.stopListening ??= this.store.onCommit(() => this.ringAll());
    let cancel = (): void => undefined;
    const rang = new Promise<void>((resolve) => {
      const timer = setTimeout(() => cancel(), Math.max(0, ms));
      cancel = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        this.bells.delete(cancel);
        resolve();
      };
      this.bells.add(cancel);
      signal?.addEventListener('abort', cancel);
    });
    return { rang, cancel };
  }

  private ringAll(): void {
    for (const ring of [...this.bells]) ring();
  }
}
