import { type SubmitOutcome } from '../ports.js';
import {
  backoffMs,
  decideLeaseEnd,
  decideOutcome,
  decideStart,
  decideSubmit,
  type AttemptResult,
  type Intent,
} from './decide-submission.js';
import { IdempotencyKeyReusedError } from './task.errors.js';
import { type TaskEvent } from './task.events.js';
import { type Task } from './task.state.js';
import {
  accepted,
  after,
  ANSWERS,
  called,
  cancelled,
  deferred,
  expired,
  fact,
  failed,
  given,
  HOUR,
  held,
  MINUTE,
  overdue,
  POLICY,
  polled,
  refused,
  resubmitted,
  resumed,
  SECOND,
  started,
  submitted,
  succeeded,
  unknown,
} from './testing/index.js';

const INTENT: Intent = {
  domain: 'image',
  model: 'flux-2-pro',
  mode: 'text-to-image',
  fingerprint: 'f'.repeat(64),
  idempotencyKey: 'order-17',
  expectedFiles: 1,
  mayLackFiles: false,
  priority: 'normal',
  metadataDigests: ['d1'],
  input: { prompt: 'A red bicycle' },
  metadata: { order: '17' },
  notifyUrl: null,
};

/** What the rule says when this comes of an attempt. */
const outcome =
  (attempt: number, result: SubmitOutcome, changes: Partial<AttemptResult> = {}) =>
  (task: Task): TaskEvent[] =>
    decideOutcome(
      task,
      { attempt, outcome: result, account: 'account-1', idInUse: false, dice: 0.5, ...changes },
      POLICY,
    );

const start = (task: Task): TaskEvent[] => decideStart(task, { account: 'account-1', callback: true });
const leaseEnd = (task: Task, now: Date): TaskEvent[] => decideLeaseEnd(task, now, POLICY);

describe('accepting an intent', () => {
  it('keeps what was asked: what may be read for ever in public, input, metadata and notify URL sealed', () => {
    expect(decideSubmit(null, INTENT)).toEqual([
      {
        type: 'TaskSubmitted',
        data: {
          domain: 'image',
          model: 'flux-2-pro',
          mode: 'text-to-image',
          fingerprint: 'f'.repeat(64),
          idempotency_key: 'order-17',
          expected_files: 1,
          metadata_digests: ['d1'],
        },
        personal: { input: { prompt: 'A red bicycle' }, metadata: { order: '17' }, notify_url: null },
      },
    ]);
  });

  it.each(['low', 'high'] as const)('keeps the priority %s; the usual one is left out', (priority) => {
    expect(decideSubmit(null, { ...INTENT, priority })).toEqual([
      expect.objectContaining({ data: expect.objectContaining({ priority }) as object }),
    ]);
    expect(decideSubmit(null, INTENT)[0]!.data).not.toHaveProperty('priority');
  });

  it('is silent about the same intent again, in whatever state the task is by now', () => {
    for (const moment of [given(submitted()), given(submitted(), started(1), failed(1, null))])
      moment.when((task) => decideSubmit(task, INTENT)).thenSilence();
  });

  it('refuses another intent under the same key', () => {
    given(submitted())
      .when((task) => decideSubmit(task, { ...INTENT, fingerprint: 'e'.repeat(64) }))
      .thenRefusal(IdempotencyKeyReusedError);
  });
});

describe('starting an attempt', () => {
  it('is recorded before the call, with its number, the account that pays and whether a callback is expected', () => {
    given(submitted())
      .when(start)
      .thenFacts(fact('SubmissionStarted', { attempt: 1, account: 'account-1', callback: true }))
      .thenStatus('submitting');
  });

  it.each([
    ['after a deferral', [started(1), deferred(1)]],
    ['after a resume', [started(1), held(1), resumed()]],
    ['after a resubmit', [started(1), unknown(1), resubmitted()]],
  ])('counts on %s', (_when, facts) => {
    given(submitted(), ...facts)
      .when(start)
      .thenFacts(fact('SubmissionStarted', { attempt: 2 }));
  });

  it.each([
    ['submitting', [started(1)]],
    ['unconfirmed', [started(1), unknown(1)]],
    ['held', [started(1), held(1)]],
    ['submitted', [started(1), accepted(1, 'p-1')]],
    ['running', [started(1), accepted(1, 'p-1'), polled(1, 'p-1', 'running')]],
    ['succeeded', [started(1), accepted(1, 'p-1'), succeeded(1, 'p-1')]],
    ['failed', [started(1), failed(1, null)]],
    ['cancelled', [cancelled(false)]],
    ['expired', [started(1), unknown(1), expired('unconfirmed')]],
  ])('is silent, and so forbids the call, while the task is %s', (status, facts) => {
    const moment = given(submitted(), ...facts);
    expect(moment.task.phase.status).toBe(status);
    moment.when(start).thenSilence();
  });
});

