import { type FaultScope } from '../faults/fault-switches.js';
import { type Random } from '../random.js';
import { type DueQueue } from './due-queue.js';
import { type ModelProfile, type ResultKind, resultsOf } from './model-profile.js';
import { type SimulatedTask, type Verdict } from './simulated-task.js';
import { makeTaskId, readTaskId } from './task-id.js';

/** Shortest and longest time in the queue before a task runs, in provider time; never more than a tenth of its duration. */
const QUEUE_MS = [1_000, 5_000] as const;
const DEFAULT_FAILURE = 'The prompt violates our content policy';

export interface RegistryOptions {
  readonly speed: number;
  /** Ended tasks kept; the oldest are forgotten first. */
  readonly taskLimit: number;
  /** Credits at the start. */
  readonly credits: number;
  /** Answer for well-formed ids of a former life. */
  readonly recallTasks: boolean;
  readonly now: () => number;
  readonly random: Random;
  readonly queue: DueQueue;
  /** What holds for tasks without directives of their own. */
  readonly globalFaults: FaultScope;
  /** Called once per verdict, with the task already changed. Resolves when its callback has been tried. */
  readonly onVerdict: (task: SimulatedTask) => Promise<void>;
}

export interface NewTask {
  readonly model: string;
  readonly profile: ModelProfile;
  readonly input: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly callbackUrl: string | null;
  readonly faults: FaultScope;
}

/**
 * The provider's tasks: created, ended by time or by hand, charged when they succeed, forgotten when there are too many.
 *
 * States: open until its time is up; then `finished` or `failed`. By hand a task can be ended early, and an ended one changed to
 * the other verdict. A task is charged at most once, with its first success.
 */
export class TaskRegistry {
  private readonly tasks = new Map<string, SimulatedTask>();
  /** Ended tasks in the order of their end. */
  private readonly ended = new Set<SimulatedTask>();
  private readonly waiters = new Map<string, (() => void)[]>();
  private lastId: string | null = null;

  creditsLeft: number;
  creditsCharged = 0;

  constructor(private readonly options: RegistryOptions) {
    this.creditsLeft = options.credits;
  }

  /** The id handed out last: a task that is surely another one. */
  get newestId(): string | null {
    return this.lastId;
  }

  get size(): number {
    return this.tasks.size;
  }

  create({ model, profile, input, text, callbackUrl, faults }: NewTask): SimulatedTask {
    const { now, random, speed } = this.options;
    const createdAt = now();
    const [shortest, longest] = profile.durationMs;
    const natural = shortest + random() * (longest - shortest);
    const wanted = faults.strike('duration');
    const duration = wanted === undefined ? natural : wanted === 'never' ? Infinity : Number(wanted);
    const waiting = Math.min(QUEUE_MS[0] + random() * (QUEUE_MS[1] - QUEUE_MS[0]), duration / 10);

    const results = this.results(model, profile, input, faults.strike('count'));
    const failure = faults.strike('fail');
    const late = faults.strike('late-files');
    const flip = faults.strike('flip')?.split(':');
    const task: SimulatedTask = {
      id: this.newId(profile, results.length, createdAt),
      model,
      domain: profile.domain,
      input,
      text,
      callbackUrl,
      results,
      price: profile.domain === 'image' ? profile.credits * Math.max(1, results.length) : profile.credits,
      faults,
      fate: {
        failure: failure === undefined ? null : failure || DEFAULT_FAILURE,
        lateFileReads: late === undefined ? 0 : Number(late || 1),
        flipAfterReads: flip === undefined ? null : Number(flip[0] || 1),
        flipToRunning: flip?.[1] === 'running',
      },
      createdAt,
      startsAt: createdAt + waiting / speed,
      endsAt: createdAt + duration / speed,
      verdict: null,
      message: null,
      progress: null,
      endedAt: null,
      charged: false,
      filesExpired: false,
      ending: null,
      reads: 0,
      verdictReads: 0,
    };
    task.ending = this.options.queue.after(duration / speed, () => void this.endByTime(task));
    this.tasks.set(task.id, task);
    this.lastId = task.id;
    return task;
  }

