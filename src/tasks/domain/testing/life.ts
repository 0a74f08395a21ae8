import { type ProviderReport, type StatusReading, type SubmitOutcome } from '../../ports.js';
import { decideCallback } from '../decide-callback.js';
import {
  decideCancel,
  decideErase,
  decideResubmit,
  decideResume,
  isDueForPolicyResubmit,
} from '../decide-operation.js';
import { decideFoundAttempt, decideRecovery } from '../decide-recovery.js';
import { decideReading } from '../decide-reading.js';
import { decideLeaseEnd, decideOutcome, decideStart } from '../decide-submission.js';
import { decideClock } from '../decide-time.js';
import { PENDING, type Due } from '../instant.js';
import { looksEnd, planWake, pollDelayMs, readable, type Lane, type Wake } from '../plan-wake.js';
import { TaskStatusConflictError } from '../task.errors.js';
import { type StoredFile, type TaskEvent } from '../task.events.js';
import { type TaskPolicy } from '../task.policy.js';
import { attemptOf, evolve, isSettled, newestAttempt, type Attempt, type Task } from '../task.state.js';
import { submitted } from './facts.js';
import { callback } from './provider-words.js';
import { BEGINNING, STREAM } from './story.js';

/** One event with the states around it. */
export interface Step {
  readonly before: Task | null;
  readonly event: TaskEvent;
  readonly after: Task;
  readonly at: Date;
}

/** The timer row, as the inline projection keeps it. */
export interface Timer {
  readonly lane: Lane | null;
  readonly due: Date | null;
  readonly clock: Date | null;
  readonly checks: number;
}

/** A question to the provider, and what it says. */
export type Answers = (providerTaskId: string) => StatusReading;

/** Ids that belong to other tasks: the log binds each id once. */
export const FOREIGN_IDS: ReadonlySet<string> = new Set(['p-foreign']);

const DICE = 0.5;

/**
 * One task with everything around it that the rules count on, in memory: a log, a timer row that is planned before the
 * database has given the event its time, and a log-wide constraint on provider ids.
 */
export class Life {
  readonly steps: Step[] = [];
  /** Called after every append: the state computed before the append, the one after it, and the plan. */
  onAppend: (pending: Task, written: Task, wake: Wake | null) => void = () => undefined;
  timer: Timer | null = null;
  now = BEGINNING;
  calls = 0;
  private state: Task | null = null;

  constructor(
    readonly policy: TaskPolicy,
    expectedFiles: number | null,
  ) {
    this.append([
      submitted({ expected_files: expectedFiles, ...(expectedFiles === 0 && { may_lack_files: true }) }),
    ]);
  }

  get task(): Task {
    return this.state!;
  }

  pass(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
  }

  /** Starts the next attempt; true when the call may be made. */
  start(): boolean {
    const events = decideStart(this.task, { account: 'account-1', callback: true });
    this.append(events);
    if (events.length > 0) this.calls++;
    return events.length > 0;
  }

  outcome(attempt: number, outcome: SubmitOutcome): readonly TaskEvent[] {
    const idInUse = outcome.kind === 'accepted' && FOREIGN_IDS.has(outcome.providerTaskId);
    const result = { attempt, outcome, account: 'account-1', idInUse, dice: DICE };
    return this.append(decideOutcome(this.task, result, this.policy));
  }

  leaseEnd(): readonly TaskEvent[] {
    return this.append(decideLeaseEnd(this.task, this.now, this.policy));
  }

  clock(): readonly TaskEvent[] {
    return this.append(decideClock(this.task, this.now, this.policy));
  }

  /** The log is said to have lost its newest part. */
  recover(): readonly TaskEvent[] {
    return this.append(decideRecovery(this.task, 'account-1', this.policy));
  }

  /** A callback about an attempt that the log has lost: the one after the newest. */
  calledUnknown(said: ProviderReport | null): readonly TaskEvent[] {
    const attempt = (newestAttempt(this.task)?.number ?? 0) + 1;
    const lost = { attempt, account: 'account-1', because: 'callback' } as const;
    const found = decideFoundAttempt(this.task, lost, this.now);
    return this.append([
      ...found.events,
      ...decideCallback(found.task, callback(attempt, said), this.policy),
    ]);
  }

  called(attempt: number, said: ProviderReport | null): readonly TaskEvent[] {
    if (!attemptOf(this.task, attempt)) return [];
    return this.append(decideCallback(this.task, callback(attempt, said), this.policy));
  }

  /** Asks about every id worth asking about, as the saga does; true when there was news. */
  look(answers: Answers, checks: number): boolean {
    let isNews = false;
    for (const { number, id } of questionsOf(this.task)) {
      const events = this.read(number, id, answers(id), checks);
      isNews ||= events.length > 0;
    }
    return isNews;
  }

  read(attempt: number, providerTaskId: string, reading: StatusReading, checks = 0): readonly TaskEvent[] {
    return this.append(this.decideRead(attempt, providerTaskId, reading), checks);
  }

  decideRead(attempt: number, providerTaskId: string, reading: StatusReading): readonly TaskEvent[] {
    const said = {
      attempt,
      providerTaskId,
      account: 'account-1',
      reading,
      source: 'status',
      isPartial: false,
      idInUse: FOREIGN_IDS.has(providerTaskId),
      earlierFiles: this.shortFiles(attempt),
      now: this.now,
    };
    return decideReading(this.task, said, this.policy);
  }

