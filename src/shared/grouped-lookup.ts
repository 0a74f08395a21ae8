/** Asked with distinct keys; answers what it found. */
export type FetchMany<Value> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

/**
 * Lookups by key that are made in the same turn of the event loop share one query, equal keys one place in it. Under load
 * that is most of them; a lone lookup loses nothing but the rest of its turn.
 */
export class GroupedLookup<Value> {
  private waiting = new Map<string, Waiter<Value>[]>();

  constructor(
    private readonly fetch: FetchMany<Value>,
    /** Longest list of keys in one query. */
    private readonly maxKeys = 500,
  ) {}

  /** Undefined when nothing has that key. Rejects with what the query rejects with. */
  get(key: string): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      if (this.waiting.size === 0) setImmediate(() => this.flush());
      const others = this.waiting.get(key);
      if (others) others.push({ resolve, reject });
      else this.waiting.set(key, [{ resolve, reject }]);
      if (this.waiting.size >= this.maxKeys) this.flush();
    });
  }

  private flush(): void {
    const { waiting } = this;
    if (waiting.size === 0) return;
    this.waiting = new Map();
    this.fetch([...waiting.keys()]).then(
      (found) => waiting.forEach((waiters, key) => waiters.forEach(({ resolve }) => resolve(found.get(key)))),
      (error: unknown) => waiting.forEach((waiters) => waiters.forEach(({ reject }) => reject(error))),
    );
  }
}

interface Waiter<Value> {
  readonly resolve: (value: Value | undefined) => void;
  readonly reject: (error: unknown) => void;
}
