import { BoundedList } from './bounded-list.js';
import { fits, type LedgerRecords, type RecordFilter } from './records.js';

export type Operation = 'submit' | 'status' | 'detail' | 'balance' | 'file' | 'callback';

/** Bodies kept for all submits together: prompts can be long, and a load run has many. */
const MOST_BODY_CHARACTERS = 64 * 1024 * 1024;

/** Totals since the start or the last reset. They count what the lists may have forgotten. */
export interface LedgerCounts {
  readonly submits: number;
  /** Submits that created a task: each one is paid for when it succeeds. */
  readonly tasksCreated: number;
  readonly reads: number;
  readonly callbacks: number;
  /** Calls under way at the same time, at most. */
  readonly mostConcurrent: Readonly<Record<Operation, number>>;
}

interface Waiter<K extends keyof LedgerRecords> {
  readonly filter: RecordFilter;
  readonly resolve: (record: LedgerRecords[K]) => void;
}

/** What was received and sent. Bounded: the oldest records are forgotten, the totals are not. */
export class Ledger {
  private readonly lists: { readonly [K in keyof LedgerRecords]: BoundedList<LedgerRecords[K]> };
  private readonly waiters: { readonly [K in keyof LedgerRecords]: Set<Waiter<K>> } = {
    submits: new Set(),
    reads: new Set(),
    callbacks: new Set(),
  };
  private readonly totals = { submits: 0, tasksCreated: 0, reads: 0, callbacks: 0 };
  private readonly underWay = perOperation();
  private readonly most = perOperation();
  private seq = 0;

  constructor(limit: number) {
    this.lists = {
      submits: new BoundedList(limit, MOST_BODY_CHARACTERS),
      reads: new BoundedList(limit),
      callbacks: new BoundedList(limit, MOST_BODY_CHARACTERS),
    };
  }

  /** Submits in the order of arrival. */
  submits(filter: RecordFilter = {}): LedgerRecords['submits'][] {
    return this.find('submits', filter);
  }

  /** Status, detail and balance calls in the order of arrival. */
  reads(filter: RecordFilter = {}): LedgerRecords['reads'][] {
    return this.find('reads', filter);
  }

  /** Callbacks in the order in which they were answered. */
  callbacks(filter: RecordFilter = {}): LedgerRecords['callbacks'][] {
    return this.find('callbacks', filter);
  }

  find<K extends keyof LedgerRecords>(kind: K, filter: RecordFilter): LedgerRecords[K][] {
    return [...this.lists[kind]].filter((record) => fits(record, filter));
  }

  get counts(): LedgerCounts {
    return { ...this.totals, mostConcurrent: { ...this.most } };
  }

  /** The greatest `seq` so far: what comes after this moment has a greater one. */
  get head(): number {
    return this.seq;
  }

  /**
   * The first record that fits: one already written when `filter.after` is given, else the next to be written.
   * `forget` ends the waiting; the promise then stays open.
   */
  next<K extends keyof LedgerRecords>(
    kind: K,
    filter: RecordFilter = {},
  ): { readonly record: Promise<LedgerRecords[K]>; readonly forget: () => void } {
    const present = filter.after === undefined ? undefined : this.find(kind, filter)[0];
    if (present) return { record: Promise.resolve(present), forget: () => undefined };
    let forget = (): void => undefined;
    const record = new Promise<LedgerRecords[K]>((resolve) => {
      const waiter: Waiter<K> = { filter, resolve };
      this.waiters[kind].add(waiter);
      forget = () => void this.waiters[kind].delete(waiter);
    });
    return { record, forget };
  }

  write<K extends keyof LedgerRecords>(kind: K, content: Omit<LedgerRecords[K], 'seq'>): LedgerRecords[K] {
    const record = { seq: (this.seq += 1), ...content } as LedgerRecords[K];
    const weight = kind === 'reads' ? 0 : record.text.length;
    this.lists[kind].push(record, weight);
    this.totals[kind] += 1;
    if (kind === 'submits' && record.taskId !== null) this.totals.tasksCreated += 1;
    for (const waiter of this.waiters[kind]) {
      if (!fits(record, waiter.filter)) continue;
      this.waiters[kind].delete(waiter);
      waiter.resolve(record);
    }
    return record;
  }

  enter(operation: Operation): void {
    this.underWay[operation] += 1;
    this.most[operation] = Math.max(this.most[operation], this.underWay[operation]);
  }

  leave(operation: Operation): void {
    this.underWay[operation] -= 1;
  }

  /** Forgets all records and totals. `seq` goes on. */
  reset(): void {
    for (const list of Object.values(this.lists)) list.clear();
    for (const total of Object.keys(this.totals)) this.totals[total as keyof typeof this.totals] = 0;
    Object.assign(this.most, this.underWay);
  }
}

const perOperation = (): Record<Operation, number> => ({
  submit: 0,
  status: 0,
  detail: 0,
  balance: 0,
  file: 0,
  callback: 0,
});