  cancel(): void {
    this.append(allowed(() => decideCancel(this.task)));
  }

  erase(): void {
    this.append(allowed(() => decideErase(this.task, null)));
  }

  resume(): void {
    this.append(allowed(() => decideResume(this.task, 'operator')));
  }

  resubmit(): void {
    this.append(allowed(() => decideResubmit(this.task, { reason: 'we accept', byPolicy: false })));
  }

  policyResubmit(): void {
    if (!isDueForPolicyResubmit(this.task, this.now, this.policy)) return;
    this.append(decideResubmit(this.task, { reason: 'policy', byPolicy: true }));
  }

  /**
   * Goes on by what is planned alone, the provider answering as given, until nothing is due any more. Answers how many
   * pieces of work that took.
   */
  goOn(answers: Answers, submit: () => SubmitOutcome, limit: number): number {
    for (let work = 0; ; work++) {
      const next = this.nextDue();
      if (!next || work === limit) return work;
      if (next.at > this.now) this.now = next.at;
      if (next.isClock) this.ringClock();
      else this.doWork(answers, submit);
    }
  }

  private nextDue(): { at: Date; isClock: boolean } | null {
    const { due = null, clock = null } = this.timer ?? {};
    if (clock && (!due || clock < due)) return { at: clock, isClock: true };
    return due && { at: due, isClock: false };
  }

  private ringClock(): void {
    // Silenced for the lease, as the claim does.
    this.timer = { ...this.timer!, clock: new Date(this.now.getTime() + this.policy.leaseMs) };
    this.clock();
  }

  private doWork(answers: Answers, submit: () => SubmitOutcome): void {
    const { lane, checks } = this.timer!;
    this.timer = { ...this.timer!, due: new Date(this.now.getTime() + this.policy.leaseMs) };
    if (lane === 'submit') {
      if (this.start()) this.outcome(this.task.attempts.length, submit());
    } else if (lane === 'recover') {
      this.policyResubmit();
      this.leaseEnd();
    } else {
      this.lookWhenDue(answers, checks);
    }
  }

  private lookWhenDue(answers: Answers, checks: number): void {
    const end = looksEnd(this.task, this.policy);
    if (end && this.now > end) {
      this.timer = null;
      return;
    }
    if (this.look(answers, checks + 1)) return;
    const planned = planWake(this.task, { dice: DICE, checks: checks + 1 }, this.policy)?.call;
    const usual = pollDelayMs(
      this.task,
      readable(this.task),
      { dice: DICE, checks: checks + 1 },
      this.policy,
    );
    const inMs = planned && 'inMs' in planned.due ? planned.due.inMs : usual;
    this.timer = {
      ...this.timer!,
      lane: planned?.lane ?? 'poll',
      due: new Date(this.now.getTime() + inMs),
      checks: checks + 1,
    };
  }

  private append(events: readonly TaskEvent[], checks: number | null = null): readonly TaskEvent[] {
    if (events.length === 0) return events;
    const pending = events.reduce((state, event) => step(state, event, PENDING), this.state)!;
    const wake = planWake(pending, { dice: DICE, checks }, this.policy);
    for (const event of events) {
      const before = this.state;
      this.state = step(before, event, this.now);
      this.steps.push({ before, event, after: this.state, at: this.now });
    }
    this.plan(wake, checks ?? 0);
    this.onAppend(pending, this.task, wake);
    return events;
  }

  private plan(wake: Wake | null, checks: number): void {
    if (!wake) {
      this.timer = null;
      return;
    }
    const { call } = wake;
    const clock = this.instant(wake.clock);
    const old = this.timer;
    const keeps =
      call?.keep === true &&
      old?.due != null &&
      (old.lane === call.lane || (old.lane === 'slow' && call.lane === 'poll'));
    this.timer = keeps
      ? { ...old, clock }
      : { lane: call?.lane ?? null, due: this.instant(call?.due ?? null), clock, checks };
  }

  private instant(due: Due | null): Date | null {
    if (!due) return null;
    return 'at' in due ? due.at : new Date(this.now.getTime() + due.inMs);
  }

  private shortFiles(attempt: number): readonly StoredFile[] {
    const short = attemptOf(this.task, attempt)?.shortRead;
    const found = short && this.steps[Number(short.eventId.slice('event-'.length)) - 1]?.event;
    return found?.type === 'StatusPolled' ? (found.personal?.files ?? []) : [];
  }
}

/** Known ids whose end is unknown, and ids that only callbacks have named. */
export const questionsOf = (task: Task): readonly { number: number; id: string }[] =>
  task.attempts
    .filter((attempt) => !isSettled(attempt))
    .flatMap((attempt) => idsOf(attempt).map((id) => ({ number: attempt.number, id })));

const idsOf = ({ providerTaskId, hints }: Attempt): readonly string[] =>
  providerTaskId === null ? hints.map((hint) => hint.providerTaskId) : [providerTaskId];

const step = (state: Task | null, event: TaskEvent, recordedAt: Date): Task => {
  const version = (state?.version ?? 0) + 1;
  return evolve(state, { id: `event-${version}`, version, recordedAt, event }, STREAM);
};

const allowed = (decide: () => readonly TaskEvent[]): readonly TaskEvent[] => {
  try {
    return decide();
  } catch (error) {
    if (error instanceof TaskStatusConflictError) return [];
    throw error;
  }
};
