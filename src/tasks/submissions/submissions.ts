import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventStore, StreamConflictError, type StoredEvent } from '../../event-store/index.js';
import { CLOCK, type Clock } from '../../shared/clock.js';
import { ID_SOURCE, type IdSource, uuidFrom } from '../../shared/ids.js';
import { Alerts } from '../alerts/alerts.js';
import { SUBMISSIONS_SCHEMAS } from '../stream/event-schemas.js';
import { type Cause } from '../stream/task-repository.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { SUBMISSIONS_EVENT_VERSIONS, type RestoreSign, type SubmissionsEvent } from './submissions.events.js';
import {
  decideLostAttempt,
  decideSuspect,
  evolveSubmissions,
  isExplained,
  NEVER_STOPPED,
  stopReason,
  type LostAttempt,
  type StopReason,
  type SubmissionsState,
} from './submissions.state.js';

/** Owner of streams that belong to no customer; not a name that a key can have. */
const SYSTEM_OWNER = '$system';
const STREAM = uuidFrom('submissions');

/**
 * Whether anything may be sent, for all replicas of this log.
 *
 * Read again after every commit that touched it and on every tick, so that what one replica or an operator decides stops
 * the others within a moment.
 */
@Injectable()
export class Submissions implements OnApplicationBootstrap, OnModuleDestroy {
  private state: SubmissionsState = NEVER_STOPPED;
  private readonly stopListening: () => void;

  constructor(
    private readonly store: EventStore,
    private readonly alerts: Alerts,
    @Inject(ID_SOURCE) private readonly nextId: IdSource,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {
    this.stopListening = store.onCommit(({ streamIds }) => {
      if (streamIds === null || streamIds.includes(STREAM)) void this.refresh().catch(() => undefined);
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
  }

  onModuleDestroy(): void {
    this.stopListening();
  }

  /** What was known a moment ago. */
  get current(): SubmissionsState {
    return this.state;
  }

  /** Why nothing is sent, as far as known; null when sending goes on. */
  get stopped(): StopReason | 'paused_by_setting' | null {
    return stopReason(this.state) ?? (this.options.submits ? null : 'paused_by_setting');
  }

  async refresh(): Promise<SubmissionsState> {
    const events = await this.store.readStream(STREAM, { fromVersion: this.state.version + 1 });
    this.state = after(this.state, events);
    return this.state;
  }

  /**
   * The log may be another one: everything is read anew. Until it was, what was known goes on to count: nothing may be sent in
   * between because nothing is known.
   */
  async reread(): Promise<SubmissionsState> {
    this.state = after(NEVER_STOPPED, await this.store.readStream(STREAM));
    return this.state;
  }

  /** Lets a rule decide; true when this very call wrote something. */
  async execute(decide: (state: SubmissionsState) => SubmissionsEvent[], cause: Cause): Promise<boolean> {
    for (;;) {
      const state = await this.refresh();
      const events = decide(state);
      if (events.length === 0) return false;
      try {
        await this.append(events, state.version, cause);
        await this.refresh();
        return true;
      } catch (error) {
        if (!(error instanceof StreamConflictError)) throw error;
      }
    }
  }

  /** Stops everything, with an alert, because of what only a restored log explains. */
  async suspect(signs: readonly RestoreSign[], cause: Cause): Promise<void> {
    const { position } = await this.store.head();
    const isNews = await this.execute((state) => decideSuspect(state, signs, position), cause);
    if (isNews) this.alerts.raise('restore_suspected', { signs: signs.join(', '), head: position });
  }

  /** Something came about an attempt of a known task that the log does not know. */
  async foundAttempt(cause: Cause): Promise<void> {
    if (!isExplained(await this.refresh(), this.clock.now())) await this.suspect(['unknown_attempt'], cause);
  }

  /** Something came about a task that the log does not know: it is kept, for the report of orphans. */
  async lostTask(lost: Omit<LostAttempt, 'since'>, cause: Cause): Promise<void> {
    await this.execute((state) => decideLostAttempt(state, lost), cause);
    if (!isExplained(this.state, this.clock.now())) await this.suspect(['unknown_task'], cause);
  }

  private async append(events: readonly SubmissionsEvent[], version: number, cause: Cause): Promise<void> {
    await this.store.append({
      streamId: STREAM,
      expected: version === 0 ? 'none' : version,
      events: events.map((event) => ({
        id: this.nextId(),
        type: event.type,
        schemaVersion: SUBMISSIONS_EVENT_VERSIONS[event.type],
        data: event.data,
      })),
      owner: SYSTEM_OWNER,
      actor: cause.actor,
      correlationId: cause.correlationId,
      causationId: cause.causationId ?? null,
    });
  }
}

/** The state after these events of the stream; those that it knows already, which another refresh has read, change nothing. */
const after = (state: SubmissionsState, events: readonly StoredEvent[]): SubmissionsState =>
  events.reduce((known, stored) => {
    if (stored.version !== known.version + 1) return known;
    const event = { type: stored.type, data: SUBMISSIONS_SCHEMAS.upToDate(stored) };
    return evolveSubmissions(known, event as unknown as SubmissionsEvent, stored.recordedAt);
  }, state);
