/*
 * Gates hold requests at a named point, so that a test can force an order of events instead of hoping for it.
 */

/**
 * Where a request can be held:
 * `submit` received, nothing created yet · `submit-answer` task created, answer not sent · `status`, `detail` received, state
 * not read yet · `status-answer`, `detail-answer` state read, answer not sent · `callback` about to be sent.
 */
export const GATE_POINTS = [
  'submit',
  'submit-answer',
  'status',
  'status-answer',
  'detail',
  'detail-answer',
  'callback',
] as const;
export type GatePoint = (typeof GATE_POINTS)[number];

/** Whom a gate holds: everybody, or only requests whose submit body contains a text or whose task is the given one. */
export interface GateFilter {
  readonly contains?: string;
  readonly taskId?: string;
}

/** Closed from `hold` until `release`; afterwards it lets everybody through and cannot be closed again. */
export interface Gate {
  readonly id: number;
  readonly point: GatePoint;
  /** Requests held now. */
  readonly waiting: number;
  /** Resolves when so many requests (default 1) have arrived at the gate since it was closed. */
  reached(count?: number): Promise<void>;
  /** Lets the request through that has waited longest, and stays closed. */
  releaseOne(): void;
  /** Lets all through, in the order of their arrival, and opens for good. */
  release(): void;
}

export interface GateSubject {
  readonly text: string;
  readonly taskId: string | null;
}

class ClosedGate implements Gate {
  private readonly held: (() => void)[] = [];
  private readonly watchers: { readonly count: number; readonly resolve: () => void }[] = [];
  private arrived = 0;

  constructor(
    readonly id: number,
    readonly point: GatePoint,
    private readonly filter: GateFilter,
    private readonly open: (gate: ClosedGate) => void,
  ) {}

  get waiting(): number {
    return this.held.length;
  }

  concerns({ text, taskId }: GateSubject): boolean {
    const { filter } = this;
    return (
      (filter.taskId === undefined || filter.taskId === taskId) &&
      (filter.contains === undefined || text.includes(filter.contains))
    );
  }

  wait(): Promise<void> {
    this.arrived += 1;
    const passed = new Promise<void>((resolve) => this.held.push(resolve));
    for (const watcher of this.watchers) if (this.arrived >= watcher.count) watcher.resolve();
    return passed;
  }

  reached(count = 1): Promise<void> {
    if (this.arrived >= count) return Promise.resolve();
    return new Promise((resolve) => this.watchers.push({ count, resolve }));
  }

  releaseOne(): void {
    this.held.shift()?.();
  }

  release(): void {
    this.open(this);
    for (const pass of this.held.splice(0)) pass();
  }
}

export class Gates {
  private readonly closed = new Map<number, ClosedGate>();
  private lastId = 0;

  hold(point: GatePoint, filter: GateFilter = {}): Gate {
    const gate = new ClosedGate((this.lastId += 1), point, filter, ({ id }) => this.closed.delete(id));
    this.closed.set(gate.id, gate);
    return gate;
  }

  find(id: number): Gate | null {
    return this.closed.get(id) ?? null;
  }

  releaseAll(): void {
    for (const gate of [...this.closed.values()]) gate.release();
  }

  /** Null when nothing is in the way: the usual case, which then costs no turn of the event loop. */
  pass(point: GatePoint, subject: GateSubject): Promise<void> | null {
    if (this.closed.size === 0) return null;
    const inTheWay = [...this.closed.values()].filter(
      (gate) => gate.point === point && gate.concerns(subject),
    );
    return inTheWay.length === 0 ? null : this.passOneByOne(inTheWay);
  }

  private async passOneByOne(gates: readonly ClosedGate[]): Promise<void> {
    for (const gate of gates) if (this.closed.has(gate.id)) await gate.wait();
  }
}
