import assert from 'node:assert/strict';
import { PENDING } from '../instant.js';
import { planWake, type Wake, type WakeContext } from '../plan-wake.js';
import { type TaskEvent } from '../task.events.js';
import { type TaskPolicy } from '../task.policy.js';
import { evolve, type Task } from '../task.state.js';
import { POLICY } from './policy.js';

/*
 * Given what happened, when a rule is asked, then these facts, silence or a refusal.
 *
 *   given(submitted(), started(1), after(SECOND), unknown(1))
 *     .when((task) => decideCancel(task))
 *     .thenFacts(fact('TaskCancelled', { may_be_charged: true }))
 *     .thenStatus('cancelled');
 */

/** When every story begins. */
export const BEGINNING = new Date('2026-01-01T00:00:00.000Z');
export const STREAM = { id: 'task-1', owner: 'acme', correlationId: 'request-1' };

interface Pause {
  readonly afterMs: number;
}

/** Time passes before the next fact, or before the rule is asked. */
export const after = (ms: number): Pause => ({ afterMs: ms });

const isPause = (step: TaskEvent | Pause): step is Pause => 'afterMs' in step;

/** A moment of a task: its facts so far and the clock. Event ids count: `event-1` is TaskSubmitted. */
export class Moment {
  constructor(
    private readonly state: Task | null,
    readonly now: Date,
  ) {}

  /** The task, which must have begun. */
  get task(): Task {
    if (!this.state) throw new Error('Nothing has happened yet.');
    return this.state;
  }

  /** What happens next, in order. */
  and(...steps: readonly (TaskEvent | Pause)[]): Moment {
    return steps.reduce<Moment>((moment, step) => moment.with(step), this);
  }

  /** Asks a rule. */
  when(decide: (task: Task, now: Date) => readonly TaskEvent[]): Decided {
    return new Decided(this, () => decide(this.task, this.now));
  }

  /** When the task wakes after what happened last: planned, as in life, before the database gave that its time. */
  wake(context: Partial<WakeContext> = {}, policy: TaskPolicy = POLICY): Wake | null {
    return planWake(this.task, { dice: 0.5, checks: null, ...context }, policy);
  }

  /** The same moment with the last events not stored yet. */
  storing(...events: readonly TaskEvent[]): Moment {
    return new Moment(this.fold(events, PENDING), this.now);
  }

  private with(step: TaskEvent | Pause): Moment {
    return isPause(step)
      ? new Moment(this.state, new Date(this.now.getTime() + step.afterMs))
      : new Moment(this.fold([step], this.now), this.now);
  }

  private fold(events: readonly TaskEvent[], recordedAt: Date): Task | null {
    return events.reduce<Task | null>((state, event) => {
      const version = (state?.version ?? 0) + 1;
      return evolve(state, { id: `event-${version}`, version, recordedAt, event }, STREAM);
    }, this.state);
  }
}

export const given = (...steps: readonly (TaskEvent | Pause)[]): Moment =>
  new Moment(null, BEGINNING).and(...steps);

class Decided {
  constructor(
    private readonly moment: Moment,
    private readonly decide: () => readonly TaskEvent[],
  ) {}

  /** Exactly these facts in this order; of each the named fields. Answers the moment after them. */
  thenFacts(...expected: readonly object[]): Afterwards {
    const events = this.decide();
    assert.deepEqual(named(events, expected), expected);
    return new Afterwards(this.moment.and(...events));
  }

  /** Nothing to do, and nothing to complain about. */
  thenSilence(): void {
    assert.deepEqual(this.decide(), []);
  }

  thenRefusal(error: new (...args: never[]) => Error): void {
    assert.throws(this.decide, error);
  }

  /** For what no other word fits. */
  get events(): readonly TaskEvent[] {
    return this.decide();
  }
}

class Afterwards {
  constructor(readonly moment: Moment) {}

  thenStatus(status: Task['phase']['status']): this {
    assert.equal(this.moment.task.phase.status, status);
    return this;
  }
}

/** Of a value only what the expectation names, so that a difference shows nothing else. Lists are compared whole. */
const named = (actual: unknown, expected: unknown): unknown => {
  if (Array.isArray(actual) && Array.isArray(expected))
    return actual.map((item, index) => named(item, expected[index]));
  if (!isRecord(actual) || !isRecord(expected)) return actual;
  return Object.fromEntries(
    Object.keys(expected)
      .filter((key) => key in actual)
      .map((key) => [key, named(actual[key], expected[key])]),
  );
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Date) && !Array.isArray(value);
