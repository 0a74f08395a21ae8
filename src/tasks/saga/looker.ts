import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RecordReading } from '../commands/record-reading/record-reading.command.js';
import { mergeReadings } from '../domain/decide-reading.js';
import { isSettled, type Attempt, type CallbackHint, type Task } from '../domain/task.state.js';
import { KindRegistry } from '../kinds/kind-registry.js';
import { Provider, type ReadOptions, type StatusReading } from '../ports.js';
import { type LookNote } from '../read-model/task-document.js';
import { NotFoundWatch } from './not-found-watch.js';
import { TimerStore } from './timer-store.js';

/** One provider id worth asking about. */
interface Question {
  readonly attempt: Attempt;
  readonly providerTaskId: string;
  /** The callback event that named it. */
  readonly causationId: string | null;
}

export interface Looked {
  /** The task after everything that was read has been recorded. */
  readonly task: Task;
  readonly isNews: boolean;
  /** Questions without an answer. */
  readonly unread: number;
  /** Those among them about ids that are bound. */
  readonly unreadKnown: number;
  readonly timeouts: number;
  /** Longest pause the provider or our own pace asked for. */
  readonly retryAfterMs: number | null;
}

/** Asks the provider about every id of a task whose end is not known, and records what it says. */
@Injectable()
export class Looker {
  constructor(
    private readonly provider: Provider,
    private readonly kinds: KindRegistry,
    private readonly commands: CommandBus,
    private readonly timers: TimerStore,
    private readonly notFound: NotFoundWatch,
  ) {}

  /** For an operator's request: by the database's clock, outside the saga's count of looks. */
  async lookAtAll(task: Task): Promise<Looked> {
    return this.look(task, await this.timers.now(), { checks: 0, misses: 0 }, { isPatient: true });
  }

  async look(task: Task, now: Date, note: LookNote, options: ReadOptions = {}): Promise<Looked> {
    let looked: Looked = { task, isNews: false, unread: 0, unreadKnown: 0, timeouts: 0, retryAfterMs: null };
    for (const { attempt, providerTaskId, causationId } of questionsOf(task, note.checks)) {
      const { reading, source, isPartial } = await this.read(
        looked.task,
        attempt,
        providerTaskId,
        now,
        options,
      );
      if (attempt.providerTaskId !== null) this.notFound.saw(task.id, attempt, reading, now);
      const unread = reading.kind === 'unread' ? reading : null;
      const recorded = await this.commands.execute(
        new RecordReading(
          task.id,
          attempt.number,
          providerTaskId,
          reading,
          source,
          isPartial,
          causationId,
          now,
          // A timeout that is news (the first) counts like those after it.
          unread?.class === 'timeout' ? { ...note, misses: 1 } : note,
        ),
      );
      looked = {
        task: recorded.task,
        isNews: looked.isNews || recorded.isNews,
        unread: looked.unread + (unread ? 1 : 0),
        unreadKnown: looked.unreadKnown + (unread && attempt.providerTaskId !== null ? 1 : 0),
        timeouts: looked.timeouts + (unread?.class === 'timeout' ? 1 : 0),
        retryAfterMs: Math.max(looked.retryAfterMs ?? 0, unread?.retryAfterMs ?? 0) || null,
      };
    }
    return looked;
  }

  private async read(
    task: Task,
    attempt: Attempt,
    providerTaskId: string,
    now: Date,
    options: ReadOptions,
  ): Promise<{ reading: StatusReading; source: string; isPartial: boolean }> {
    const admission = await this.provider.admit('status');
    if (!admission.granted) {
      const reading: StatusReading = {
        kind: 'unread',
        class: 'not_asked',
        httpStatus: null,
        retryAfterMs: admission.retryInMs,
      };
      return { reading, source: 'status', isPartial: false };
    }
    const status = await this.provider.status(providerTaskId, options);
    const kind = this.kinds.find(task.domain);
    if (!kind?.hasDetail || !wantsDetail(status, attempt, now, kind.timing.usualMs)) {
      return { reading: status, source: 'status', isPartial: false };
    }
    const detail = await this.provider.detail(providerTaskId, options);
    return {
      reading: mergeReadings(status, detail),
      source: 'status+detail',
      isPartial: detail.kind === 'unread',
    };
  }
}

/** Of an attempt whose URL leaked there may be many invented ids: each look asks about so many, in turns. */
const HINTS_PER_LOOK = 5;

const inTurns = (hints: readonly CallbackHint[], checks: number): readonly CallbackHint[] => {
  const start = hints.length > HINTS_PER_LOOK ? (checks * HINTS_PER_LOOK) % hints.length : 0;
  return [...hints.slice(start), ...hints.slice(0, start)].slice(0, HINTS_PER_LOOK);
};

/** Known ids whose end is unknown, and ids that only callbacks have named. */
const questionsOf = (task: Task, checks: number): Question[] =>
  task.attempts
    .filter((attempt) => !isSettled(attempt))
    .flatMap((attempt) => {
      const hinted = (id: string): string | null =>
        attempt.hints.find((hint) => hint.providerTaskId === id)?.eventId ?? null;
      if (attempt.providerTaskId !== null) {
        const { providerTaskId } = attempt;
        return [{ attempt, providerTaskId, causationId: hinted(providerTaskId) }];
      }
      return inTurns(attempt.hints, checks).map(({ providerTaskId, eventId }) => ({
        attempt,
        providerTaskId,
        causationId: eventId,
      }));
    });

/** On finish (ids the follow-up models need), and when the status knows nothing or lingers past the usual duration. */
const wantsDetail = (status: StatusReading, attempt: Attempt, now: Date, usualMs: number): boolean => {
  if (status.kind === 'unread') return status.class === 'not_found';
  if (status.report.status === 'finished') return true;
  const since = attempt.acceptedAt ?? attempt.startedAt;
  return status.report.status !== 'failed' && now.getTime() - since.getTime() > usualMs;
};
