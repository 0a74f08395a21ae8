import {
  decideCancel,
  decideErase,
  decidePolicyResubmit,
  decideResubmit,
  decideResume,
  isDueForPolicyResubmit,
  mayResubmit,
} from './decide-operation.js';
import { decideCallback } from './decide-callback.js';
import { TaskStatusConflictError } from './task.errors.js';
import { type TaskEvent } from './task.events.js';
import { type Task } from './task.state.js';
import {
  accepted,
  after,
  callback,
  called,
  cancelled,
  deferred,
  erased,
  expired,
  fact,
  failed,
  given,
  held,
  MINUTE,
  policyWith,
  polled,
  report,
  refused,
  resubmitted,
  resumed,
  started,
  submitted,
  succeeded,
  unknown,
} from './testing/index.js';

/** A history for every status a task can have. */
const IN: Readonly<Record<string, readonly TaskEvent[]>> = {
  queued: [],
  submitting: [started(1)],
  unconfirmed: [started(1), unknown(1)],
  held: [started(1), held(1)],
  submitted: [started(1), accepted(1, 'p-1')],
  running: [started(1), accepted(1, 'p-1'), polled(1, 'p-1', 'running')],
  succeeded: [started(1), accepted(1, 'p-1'), succeeded(1, 'p-1')],
  failed: [started(1), accepted(1, 'p-1'), failed(1, 'p-1')],
  cancelled: [cancelled(false)],
  expired: [started(1), accepted(1, 'p-1'), expired()],
};
const statuses = (...names: string[]): [string, readonly TaskEvent[]][] =>
  names.map((name) => [name, IN[name]!]);
const others = (...names: string[]): [string, readonly TaskEvent[]][] =>
  statuses(...Object.keys(IN).filter((name) => !names.includes(name)));

describe('cancelling', () => {
  it('before any attempt: certainly free of charge', () => {
    given(submitted())
      .when(decideCancel)
      .thenFacts(fact('TaskCancelled', { may_be_charged: false }))
      .thenStatus('cancelled');
  });

  it.each(statuses('submitting', 'unconfirmed', 'held', 'submitted', 'running'))(
    'a %s task: it may be charged, because an attempt had started',
    (_status, facts) => {
      given(submitted(), ...facts)
        .when(decideCancel)
        .thenFacts(fact('TaskCancelled', { may_be_charged: true }))
        .thenStatus('cancelled');
    },
  );

  it('in the queue once more after an attempt: it may be charged', () => {
    for (const facts of [
      [started(1), deferred(1)],
      [started(1), unknown(1), resubmitted()],
    ])
      given(submitted(), ...facts)
        .when(decideCancel)
        .thenFacts(fact('TaskCancelled', { may_be_charged: true }));
  });

  it.each(statuses('succeeded', 'failed', 'cancelled', 'expired'))(
    'a %s task is refused',
    (_status, facts) => {
      given(submitted(), ...facts)
        .when(decideCancel)
        .thenRefusal(TaskStatusConflictError);
    },
  );
});

describe('resuming', () => {
  it.each(['operator', 'account_resumed', 'probe'] as const)(
    'a held task (%s) sends it back to the queue at once',
    (because) => {
      const { moment } = given(submitted(), started(1), held(1))
        .when((task) => decideResume(task, because))
        .thenFacts(fact('TaskResumed', { because }))
        .thenStatus('queued');
      expect(moment.task.phase).toEqual({ status: 'queued', deferral: null });
    },
  );

  it.each(others('held'))('a %s task is refused', (_status, facts) => {
    given(submitted(), ...facts)
      .when((task) => decideResume(task, 'operator'))
      .thenRefusal(TaskStatusConflictError);
  });

  it('never brings a cancelled task back', () => {
    given(submitted(), started(1), held(1), cancelled())
      .when((task) => decideResume(task, 'operator'))
      .thenRefusal(TaskStatusConflictError);
  });
});

describe('erasing', () => {
  const erase = (task: Task): readonly TaskEvent[] => decideErase(task, 'digest');

  it.each(statuses('succeeded', 'failed', 'cancelled', 'expired'))(
    'a %s task stays what it is and plans nothing any more',
    (status, facts) => {
      const { moment } = given(submitted(), ...facts)
        .when(erase)
        .thenFacts(fact('TaskErased', { reason_digest: 'digest' }))
        .thenStatus(status as Task['phase']['status']);
      expect(moment.wake()).toBeNull();
    },
  );

  it.each(others('succeeded', 'failed', 'cancelled', 'expired'))('a %s task is refused', (_status, facts) => {
    given(submitted(), ...facts)
      .when(erase)
      .thenRefusal(TaskStatusConflictError);
  });

  it('again is silence', () => {
    given(submitted(), cancelled(), erased()).when(erase).thenSilence();
  });

  it('the answer to a call under way is still waited for', () => {
    expect(given(submitted(), started(1), cancelled(), erased()).wake()?.call?.lane).toBe('recover');
  });

  it.each(statuses('failed', 'expired'))('a %s task is never resubmitted after it', (_status, facts) => {
    given(submitted(), ...facts, erased())
      .when((task) => decideResubmit(task, { reason: 'again', byPolicy: false }))
      .thenRefusal(TaskStatusConflictError);
  });

  it('a callback afterwards is on record and superseded, also for an expired task', () => {
    given(submitted(), ...IN.expired!, erased())
      .when((task) => decideCallback(task, callback(1, report('p-1', 'finished')), policyWith()))
      .thenFacts(fact('CallbackReceived', { verdict: 'superseded' }));
  });
});

