import { type LoggedEvent, type Tables } from './database.js';

/** One stream, with what the checks ask of it. A fold of its own, as small as can be. */
export class History {
  readonly events: LoggedEvent[] = [];

  of(type: string, attempt?: number): LoggedEvent[] {
    return this.events.filter(
      (event) => event.type === type && (attempt === undefined || event.data.attempt === attempt),
    );
  }

  has(type: string, attempt?: number): boolean {
    return this.of(type, attempt).length > 0;
  }

  /**
   * The provider named an id that is another task's, or nobody's: nobody can know how it really ended.
   *
   * @param made what the provider really made for it
   */
  wasMisled(made: readonly (string | null)[]): boolean {
    const wasNamedTwice = this.of('ConflictingOutcomeObserved').some(({ data }) => data.kind === 'id_in_use');
    return (
      wasNamedTwice ||
      this.of('SubmissionAccepted').some(({ data }) => !made.includes(data.provider_task_id as string))
    );
  }

  /** In short, for a person. */
  get story(): string {
    return this.events
      .map(({ type, data }) => `${type}(${Object.values(data).join(' ').slice(0, 80)})`)
      .join(' ');
  }

  get version(): number {
    return this.events.length;
  }

  /**
   * The status by the last event that decides one. Null where this small fold does not know: an outcome of an older attempt,
   * and what comes after a cancellation, change nothing or much, and the program's own verification has to say it.
   */
  get status(): string | null {
    if (this.has('TaskCancelled')) return 'cancelled';
    let status: string | null = null;
    let newest = 0;
    for (const { type, data } of this.events) {
      const isOld = typeof data.attempt === 'number' && data.attempt < newest;
      if (type === 'SubmissionStarted') newest = data.attempt as number;
      if (type === 'TaskSucceeded' || type === 'TaskFailed') status = STATUS_AFTER[type]!;
      else if (type === 'StatusPolled')
        status = status === 'submitted' && data.status === 'running' ? 'running' : status;
      else if (!isOld && STATUS_AFTER[type] !== undefined && status !== 'succeeded')
        status = STATUS_AFTER[type];
    }
    return status;
  }
}

const STATUS_AFTER: Readonly<Record<string, string>> = {
  TaskSubmitted: 'queued',
  SubmissionStarted: 'submitting',
  SubmissionDeferred: 'queued',
  SubmissionAccepted: 'submitted',
  SubmissionOutcomeUnknown: 'unconfirmed',
  TaskHeld: 'held',
  TaskResumed: 'queued',
  TaskResubmitted: 'queued',
  TaskSucceeded: 'succeeded',
  TaskFailed: 'failed',
  TaskExpired: 'expired',
};

/** By task. Streams that are no task's are left out. */
export const historiesOf = ({ events }: Tables): Map<string, History> => {
  const histories = new Map<string, History>();
  for (const event of events) {
    if (event.type === 'TaskSubmitted') histories.set(event.streamId, new History());
    histories.get(event.streamId)?.events.push(event);
  }
  return histories;
};
