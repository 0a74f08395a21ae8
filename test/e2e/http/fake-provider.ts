import { isJsonObject } from '../../../src/shared/json.js';
import {
  type Admission,
  type CallbackReading,
  Provider,
  type ProviderCondition,
  type ProviderReport,
  type StatusReading,
  type SubmitCall,
  type SubmitOutcome,
} from '../../../src/tasks/index.js';

/** A provider that answers as the spec tells it: by default it accepts everything and works on it for ever. */
export class FakeProvider extends Provider {
  readonly name = 'apidot';
  readonly account = 'fake-account';
  readonly submitted: SubmitCall[] = [];
  outcome: (call: SubmitCall, providerTaskId: string) => SubmitOutcome | Promise<SubmitOutcome> = (
    _call,
    id,
  ) => ({
    kind: 'accepted',
    providerTaskId: id,
    note: null,
  });
  report: (providerTaskId: string) => ProviderReport | Promise<ProviderReport> = (id) =>
    reportOf(id, 'running');

  async admit(): Promise<Admission> {
    return { granted: true };
  }

  async submit(call: SubmitCall): Promise<SubmitOutcome> {
    if (!call.mayStart()) return { kind: 'deferred', reason: 'not_sent', retryAfterMs: null, message: null };
    const count = this.submitted.push(call);
    return this.outcome(call, `provider-${count}`);
  }

  async status(providerTaskId: string): Promise<StatusReading> {
    return { kind: 'read', report: await this.report(providerTaskId) };
  }

  detail(providerTaskId: string): Promise<StatusReading> {
    return this.status(providerTaskId);
  }

  readCallback(body: Buffer): CallbackReading {
    try {
      const value: unknown = JSON.parse(body.toString());
      if (!isJsonObject(value) || typeof value.task_id !== 'string') return { kind: 'malformed' };
      return {
        kind: 'report',
        report: reportOf(value.task_id, value.status === 'finished' ? 'finished' : 'running'),
      };
    } catch {
      return { kind: 'malformed' };
    }
  }

  breaker: 'closed' | 'open' = 'closed';

  condition(): ProviderCondition {
    return { breakers: { submit: this.breaker, status: 'closed' }, pausedForMs: 0 };
  }

  async balance(): Promise<number | null> {
    return 123.5;
  }
}

export const reportOf = (
  providerTaskId: string,
  status: 'running' | 'finished' | 'failed',
): ProviderReport => ({
  providerTaskId,
  status,
  rawStatus: status,
  knownWord: true,
  progress: status === 'finished' ? 100 : 40,
  files:
    status === 'finished'
      ? [
          {
            url: `https://files.test/${providerTaskId}.png`,
            type: 'image',
            label: null,
            format: 'png',
            contentType: 'image/png',
            size: 12,
          },
        ]
      : [],
  credits: status === 'finished' ? 4.5 : null,
  message: status === 'failed' ? 'it did not work' : null,
  hasWords: false,
  answers: [],
});