describe('resubmitting', () => {
  const resubmit = (task: Parameters<typeof decideResubmit>[0]): TaskEvent[] =>
    decideResubmit(task, { reason: 'The client waits', byPolicy: false });

  it.each(statuses('unconfirmed', 'expired', 'failed'))(
    'a %s task queues one more attempt and says who accepted the risk and why',
    (status, facts) => {
      const { moment } = given(submitted(), ...facts)
        .when(resubmit)
        .thenFacts(
          fact(
            'TaskResubmitted',
            { from_status: status, attempt: 2, by_policy: false },
            { reason: 'The client waits' },
          ),
        )
        .thenStatus('queued');
      expect(moment.task.completedAt).toBeNull();
    },
  );

  it('also after missing files', () => {
    expect(
      mayResubmit(
        given(submitted(), started(1), accepted(1, 'p-1'), failed(1, 'p-1', 'result_missing')).task,
      ),
    ).toBe(true);
  });

  it.each(others('unconfirmed', 'expired', 'failed'))('a %s task is refused', (_status, facts) => {
    given(submitted(), ...facts)
      .when(resubmit)
      .thenRefusal(TaskStatusConflictError);
  });

  it('what the provider refused as it is is refused: the same request would be refused again', () => {
    given(submitted(), started(1), failed(1, null, 'provider_rejected'))
      .when(resubmit)
      .thenRefusal(TaskStatusConflictError);
  });

  it('never brings a cancelled task back', () => {
    given(submitted(), started(1), unknown(1), cancelled())
      .when(resubmit)
      .thenRefusal(TaskStatusConflictError);
  });
});

describe('resubmitting by policy', () => {
  const POLICY = policyWith({ unconfirmedPolicy: 'resubmit' });
  const waited = given(submitted(), started(1), unknown(1), after(6 * MINUTE));
  const isDue = (moment = waited, policy = POLICY): boolean =>
    isDueForPolicyResubmit(moment.task, moment.now, policy);

  it('is due a lease and a wait after the unknown outcome', () => {
    expect(isDue()).toBe(true);
    expect(isDue(given(submitted(), started(1), unknown(1), after(6 * MINUTE - 1)))).toBe(false);
  });

  it('is never due when the policy is to hold', () => {
    expect(isDue(waited, policyWith())).toBe(false);
  });

  it('happens once per task', () => {
    expect(isDue(waited.and(resubmitted(2, true), started(2), unknown(2), after(6 * MINUTE)))).toBe(false);
  });

  it('is not used up by a person’s resubmit', () => {
    expect(isDue(waited.and(resubmitted(2), started(2), unknown(2), after(6 * MINUTE)))).toBe(true);
  });

  it('waits while a callback has named an id that could not be read yet: something was created', () => {
    expect(isDue(waited.and(called(1, 'p-1', 'finished')))).toBe(false);
  });

  it('does not send again what the provider has refused since', () => {
    const older = waited.and(resubmitted(2), started(2), refused(2), after(6 * MINUTE));
    expect(older.task.phase).toMatchObject({ status: 'unconfirmed', attempt: 1 });
    expect(isDue(older)).toBe(false);
  });

  it('is decided for the task as it is when it is written', () => {
    const byPolicy = (task: Task): TaskEvent[] =>
      decidePolicyResubmit(task, { now: waited.now, reason: 'no callback' }, POLICY);
    waited
      .when(byPolicy)
      .thenFacts(fact('TaskResubmitted', { attempt: 2, by_policy: true }, { reason: 'no callback' }));
    // Between the look and the writing a callback came, or somebody else was first.
    waited
      .and(called(1, 'p-1', 'finished'))
      .when(byPolicy)
      .thenSilence();
    waited.and(resubmitted(2, true), started(2), unknown(2)).when(byPolicy).thenSilence();
    waited.and(accepted(1, 'p-1')).when(byPolicy).thenSilence();
  });

  it('does not touch tasks that are not unconfirmed', () => {
    for (const facts of [
      [accepted(1, 'p-1')],
      [cancelled()],
      [resubmitted(), started(2), held(2), resumed()],
    ])
      expect(isDue(waited.and(...facts, after(6 * MINUTE)))).toBe(false);
  });
});