describe('the outcome of the newest attempt', () => {
  const submitting = given(submitted(), started(1), after(SECOND));

  it('an id: accepted, with what was odd about the answer', () => {
    submitting
      .when(outcome(1, { kind: 'accepted', providerTaskId: 'p-1', note: 'http_500' }))
      .thenFacts(
        fact('SubmissionAccepted', {
          attempt: 1,
          provider_task_id: 'p-1',
          learned_from: 'answer',
          note: 'http_500',
        }),
      )
      .thenStatus('submitted');
  });

  it.each(['not_sent', 'unreachable', 'rate_limited', 'breaker_open'] as const)(
    '%s: certainly not created, so it goes back to the queue',
    (reason) => {
      submitting
        .when(outcome(1, ANSWERS.deferred(reason)))
        .thenFacts(fact('SubmissionDeferred', { attempt: 1, reason, delay_ms: SECOND }))
        .thenStatus('queued');
    },
  );

  it('refused as it is: failed for good, with the provider’s words sealed', () => {
    submitting
      .when(outcome(1, ANSWERS.rejected()))
      .thenFacts(
        fact(
          'TaskFailed',
          { attempt: 1, code: 'provider_rejected', http_status: 400, provider_task_id: null, late: false },
          { message: 'No such size' },
        ),
      )
      .thenStatus('failed');
  });

  it.each(['provider_auth', 'insufficient_credits', 'model_forbidden', 'unrecognised_refusal'] as const)(
    '%s: held, nothing is lost',
    (reason) => {
      submitting
        .when(outcome(1, ANSWERS.held(reason)))
        .thenFacts(
          fact('TaskHeld', { attempt: 1, reason, account: 'account-1' }, { message: 'Not enough credits' }),
        )
        .thenStatus('held');
    },
  );

  it('unknown: unconfirmed, never resent by itself', () => {
    const { moment } = submitting
      .when(outcome(1, ANSWERS.unknown('server_error', 502)))
      .thenFacts(fact('SubmissionOutcomeUnknown', { attempt: 1, reason: 'server_error', http_status: 502 }))
      .thenStatus('unconfirmed');
    moment.when(start).thenSilence();
  });

  it('of an attempt that was never started is silence', () => {
    submitting.when(outcome(7, ANSWERS.accepted('p-7'))).thenSilence();
  });

  it.each([
    ['accepted', ANSWERS.accepted('p-1')],
    ['deferred', ANSWERS.deferred()],
    ['rejected', ANSWERS.rejected()],
    ['held', ANSWERS.held()],
    ['unknown', ANSWERS.unknown()],
  ])('%s is recorded once, however often it is saved', (_kind, answer) => {
    const again = submitting.and(...submitting.when(outcome(1, answer)).events);
    again.when(outcome(1, answer)).thenSilence();
  });
});

