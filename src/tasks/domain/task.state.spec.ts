import {
  evolve,
  isAlive,
  isAwaitingConfirmation,
  isTerminal,
  isTerminalStatus,
  readable,
  TASK_STATUSES,
  type Task,
} from './task.state.js';
import {
  accepted,
  after,
  BEGINNING,
  called,
  cancelled,
  deferred,
  expired,
  failed,
  given,
  held,
  HOUR,
  overdue,
  polled,
  refused,
  resubmitted,
  resumed,
  SECOND,
  started,
  STREAM,
  submitted,
  succeeded,
  unknown,
  type Moment,
} from './testing/index.js';

const statusOf = (moment: Moment): Task['phase']['status'] => moment.task.phase.status;
const attempt = (moment: Moment, number = 1): Task['attempts'][number] => moment.task.attempts[number - 1]!;
const known = given(submitted(), started(1), accepted(1, 'p-1'));

describe('the life of a task', () => {
  it('begins queued, with what was asked and nothing personal', () => {
    const { task } = given(submitted({ idempotency_key: 'order-17', expected_files: 4 }));
    expect(task).toMatchObject({
      id: STREAM.id,
      owner: STREAM.owner,
      correlationId: STREAM.correlationId,
      version: 1,
      createdAt: BEGINNING,
      phase: { status: 'queued', deferral: null },
      idempotencyKey: 'order-17',
      expectedFiles: 4,
      intentIn: 'event-1',
    });
    expect(JSON.stringify(task)).not.toContain('bicycle');
  });

  it('goes queued, submitting, submitted, running, succeeded', () => {
    const steps = [started(1), accepted(1, 'p-1'), polled(1, 'p-1', 'running'), succeeded(1, 'p-1')];
    const seen = steps.map((_, index) => statusOf(given(submitted(), ...steps.slice(0, index + 1))));
    expect(seen).toEqual(['submitting', 'submitted', 'running', 'succeeded']);
  });

  it.each([
    ['deferred, and queued again', [started(1), deferred(1)], 'queued'],
    ['held', [started(1), held(1)], 'held'],
    ['resumed, and queued again', [started(1), held(1), resumed()], 'queued'],
    ['unconfirmed', [started(1), unknown(1)], 'unconfirmed'],
    ['confirmed by a late answer', [started(1), unknown(1), accepted(1, 'p-1')], 'submitted'],
    ['expired', [started(1), unknown(1), expired('unconfirmed')], 'expired'],
    ['resubmitted, and queued again', [started(1), unknown(1), resubmitted()], 'queued'],
    ['refused', [started(1), failed(1, null)], 'failed'],
  ] as const)('may be %s', (_title, facts, status) => {
    expect(statusOf(given(submitted(), ...facts))).toBe(status);
  });

  it('knows when it ended, and forgets it when it is resubmitted', () => {
    const ended = known.and(after(HOUR), expired());
    expect(ended.task.completedAt).toEqual(ended.now);
    expect(ended.and(resubmitted()).task.completedAt).toBeNull();
    const late = ended.and(after(HOUR), succeeded(1, 'p-1'));
    expect(late.task.completedAt).toEqual(late.now);
  });

  it('counts its events and knows the time of the last one', () => {
    const moment = known.and(after(SECOND), overdue());
    expect(moment.task).toMatchObject({ version: 4, updatedAt: moment.now, overdue: true });
  });

  it('is the same however often it is replayed', () => {
    const steps = [submitted(), started(1), called(1, 'p-1', 'finished'), unknown(1), accepted(1, 'p-1')];
    expect(given(...steps).task).toEqual(given(...steps).task);
  });

  it('refuses a stream that does not begin with its intent', () => {
    expect(() =>
      evolve(null, { id: 'event-1', version: 1, recordedAt: BEGINNING, event: started(1) }, STREAM),
    ).toThrow(/starts with SubmissionStarted/);
  });

  it('ends in four ways', () => {
    expect(TASK_STATUSES.filter(isTerminalStatus)).toEqual(['succeeded', 'failed', 'cancelled', 'expired']);
    expect(isTerminal(known.task)).toBe(false);
  });
});

