/** Something that will happen. */
export interface Due {
  /** Without effect when it has happened. */
  cancel(): void;
}

interface Entry extends Due {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

/** Longer waits overflow Node's timers; the queue just looks again in between. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Everything the simulator does later, on one timer: a heap by time, equal times in the order of asking.
 *
 * A job that throws ends the process, as any timer does: jobs handle their own errors.
 */
export class DueQueue {
  private readonly heap: Entry[] = [];
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Number.POSITIVE_INFINITY;
  private asked = 0;
  private isClosed = false;

  /** @param delayMs real milliseconds; Infinity is never */
  after(delayMs: number, run: () => void): Due {
    const entry: Entry = {
      at: performance.now() + Math.max(0, delayMs),
      order: (this.asked += 1),
      run,
      // The entry stays in the heap until its time, but lets go of whatever its job held.
      cancel: () => (entry.run = null),
    };
    if (Number.isFinite(entry.at) && !this.isClosed) {
      this.push(entry);
      this.arm();
    }
    return entry;
  }

  /** Nothing happens any more, neither what was asked nor what will be. */
  close(): void {
    this.isClosed = true;
    this.heap.length = 0;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.timerAt = Number.POSITIVE_INFINITY;
  }

  private arm(): void {
    const next = this.heap[0];
    if (!next || next.at >= this.timerAt) return;
    if (this.timer) clearTimeout(this.timer);
    this.timerAt = next.at;
    const wait = Math.ceil(next.at - performance.now());
    this.timer = setTimeout(() => this.runDue(), Math.min(LONGEST_WAIT_MS, Math.max(1, wait)));
  }

  private runDue(): void {
    this.timer = null;
    this.timerAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    while (this.heap[0] && (this.heap[0].run === null || this.heap[0].at <= now)) {
      const { run } = this.pop();
      run?.();
    }
    this.arm();
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(heap[parent]!, entry)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  private pop(): Entry {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