  /** The task, ended when its time is up, even if the timer is late. */
  get(id: string): SimulatedTask | null {
    const task = this.tasks.get(id) ?? this.recall(id);
    if (!task) return null;
    if (task.verdict === null && this.options.now() >= task.endsAt) void this.endByTime(task);
    return task;
  }

  /**
   * Gives the task this verdict, whether it is open or ended otherwise. Without effect when it has it already.
   * The task has changed when this returns; the promise waits for the first try of its callback.
   */
  end(task: SimulatedTask, verdict: Verdict, message: string | null = null): Promise<void> {
    if (task.verdict === verdict) return Promise.resolve();
    task.ending?.cancel();
    task.ending = null;
    task.verdict = verdict;
    task.message = verdict === 'failed' ? (message ?? DEFAULT_FAILURE) : null;
    task.endedAt = this.options.now();
    if (verdict === 'finished' && !task.charged) {
      task.charged = true;
      this.creditsLeft -= task.price;
      this.creditsCharged += task.price;
    }
    this.ended.delete(task);
    this.ended.add(task);
    this.forgetOldest();
    const delivered = this.options.onVerdict(task);
    const waiting = this.waiters.get(task.id) ?? [];
    this.waiters.delete(task.id);
    for (const resolve of waiting) resolve();
    return delivered;
  }

  /** The verdict that was decided when the task was created. */
  endByTime(task: SimulatedTask): Promise<void> {
    if (task.verdict !== null) return Promise.resolve();
    const { failure } = task.fate;
    return this.end(task, failure === null ? 'finished' : 'failed', failure);
  }

  /** Resolves when the task has a verdict. */
  settled(task: SimulatedTask): Promise<void> {
    if (task.verdict !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.waiters.get(task.id);
      if (waiting) waiting.push(resolve);
      else this.waiters.set(task.id, [resolve]);
    });
  }

  private results(
    model: string,
    profile: ModelProfile,
    input: Readonly<Record<string, unknown>>,
    count: string | undefined,
  ): readonly ResultKind[] {
    const usual = resultsOf(model, profile.domain, input['n']);
    if (count === undefined) return usual;
    return Array.from({ length: Math.min(Number(count), 100) }, (_, index) => usual[index % usual.length]!);
  }

  private newId(profile: ModelProfile, files: number, createdAt: number): string {
    const parts = { domain: profile.domain, files, createdAtSeconds: Math.floor(createdAt / 1_000) };
    let id = makeTaskId(parts);
    while (this.tasks.has(id)) id = makeTaskId(parts);
    return id;
  }

  private forgetOldest(): void {
    for (const task of this.ended) {
      if (this.ended.size <= this.options.taskLimit) break;
      this.ended.delete(task);
      this.tasks.delete(task.id);
    }
  }

  /** A task that this simulator does not remember, as its id tells it: finished, and paid for in the former life. */
  private recall(id: string): SimulatedTask | null {
    const told = this.options.recallTasks ? readTaskId(id) : null;
    const createdAt = (told?.createdAtSeconds ?? Infinity) * 1_000;
    if (!told || createdAt > this.options.now()) return null;
    const usual = resultsOf('', told.domain, 1);
    return {
      id,
      model: '',
      domain: told.domain,
      input: {},
      text: '',
      callbackUrl: null,
      results: Array.from({ length: told.files }, (_, index) => usual[index % usual.length]!),
      price: 0,
      faults: this.options.globalFaults,
      fate: { failure: null, lateFileReads: 0, flipAfterReads: null, flipToRunning: false },
      createdAt,
      startsAt: createdAt,
      endsAt: createdAt,
      verdict: 'finished',
      message: null,
      progress: null,
      endedAt: createdAt,
      charged: true,
      filesExpired: false,
      ending: null,
      reads: 0,
      verdictReads: 0,
    };
  }
}