describe('attempts', () => {
  const first = given(submitted(), started(1), unknown(1), resubmitted(), started(2));

  it('keep what became of them', () => {
    const facts = [
      [[deferred(1)], 'deferred'],
      [[held(1)], 'held'],
      [[refused(1)], 'refused'],
      [[failed(1, null)], 'refused'],
      [[unknown(1)], 'unknown'],
      [[accepted(1, 'p-1')], 'accepted'],
    ] as const;
    for (const [after, outcome] of facts)
      expect(attempt(given(submitted(), started(1), ...after)).outcome).toBe(outcome);
  });

  it.each([
    ['accepted', accepted(1, 'p-1')],
    ['deferred', deferred(1)],
    ['refused', refused(1)],
    ['unknown', unknown(1)],
    ['held', held(1)],
    ['read', polled(1, 'p-1', 'running')],
    ['told', called(1, 'p-1', 'finished')],
  ])('when an older one is %s, the newer one and the status stay as they are', (_what, event) => {
    const changed = first.and(event);
    expect(attempt(changed, 2)).toEqual(attempt(first, 2));
    expect(statusOf(changed)).toBe('submitting');
  });

  it('a terminal status stays, whatever comes of them', () => {
    const ended = first.and(cancelled());
    for (const event of [
      accepted(2, 'p-2'),
      deferred(2),
      refused(2),
      unknown(2),
      held(2),
      polled(1, 'p-1', 'running'),
    ])
      expect(statusOf(ended.and(event))).toBe('cancelled');
  });

  it('the older one decides where the task stands when the newer is refused', () => {
    expect(first.and(refused(2)).task.phase).toEqual({
      status: 'unconfirmed',
      attempt: 1,
      since: BEGINNING,
      reason: 'older_attempt',
    });
    expect(statusOf(known.and(expired(), resubmitted(), started(2), refused(2)))).toBe('submitted');
    const ran = known.and(polled(1, 'p-1', 'running'), expired(), resubmitted(), started(2), refused(2));
    expect(statusOf(ran)).toBe('running');
  });

  it('the older one that a task waits for takes it with it when its id is learned', () => {
    expect(statusOf(first.and(refused(2), accepted(1, 'p-1')))).toBe('submitted');
  });

  it('the older one decides where the task stands when the newer is confirmed failed', () => {
    const failing = polled(2, 'p-2', 'failed', { confirming: true });
    expect(statusOf(first.and(accepted(2, 'p-2'), failing))).toBe('unconfirmed');
    const both = known.and(expired(), resubmitted(), started(2), accepted(2, 'p-2'), failing);
    expect(statusOf(both)).toBe('submitted');
    expect(readable(both.task).map(({ number }) => number)).toEqual([1]);
  });

  it('may live while created or perhaps created, without a verdict', () => {
    expect(isAlive(attempt(given(submitted(), started(1))))).toBe(true);
    expect(isAlive(attempt(given(submitted(), started(1), unknown(1))))).toBe(true);
    expect(isAlive(attempt(known))).toBe(true);
    expect(isAlive(attempt(given(submitted(), started(1), deferred(1))))).toBe(false);
    expect(isAlive(attempt(known.and(failed(1, 'p-1', 'result_missing'))))).toBe(false);
  });

  it('know what they cost as soon as the provider has said it', () => {
    const read = known.and(polled(1, 'p-1', 'running', { credits: 3 }), polled(1, 'p-1', 'running'));
    expect(attempt(read).credits).toBe(3);
    expect(attempt(read.and(succeeded(1, 'p-1'))).credits).toBe(4.5);
  });
});

