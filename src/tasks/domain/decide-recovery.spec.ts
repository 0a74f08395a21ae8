import { decideCallback } from './decide-callback.js';
import { decideResubmit, isDueForPolicyResubmit } from './decide-operation.js';
import { decideFoundAttempt, decideRecovery } from './decide-recovery.js';
import { decideOutcome, decideStart } from './decide-submission.js';
import { type TaskEvent } from './task.events.js';
import { type Task } from './task.state.js';
import {
  accepted,
  after,
  ANSWERS,
  callback,
  cancelled,
  deferred,
  expired,
  fact,
  given,
  held,
  HOUR,
  policyWith,
  POLICY,
  presumed,
  report,
  resubmitted,
  started,
  submitted,
  succeeded,
  unknown,
} from './testing/index.js';

const recover = (task: Task): TaskEvent[] => decideRecovery(task, 'account-1', POLICY);

describe('the newest part of the log is lost', () => {
  it.each<[string, TaskEvent[], number]>([
    ['queued and never sent, as far as known', [], 1],
    ['queued after a deferral', [started(1), deferred(1)], 2],
    ['queued for a resubmit', [started(1), unknown(1), resubmitted()], 2],
    ['held', [started(1), held(1)], 2],
  ])('%s: the next attempt may have been made, the task waits as unconfirmed', (_, history, attempt) => {
    const { moment } = given(submitted(), ...history)
      .when(recover)
      .thenFacts(fact('SubmissionPresumed', { attempt, account: 'account-1', because: 'recovery' }))
      .thenStatus('unconfirmed');
    moment.when((task) => decideStart(task, { account: 'account-1', callback: true })).thenSilence();
    moment.when(recover).thenSilence();
  });

  it('submitting: what the attempt came to is unknown', () => {
    given(submitted(), started(1))
      .when(recover)
      .thenFacts(fact('SubmissionOutcomeUnknown', { attempt: 1, reason: 'log_restored' }))
      .thenStatus('unconfirmed');
  });

  it.each<[string, TaskEvent[]]>([
    ['unconfirmed', [started(1), unknown(1)]],
    ['submitted', [started(1), accepted(1, 'p-1')]],
    ['succeeded', [started(1), accepted(1, 'p-1'), succeeded(1, 'p-1')]],
    ['cancelled', [cancelled(false)]],
    ['expired', [started(1), accepted(1, 'p-1'), expired()]],
  ])('%s: nothing would be sent by itself, so nothing changes', (_, history) => {
    given(submitted(), ...history)
      .when(recover)
      .thenSilence();
  });

  it('unconfirmed under the policy that resubmits: it may have done so in the lost part, and does not do it again', () => {
    const policy = policyWith({ unconfirmedPolicy: 'resubmit' });
    const { moment } = given(submitted(), started(1), unknown(1))
      .when((task) => decideRecovery(task, 'account-1', policy))
      .thenFacts(fact('SubmissionPresumed', { attempt: 2 }));
    expect(isDueForPolicyResubmit(moment.task, new Date(moment.now.getTime() + HOUR), policy)).toBe(false);
    expect(moment.wake({}, policy)?.call ?? null).toBeNull();
  });

  it('an operator may send it once more, and the late answer of the lost attempt still counts', () => {
    const moved = given(submitted(), presumed(1), after(HOUR));
    moved
      .when((task) => decideResubmit(task, { reason: 'we looked', byPolicy: false }))
      .thenFacts(fact('TaskResubmitted', { attempt: 2 }))
      .thenStatus('queued');
    const answer = { attempt: 1, account: 'account-1', idInUse: false, dice: 0.5 };
    moved
      .when((task) => decideOutcome(task, { ...answer, outcome: ANSWERS.accepted('p-1') }, POLICY))
      .thenFacts(fact('SubmissionAccepted', { attempt: 1, provider_task_id: 'p-1' }))
      .thenStatus('submitted');
  });

  it.each([
    ['deferred', ANSWERS.deferred('rate_limited')],
    ['held', ANSWERS.held('insufficient_credits')],
  ])('an answer "%s" does not send it again: the lost part may hold a later attempt', (_, outcome) => {
    const answer = { attempt: 1, account: 'account-1', idInUse: false, dice: 0.5, outcome };
    for (const history of [[presumed(1)], [presumed(1), presumed(2)]]) {
      given(submitted(), ...history)
        .when((task) => decideOutcome(task, answer, POLICY))
        .thenFacts(fact('SubmissionRefused', { attempt: 1 }))
        .thenStatus('unconfirmed');
    }
    given(submitted(), started(1), accepted(1, 'p-1'), presumed(2, 'callback'))
      .when((task) => decideOutcome(task, { ...answer, attempt: 2 }, POLICY))
      .thenFacts(fact('SubmissionRefused', { attempt: 2 }))
      .thenStatus('submitted');
  });

  it('expires like every unconfirmed task', () => {
    expect(given(submitted(), presumed(1)).wake()).toMatchObject({
      call: null,
      clock: { at: expect.any(Date) as Date },
    });
  });
});

describe('something comes about an attempt that the log does not know', () => {
  const come = (task: Task, now: Date, attempt: number): TaskEvent[] => {
    const lost = { attempt, account: 'account-1', because: 'callback' } as const;
    const found = decideFoundAttempt(task, lost, now);
    const said = callback(attempt, report('p-9', 'finished'));
    return [...found.events, ...decideCallback(found.task, said, POLICY)];
  };

  it('a queued task is not sent any more, and the callback is followed at once', () => {
    const { moment } = given(submitted())
      .when((task, now) => come(task, now, 2))
      .thenFacts(
        fact('SubmissionPresumed', { attempt: 2, because: 'callback' }),
        fact('CallbackReceived', { attempt: 2, verdict: 'accepted' }),
      )
      .thenStatus('unconfirmed');
    expect(moment.wake()?.call).toMatchObject({ lane: 'confirm', due: { inMs: 0 } });
  });

  it('a later attempt means that the open one before it is over', () => {
    given(submitted(), started(1))
      .when((task, now) => come(task, now, 2))
      .thenFacts(
        fact('SubmissionOutcomeUnknown', { attempt: 1, reason: 'log_restored' }),
        fact('SubmissionPresumed', { attempt: 2 }),
        fact('CallbackReceived', { attempt: 2 }),
      )
      .thenStatus('unconfirmed');
  });

  it.each<[string, TaskEvent[]]>([
    ['submitted', [started(1), accepted(1, 'p-1')]],
    ['succeeded', [started(1), accepted(1, 'p-1'), succeeded(1, 'p-1')]],
    ['cancelled', [cancelled(false)]],
  ])('%s stays so: the attempt is a surplus one', (status, history) => {
    given(submitted(), ...history)
      .when((task, now) => come(task, now, 3))
      .thenFacts(fact('SubmissionPresumed', { attempt: 3 }), fact('CallbackReceived', { attempt: 3 }))
      .thenStatus(status as Task['phase']['status']);
  });

  it('an older attempt takes its place by number and leaves the newer ones alone', () => {
    const { moment } = given(submitted(), presumed(3), accepted(3, 'p-3'))
      .when((task, now) => come(task, now, 2))
      .thenFacts(fact('SubmissionPresumed', { attempt: 2 }), fact('CallbackReceived', { attempt: 2 }))
      .thenStatus('submitted');
    expect(moment.task.attempts.map(({ number }) => number)).toEqual([2, 3]);
  });
});
