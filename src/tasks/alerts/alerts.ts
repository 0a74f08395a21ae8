import { Injectable, Logger } from '@nestjs/common';

/** What somebody should look at, by the name it has in logs and metrics. */
export const ALERTS = [
  'restore_suspected',
  'conflicting_outcome',
  'unconfirmed_without_callbacks',
  'status_not_found',
  'status_refused',
] as const;
export type Alert = (typeof ALERTS)[number];

/** Tells operators: one line of the log at `warn`, and a count for the metrics of this process. */
@Injectable()
export class Alerts {
  private readonly log = new Logger('Alert');
  private readonly counted = new Map<Alert, number>(ALERTS.map((alert) => [alert, 0]));

  /** How often each was raised since the process started. */
  get counts(): ReadonlyMap<Alert, number> {
    return this.counted;
  }

  /** @param facts ids and words of ours; nothing personal */
  raise(alert: Alert, facts: Readonly<Record<string, string | number | null>>): void {
    this.counted.set(alert, this.counted.get(alert)! + 1);
    this.log.warn({ msg: SENTENCES[alert], alert, ...facts });
  }
}

const SENTENCES: Readonly<Record<Alert, string>> = {
  restore_suspected:
    'the log seems to have been restored to an earlier moment: nothing is sent until genledger recover',
  conflicting_outcome: 'an answer of the provider contradicts what is known of an attempt',
  unconfirmed_without_callbacks:
    'nobody knows whether a call created a task, and without a callback URL nothing will tell',
  status_not_found: 'the provider does not know a task that it has accepted',
  status_refused: 'the provider refuses to say how a task is: the account needs somebody',
};