describe('what reads tell', () => {
  it('"failed" counts from the first of an unbroken row', () => {
    const failing = known.and(polled(1, 'p-1', 'failed'), after(SECOND), polled(1, 'p-1', 'failed'));
    expect(attempt(failing).failedSince).toEqual(BEGINNING);
    expect(attempt(failing.and(polled(1, 'p-1', 'running'))).failedSince).toBeNull();
  });

  it('"failed" counts from the callback that said it first, but not from one about another id', () => {
    const told = known.and(called(1, 'p-1', 'failed'), after(SECOND), polled(1, 'p-1', 'failed'));
    expect(attempt(told).failedSince).toEqual(BEGINNING);
    const forged = given(submitted(), started(1), called(1, 'p-2', 'failed'), accepted(1, 'p-1'));
    const later = forged.and(after(SECOND), polled(1, 'p-1', 'failed'));
    expect(attempt(later).failedSince).toEqual(later.now);
  });

  it('the fullest of the short answers is remembered, since the first of them', () => {
    const four = given(submitted({ expected_files: 4 }), started(1), accepted(1, 'p-1'));
    const short = four.and(
      polled(1, 'p-1', 'finished', { file_count: 2 }),
      after(SECOND),
      polled(1, 'p-1', 'finished', { file_count: 3 }),
      polled(1, 'p-1', 'finished', { file_count: 1 }),
    );
    expect(attempt(short).shortRead).toEqual({ eventId: 'event-5', files: 3, at: BEGINNING });
  });

  it('an end without files counts from the first of an unbroken row', () => {
    const empty = known.and(polled(1, 'p-1', 'finished'), after(SECOND), polled(1, 'p-1', 'finished'));
    expect(attempt(empty).emptySince).toEqual(BEGINNING);
    expect(attempt(empty.and(polled(1, 'p-1', 'running'))).emptySince).toBeNull();
  });
});

describe('hints', () => {
  it('are answered when the provider says the same of that id', () => {
    const told = known.and(called(1, 'p-1', 'finished'));
    expect(attempt(told.and(polled(1, 'p-1', 'running'))).hints).toHaveLength(1);
    expect(attempt(told.and(polled(1, 'p-1', 'finished'))).hints).toEqual([]);
  });

  it('that named another id end when the attempt’s own is learned, and words that are not final with them', () => {
    const told = given(submitted(), started(1), called(1, 'p-2', 'finished'), called(1, 'p-1', 'running'));
    expect(attempt(told).hints).toHaveLength(2);
    expect(attempt(told.and(accepted(1, 'p-1'))).hints).toEqual([]);
    expect(attempt(told.and(accepted(1, 'p-2'))).hints).toHaveLength(1);
  });

  it('wait for confirmation only when something can come of it', () => {
    const told = given(submitted(), started(1), called(1, 'p-1', 'finished'));
    const waits = (moment: Moment): boolean => isAwaitingConfirmation(attempt(moment));
    expect(waits(told)).toBe(false);
    expect(waits(told.and(unknown(1)))).toBe(true);
    expect(waits(told.and(accepted(1, 'p-1')))).toBe(true);
    for (const event of [deferred(1), held(1), refused(1), failed(1, null)])
      expect(waits(told.and(event))).toBe(false);
  });
});

describe('deferrals in a row', () => {
  it('end with an id, a resume and a resubmit', () => {
    const twice = given(submitted(), started(1), deferred(1), started(2), deferred(2));
    expect(twice.task.deferrals).toBe(2);
    expect(twice.and(started(3), accepted(3, 'p-3')).task.deferrals).toBe(0);
    expect(twice.and(started(3), held(3), resumed()).task.deferrals).toBe(0);
    expect(twice.and(started(3), unknown(3), resubmitted(4)).task.deferrals).toBe(0);
  });

  it('do not count those of an older attempt', () => {
    expect(
      given(submitted(), started(1), unknown(1), resubmitted(), started(2), deferred(1)).task.deferrals,
    ).toBe(0);
  });
});
