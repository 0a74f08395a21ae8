import { getHeapStatistics } from 'node:v8';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import {
  EventStore,
  StreamConflictError,
  type AppendResult,
  type NewEvent,
} from '../../event-store/index.js';
import { ID_SOURCE, type IdSource } from '../../shared/ids.js';
import { inStep } from '../../shared/in-step.js';
import { type JsonObject } from '../../shared/json.js';
import { pendingInstant } from '../domain/instant.js';
import { planWake } from '../domain/plan-wake.js';
import { TaskNotFoundError } from '../domain/task.errors.js';
import { type TaskEvent } from '../domain/task.events.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { attemptOf, evolve, type Task } from '../domain/task.state.js';
import { taskChange, taskDocument, type LookNote } from '../read-model/task-document.js';
import { DueSignal } from '../saga/due-signal.js';
import { Alerts } from '../alerts/alerts.js';
import { TASK_POLICY } from '../tasks.tokens.js';
import { providerIdBoundTwice } from './provider-id-in-use.error.js';
import { type DataKey } from '../sealing/data-keys.js';
import { Sealer } from '../sealing/sealer.js';
import { statesThatFit } from './states-that-fit.js';
import { fold, toNewEvents } from './task-stream.js';

/** Who does something to a task, and because of what. */
export interface Cause {
  /** `key:<id>`, `worker`, `provider`, `policy:<name>`, `cli`. */
  readonly actor: string;
  readonly correlationId: string | null;
  /** Id of the event that led to this one. */
  readonly causationId?: string | null;
}

export interface Execution {
  /** The task after the events. */
  readonly task: Task;
  /** What was written by this very call; empty when the rule had nothing to say. */
  readonly events: readonly TaskEvent[];
  /** The ids of the written events, in the same order. */
  readonly eventIds: readonly string[];
  /**
   * This very call wrote the events: not silent, and not found already there after a broken connection. Only then may
   * a paid call follow.
   */
  readonly isFirstHand: boolean;
}

export interface ExecuteOptions {
  /** Whose stream it becomes when the rule creates the task; null: the task must exist. */
  readonly owner?: string | null;
  /** What a look at the provider adds to the timer row, when the events come from one. */
  readonly look?: LookNote | null;
  /** Silence on a remembered state is final: for frequent looks, where a missed change is seen by the next one. */
  readonly trustsSilence?: boolean;
}

/** How often a decision is taken again because somebody else was first. */
const MAX_CONFLICTS = 20;

/**
 * Runs rules against tasks: loads the state, decides, appends at exactly the version the decision was made for, and
 * decides again when somebody else was first.
 *
 * Folded states are kept in memory as a baseline only: an outdated one meets a version conflict, is dropped, and the
 * stream is read again.
 */
@Injectable()
export class TaskRepository {
  private readonly log = new Logger('Task');
  private readonly states = new LRUCache<string, Task>({
    max: statesThatFit(getHeapStatistics().heap_size_limit),
  });

  constructor(
    private readonly store: EventStore,
    private readonly sealer: Sealer,
    private readonly due: DueSignal,
    private readonly alerts: Alerts,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
    @Inject(ID_SOURCE) private readonly nextId: IdSource,
  ) {}

  /** The newest state, read from the log. Null when there is no such task. */
  async load(id: string): Promise<Task | null> {
    const task = fold(await this.store.readFacts(id));
    return task && this.remember(task);
  }

  /**
   * A state that was true a moment ago: good enough to decide on, because appends check the version.
   *
   * @param atLeast the version that is known to be stored; an older state is not answered
   */
  async recall(id: string, atLeast = 0): Promise<Task | null> {
    const remembered = this.states.get(id);
    return remembered && remembered.version >= atLeast ? remembered : this.load(id);
  }

  /**
   * Lets a rule decide about a task and writes what it says.
   *
   * @throws TaskNotFoundError when there is no such task and none may be created
   * @throws ProviderIdInUseError when an event binds a provider id that belongs to another task; nothing was written
   */
  async execute(
    id: string,
    decide: (task: Task | null) => readonly TaskEvent[],
    cause: Cause,
    { owner = null, look = null, trustsSilence = false }: ExecuteOptions = {},
  ): Promise<Execution> {
    let task = this.states.get(id) ?? null;
    let isRemembered = task !== null;
    if (!task && owner === null) {
      // Most of what is decided is sealed: one round trip to the database instead of two.
      this.sealer.prepare(id);
      task = await this.load(id);
    }
    for (let conflicts = 0; ; conflicts++) {
      if (!task && owner === null) throw new TaskNotFoundError(id);
      let events: readonly TaskEvent[];
      try {
        events = decide(task);
      } catch (refusal) {
        // A refusal or a silence must not rest on a state that another process has changed since.
        if (!isRemembered) throw refusal;
        events = [];
      }
      if (events.length === 0 && isRemembered && !trustsSilence) {
        task = await this.load(id);
        isRemembered = false;
        continue;
      }
      if (events.length === 0) return { task: task!, events, eventIds: [], isFirstHand: false };
      const eventIds = events.map(() => this.nextId());
      try {
        return await this.append(id, task, events, eventIds, cause, task?.owner ?? owner!, look);
      } catch (error) {
        if (!(error instanceof StreamConflictError)) throw providerIdBoundTwice(error) ?? error;
        if (conflicts >= MAX_CONFLICTS) throw error;
        task = await this.load(id);
        isRemembered = false;
      }
    }
  }

