/** Asked with distinct keys; answers what it found. */
export type FetchMany<Value> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

export interface GroupedLookupOptions {
  /** Longest list of keys in one query. Default 500. */
  readonly maxKeys?: number;
  /** Queries under way at once. Default 1. */
  readonly maxQueries?: number;
}

/**
 * Lookups by key that are made at about the same time share a query, equal keys one place in it.
 *
 * No timer collects them: a lone lookup is asked at the end of its turn of the event loop, and while a query is under way
 * the next ones wait and go together. So an idle process answers at once, and a busy one pays for few round trips.
 */
export class GroupedLookup<Value> {
  private waiting = new Map<string, Waiter<Value>[]>();
  private queries = 0;
  private isScheduled = false;
  private readonly maxKeys: number;
  private readonly maxQueries: number;

  constructor(
    private readonly fetch: FetchMany<Value>,
    { maxKeys = 500, maxQueries = 1 }: GroupedLookupOptions = {},
  ) {
    this.maxKeys = maxKeys;
    this.maxQueries = maxQueries;
  }

  /** Undefined when nothing has that key. Rejects with what the query rejects with. */
  get(key: string): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(key);
      if (others) others.push({ resolve, reject });
      else this.waiting.set(key, [{ resolve, reject }]);
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled || this.waiting.size === 0 || this.queries >= this.maxQueries) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.ask(this.takeNext());
      this.schedule();
    });
  }

  private takeNext(): ReadonlyMap<string, Waiter<Value>[]> {
    const taken = this.waiting;
    this.waiting = new Map();
    if (taken.size <= this.maxKeys) return taken;
    const entries = [...taken];
    this.waiting = new Map(entries.slice(this.maxKeys));
    return new Map(entries.slice(0, this.maxKeys));
  }

  private ask(asked: ReadonlyMap<string, Waiter<Value>[]>): void {
    this.queries++;
    this.fetch([...asked.keys()])
      .then(
        (found) => asked.forEach((waiters, key) => waiters.forEach(({ resolve }) => resolve(found.get(key)))),
        (error: unknown) => asked.forEach((waiters) => waiters.forEach(({ reject }) => reject(error))),
      )
      .finally(() => {
        this.queries--;
        this.schedule();
      });
  }
}

interface Waiter<Value> {
  readonly resolve: (value: Value | undefined) => void;
  readonly reject: (error: unknown) => void;
}