describe('the pause after a deferral', () => {
  const deferredFor = (retryAfterMs: number | null, facts: readonly TaskEvent[] = []): number => {
    const [event] = given(submitted(), ...facts, started(9)).when(
      outcome(9, ANSWERS.deferred('rate_limited', retryAfterMs)),
    ).events;
    return event?.type === 'SubmissionDeferred' ? event.data.delay_ms : NaN;
  };

  it('starts with the initial delay and doubles with every deferral in a row', () => {
    expect(deferredFor(null)).toBe(SECOND);
    expect(deferredFor(null, [started(1), deferred(1)])).toBe(2 * SECOND);
    expect(deferredFor(null, [started(1), deferred(1), started(2), deferred(2)])).toBe(4 * SECOND);
  });

  it('starts over when the task was held or accepted in between', () => {
    expect(deferredFor(null, [started(1), deferred(1), started(2), held(2), resumed()])).toBe(SECOND);
  });

  it('does not grow by a breaker that was open: that spends nothing', () => {
    expect(deferredFor(null, [started(1), deferred(1, 1_000, 'breaker_open')])).toBe(SECOND);
  });

  it('honours what the provider asks for, up to 15 minutes', () => {
    expect(deferredFor(90 * SECOND)).toBe(90 * SECOND);
    expect(deferredFor(2 * HOUR)).toBe(15 * MINUTE);
  });

  it('is never shorter than our own backoff, also when the provider asks for none', () => {
    expect(deferredFor(0)).toBe(SECOND);
  });

  it('is spread by ±20 % and never beyond the longest', () => {
    const limits = { submitRetryInitialMs: SECOND, submitRetryMaxMs: MINUTE };
    expect(backoffMs(0, 0, limits)).toBeCloseTo(800);
    expect(backoffMs(0, 1, limits)).toBeCloseTo(1_200);
    expect(backoffMs(1_000_000, 1, limits)).toBeCloseTo(MINUTE);
    expect(backoffMs(1_000_000, 0, limits)).toBeLessThan(MINUTE);
  });
});

describe('an answer that comes late', () => {
  const unconfirmed = given(submitted(), started(1), after(2 * MINUTE), unknown(1), after(SECOND));

  it.each([
    ['an id confirms it', ANSWERS.accepted('p-1'), 'submitted'],
    ['not created: back to the queue', ANSWERS.deferred(), 'queued'],
    ['refused: failed', ANSWERS.rejected(), 'failed'],
    ['an account that refuses: held', ANSWERS.held(), 'held'],
  ] as const)('to an unconfirmed attempt decides: %s', (_title, answer, status) => {
    const moment = unconfirmed.and(...unconfirmed.when(outcome(1, answer)).events);
    expect(moment.task.phase.status).toBe(status);
  });

  it('"unknown" after "unknown" adds nothing', () => {
    unconfirmed.when(outcome(1, ANSWERS.unknown())).thenSilence();
  });

  it.each([
    ['cancelled while submitting', [started(1), cancelled()], 'cancelled'],
    ['cancelled while unconfirmed', [started(1), unknown(1), cancelled()], 'cancelled'],
    ['expired', [started(1), unknown(1), expired('unconfirmed')], 'expired'],
    [
      'succeeded by another attempt',
      [started(1), accepted(1, 'p-0'), expired(), resubmitted(), started(2), succeeded(1, 'p-0')],
      'succeeded',
    ],
  ] as const)('is recorded and changes nothing of a task that was %s', (_title, facts, status) => {
    const moment = given(submitted(), ...facts);
    const attempt = moment.task.attempts.length;
    for (const [answer, type] of [
      [ANSWERS.accepted('p-9'), 'SubmissionAccepted'],
      [ANSWERS.deferred(), 'SubmissionDeferred'],
      [ANSWERS.rejected(), 'SubmissionRefused'],
      [ANSWERS.held(), 'SubmissionRefused'],
    ] as const)
      moment.when(outcome(attempt, answer)).thenFacts(fact(type, { attempt })).thenStatus(status);
  });

  it('with the id that a callback has bound meanwhile adds nothing', () => {
    unconfirmed
      .and(accepted(1, 'p-1'))
      .when(outcome(1, ANSWERS.accepted('p-1')))
      .thenSilence();
  });

  it('with a second id is recorded as a conflict once, and the bound id stays', () => {
    const bound = unconfirmed.and(accepted(1, 'p-1'));
    const { moment } = bound
      .when(outcome(1, ANSWERS.accepted('p-2')))
      .thenFacts(
        fact('ConflictingOutcomeObserved', {
          attempt: 1,
          kind: 'second_id',
          provider_task_id: 'p-2',
          known: 'p-1',
        }),
      )
      .thenStatus('submitted');
    expect(moment.task.attempts[0]!.providerTaskId).toBe('p-1');
    moment.when(outcome(1, ANSWERS.accepted('p-2'))).thenSilence();
  });

  it.each([ANSWERS.deferred(), ANSWERS.rejected(), ANSWERS.held()])(
    '$kind although its id is known: a conflict, recorded once, that takes nothing back',
    (answer) => {
      const { moment } = unconfirmed
        .and(accepted(1, 'p-1'))
        .when(outcome(1, answer))
        .thenFacts(fact('ConflictingOutcomeObserved', { kind: 'refused_after_accepted', known: 'p-1' }))
        .thenStatus('submitted');
      moment.when(outcome(1, answer)).thenSilence();
    },
  );

  it('with an id after "certainly not created" is believed: it exists', () => {
    given(submitted(), started(1), deferred(1))
      .when(outcome(1, ANSWERS.accepted('p-1')))
      .thenFacts(fact('SubmissionAccepted', { provider_task_id: 'p-1' }))
      .thenStatus('submitted');
  });
});