  /** The personal part of one of the task's events; null when it has none or was erased. */
  async personalOf(task: Task, eventId: string): Promise<JsonObject | null> {
    const events = await this.store.readStream(task.id);
    const sealed = events.find((event) => event.id === eventId)?.sealed;
    if (!sealed) return null;
    const [opened] = await this.sealer.open([{ taskId: task.id, eventId, sealed }]);
    return opened ?? null;
  }

  /** The log may be another one: what was read of it counts no more. */
  forget(): void {
    this.states.clear();
  }

  /** A read that was overtaken by an append must not bring an older state back. */
  private remember(task: Task): Task {
    const known = this.states.get(task.id);
    if (known && known.version > task.version) return known;
    this.states.set(task.id, task);
    return task;
  }

  /** Null when nothing is to be sealed. The version that is appended at tells that the task is not erased meanwhile. */
  private async keyFor(id: string, task: Task | null, events: readonly TaskEvent[]): Promise<DataKey | null> {
    if (task?.erasedAt || !events.some(({ personal }) => personal !== undefined)) return null;
    return this.sealer.keyFor(id, task === null);
  }

  private async append(
    id: string,
    task: Task | null,
    events: readonly TaskEvent[],
    eventIds: readonly string[],
    cause: Cause,
    owner: string,
    look: LookNote | null,
  ): Promise<Execution> {
    const correlationId = cause.correlationId ?? task?.correlationId ?? null;
    const identity = { id, owner, correlationId };
    // What is not stored yet has no time; the fold keeps this instant wherever it belongs, until it is known.
    const recordedAt = pendingInstant();
    const next = events.reduce<Task | null>((state, event, index) => {
      const version = (task?.version ?? 0) + index + 1;
      return evolve(state, { id: eventIds[index]!, version, recordedAt, event }, identity);
    }, task)!;
    const key = await this.keyFor(id, task, events);
    const seal = key && ((eventId: string, part: JsonObject) => this.sealer.seal(key, id, eventId, part));
    const stored: NewEvent[] = toNewEvents(events, eventIds, seal);
    await inStep; // everybody has sealed
    const wake = planWake(next, { dice: Math.random(), checks: look?.checks ?? null }, this.policy);
    const result: AppendResult = await this.store.append({
      streamId: id,
      expected: task ? task.version : 'none',
      events: stored,
      owner,
      actor: cause.actor,
      correlationId,
      causationId: cause.causationId ?? null,
      document: taskDocument(taskChange(next, wake, events, stored, look, key?.toStore ?? null)),
    });
    recordedAt.setTime(result.recordedAt.getTime());
    this.remember(next);
    if (key?.toStore) this.sealer.stored(id, key);
    if (next.erasedAt !== null) this.sealer.erased(id);
    this.log.log({
      msg: events.map((event) => event.type).join(', '),
      task: id,
      status: next.phase.status,
      version: next.version,
      request: correlationId,
    });
    for (const event of events) this.alertOn(event, next);
    if (wake?.call && 'inMs' in wake.call.due && wake.call.due.inMs <= 0) this.due.ring(wake.call.lane);
    return { task: next, events, eventIds, isFirstHand: !result.duplicate };
  }

  private alertOn({ type, data }: TaskEvent, task: Task): void {
    switch (type) {
      case 'ConflictingOutcomeObserved':
        return this.alerts.raise('conflicting_outcome', {
          task: task.id,
          attempt: data.attempt,
          kind: data.kind,
        });
      case 'SubmissionOutcomeUnknown': {
        if (attemptOf(task, data.attempt)?.callbackExpected) return;
        return this.alerts.raise('unconfirmed_without_callbacks', { task: task.id, attempt: data.attempt });
      }
      case 'StatusPollFailed': {
        if (!ACCOUNT_TROUBLE.has(data.class)) return;
        return this.alerts.raise('status_refused', { task: task.id, class: data.class });
      }
    }
  }
}

/** Never a verdict about the task: the account needs somebody. */
const ACCOUNT_TROUBLE: ReadonlySet<string> = new Set(['auth', 'credits', 'forbidden']);