describe('an id that is bound to another task', () => {
  const taken = outcome(1, ANSWERS.accepted('p-taken'), { idInUse: true });

  it('is not bound; the outcome is unknown, and the id is in the log under its attempt', () => {
    const { moment } = given(submitted(), started(1))
      .when(taken)
      .thenFacts(
        fact('SubmissionOutcomeUnknown', { attempt: 1, reason: 'id_in_use' }),
        fact('ConflictingOutcomeObserved', {
          attempt: 1,
          kind: 'id_in_use',
          provider_task_id: 'p-taken',
          known: null,
        }),
      )
      .thenStatus('unconfirmed');
    expect(moment.task.attempts[0]!.providerTaskId).toBeNull();
    moment.when(taken).thenSilence();
  });

  it('is in the log also when the outcome was unknown already', () => {
    given(submitted(), started(1), unknown(1))
      .when(taken)
      .thenFacts(fact('ConflictingOutcomeObserved', { kind: 'id_in_use', provider_task_id: 'p-taken' }));
  });

  it('or to another attempt of the same task is not bound either', () => {
    given(submitted(), started(1), accepted(1, 'p-1'), expired(), resubmitted(), started(2))
      .when(outcome(2, ANSWERS.accepted('p-1')))
      .thenFacts(fact('SubmissionOutcomeUnknown', { attempt: 2 }), fact('ConflictingOutcomeObserved'))
      .thenStatus('unconfirmed');
  });
});

describe('the outcome of an older attempt', () => {
  const second = given(submitted(), started(1), unknown(1), resubmitted(), started(2));

  it.each([
    ['accepted', ANSWERS.accepted('p-1'), 'SubmissionAccepted'],
    ['deferred', ANSWERS.deferred(), 'SubmissionDeferred'],
    ['rejected', ANSWERS.rejected(), 'SubmissionRefused'],
    ['held', ANSWERS.held(), 'SubmissionRefused'],
  ] as const)('%s is recorded and never alters the newer one', (_kind, answer, type) => {
    const { moment } = second
      .when(outcome(1, answer))
      .thenFacts(fact(type, { attempt: 1 }))
      .thenStatus('submitting');
    expect(moment.task.attempts[1]).toEqual(second.task.attempts[1]);
  });

  it('with an id takes a resubmitted task out of the queue: nothing is sent again', () => {
    const { moment } = given(submitted(), started(1), unknown(1), resubmitted())
      .when(outcome(1, ANSWERS.accepted('p-1')))
      .thenFacts(fact('SubmissionAccepted', { attempt: 1 }))
      .thenStatus('submitted');
    moment.when(start).thenSilence();
  });

  it('a newer attempt that is refused leaves the task where the older one stands: accepted', () => {
    given(submitted(), started(1), accepted(1, 'p-1'), expired(), resubmitted(), started(2))
      .when(outcome(2, ANSWERS.rejected()))
      .thenFacts(fact('SubmissionRefused', { attempt: 2, reason: 'provider_rejected' }))
      .thenStatus('submitted');
  });

  it('a newer attempt that is refused leaves the task where the older one stands: unconfirmed', () => {
    const { moment } = second
      .when(outcome(2, ANSWERS.rejected()))
      .thenFacts(fact('SubmissionRefused', { attempt: 2 }))
      .thenStatus('unconfirmed');
    expect(moment.task.phase).toMatchObject({ attempt: 1, since: second.task.attempts[0]!.unknownSince });
  });

  it('a newer attempt that is held holds the task', () => {
    second
      .when(outcome(2, ANSWERS.held()))
      .thenFacts(fact('TaskHeld', { attempt: 2 }))
      .thenStatus('held');
  });

  it('a newer attempt that is refused fails the task when the older one has failed', () => {
    given(submitted(), started(1), accepted(1, 'p-1'), failed(1, 'p-1'), resubmitted(), started(2))
      .when(outcome(2, ANSWERS.rejected()))
      .thenFacts(fact('TaskFailed', { attempt: 2, code: 'provider_rejected' }))
      .thenStatus('failed');
  });

  describe('that the task waits for alone', () => {
    const waiting = second.and(refused(2));

    it('an id confirms the task', () => {
      waiting
        .when(outcome(1, ANSWERS.accepted('p-1')))
        .thenFacts(fact('SubmissionAccepted', { attempt: 1 }))
        .thenStatus('submitted');
    });

    it.each([ANSWERS.deferred(), ANSWERS.rejected(), ANSWERS.held()])(
      '$kind: nothing lives any more, so the newest attempt’s end is the verdict and nothing is sent again',
      (answer) => {
        const moment = waiting.and(...waiting.when(outcome(1, answer)).events);
        expect(moment.task.phase).toMatchObject({ status: 'failed', code: 'provider_rejected' });
      },
    );

    it('deferred after the newest was confirmed failed: failed with what the provider said of that one', () => {
      second
        .and(accepted(2, 'p-2'), polled(2, 'p-2', 'failed', { confirming: true, credits: 3 }))
        .when(outcome(1, ANSWERS.deferred()))
        .thenFacts(
          fact('SubmissionDeferred', { attempt: 1 }),
          fact('TaskFailed', {
            attempt: 2,
            code: 'provider_failed',
            provider_task_id: 'p-2',
            credits: 3,
          }),
        )
        .thenStatus('failed');
    });
  });
});

describe('a caller that fell silent', () => {
  it('within its lease is left alone', () => {
    given(submitted(), started(1), after(MINUTE - 1))
      .when(leaseEnd)
      .thenSilence();
  });

  it('for a lease leaves an unknown outcome', () => {
    given(submitted(), started(1), after(MINUTE))
      .when(leaseEnd)
      .thenFacts(fact('SubmissionOutcomeUnknown', { attempt: 1, reason: 'lease_ran_out', http_status: null }))
      .thenStatus('unconfirmed');
  });

  it.each([
    ['cancelled', [started(1), cancelled()]],
    [
      'succeeded by an older attempt',
      [started(1), accepted(1, 'p-1'), expired(), resubmitted(), started(2), succeeded(1, 'p-1')],
    ],
  ])('leaves it also on a task that was %s meanwhile, whose status stays', (_title, facts) => {
    const moment = given(submitted(), ...facts, after(MINUTE));
    moment
      .when(leaseEnd)
      .thenFacts(fact('SubmissionOutcomeUnknown', { attempt: moment.task.attempts.length }))
      .thenStatus(moment.task.phase.status);
  });

  it('adds nothing once the outcome is known', () => {
    for (const facts of [[deferred(1)], [accepted(1, 'p-1')], [unknown(1)], [held(1)], [failed(1, null)]])
      given(submitted(), started(1), ...facts, after(HOUR))
        .when(leaseEnd)
        .thenSilence();
  });
});

describe('callbacks before the answer', () => {
  it('wait for it: an answer of its own drops what they named', () => {
    const early = given(submitted(), started(1), called(1, 'p-forged', 'finished'));
    for (const answer of [ANSWERS.accepted('p-1'), ANSWERS.deferred(), ANSWERS.rejected(), ANSWERS.held()]) {
      const moment = early.and(...early.when(outcome(1, answer)).events);
      expect(moment.task.attempts[0]!.hints).toEqual([]);
    }
  });

  it('survive an unknown outcome', () => {
    const early = given(submitted(), started(1), called(1, 'p-1', 'finished'), overdue(), unknown(1));
    expect(early.task.attempts[0]!.hints).toMatchObject([{ providerTaskId: 'p-1', status: 'finished' }]);
  });
});
