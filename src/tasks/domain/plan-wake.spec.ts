import { looksEnd, type Wake } from './plan-wake.js';
import { type TaskEvent } from './task.events.js';
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
  MINUTE,
  overdue,
  policyWith,
  polled,
  POLICY,
  refused,
  resubmitted,
  resumed,
  SECOND,
  started,
  submitted,
  succeeded,
  unknown,
  type Moment,
} from './testing/index.js';

const at = (ms: number): { at: Date } => ({ at: new Date(BEGINNING.getTime() + ms) });
const inMs = (ms: number): { inMs: number } => ({ inMs: ms });
const call = (wake: Wake | null): Wake['call'] => wake?.call ?? null;

/** The least and the most that the spread makes of a pause, in milliseconds. */
const range = (plan: (dice: number) => Wake | null): [number, number] => {
  const ms = (dice: number): number => {
    const due = plan(dice)?.call?.due;
    return due && 'inMs' in due ? Math.round(due.inMs) : NaN;
  };
  return [ms(0), ms(1)];
};

const known = given(submitted(), started(1), accepted(1, 'p-1'));
const knownWithCallback = given(submitted(), started(1, true), accepted(1, 'p-1'));

describe('the call that comes next', () => {
  it.each([
    ['queued: the submission, at once', [], { lane: 'submit', due: inMs(0) }],
    ['deferred: after the pause', [started(1), deferred(1, 4_000)], { lane: 'submit', due: at(4_000) }],
    ['resumed: at once', [started(1), held(1), resumed()], { lane: 'submit', due: inMs(0) }],
    [
      'submitting: whoever finds that the lease has run out',
      [started(1)],
      { lane: 'recover', due: at(MINUTE) },
    ],
    ['held: none, somebody must act', [started(1), held(1)], null],
    ['unconfirmed: none, only a callback brings the id', [started(1), unknown(1)], null],
    ['succeeded: none', [started(1), accepted(1, 'p-1'), succeeded(1, 'p-1')], null],
    ['failed: none', [started(1), accepted(1, 'p-1'), failed(1, 'p-1')], null],
    ['rejected: none', [started(1), failed(1, null, 'provider_rejected')], null],
    ['cancelled in the queue: none', [cancelled(false)], null],
    [
      'cancelled while submitting: the outcome is owed',
      [started(1), cancelled()],
      { lane: 'recover', due: at(MINUTE) },
    ],
    ['cancelled while unconfirmed: none', [started(1), unknown(1), cancelled()], null],
    [
      'succeeded while a newer attempt is under way: its outcome is owed',
      [started(1), accepted(1, 'p-1'), expired(), resubmitted(), started(2), succeeded(1, 'p-1')],
      { lane: 'recover', due: at(MINUTE) },
    ],
    ['expired without an id: none', [started(1), unknown(1), expired('unconfirmed')], null],
  ])('%s', (_title, facts, expected) => {
    expect(call(given(submitted(), ...facts).wake())).toEqual(expected);
  });

  it('a deferral that is being stored counts from the moment it is stored', () => {
    const moment = given(submitted(), started(1)).storing(deferred(1, 4_000));
    expect(call(moment.wake())).toEqual({ lane: 'submit', due: inMs(4_000) });
  });

  it('an attempt that is being stored has its lease from that moment', () => {
    expect(call(given(submitted()).storing(started(1)).wake())).toEqual({
      lane: 'recover',
      due: inMs(MINUTE),
    });
  });
});

describe('polls', () => {
  const pause = (moment: Moment, checks: number | null): [number, number] =>
    range((dice) => moment.wake({ checks, dice }));

  it('without a callback URL start with the kind’s first delay, never before it', () => {
    expect(pause(given(submitted(), started(1)).storing(accepted(1, 'p-1')), null)).toEqual([5_000, 5_500]);
  });

  it('then grow by half, with ±10 %, to the kind’s cap and never beyond it', () => {
    expect(pause(known, 1)).toEqual([6_750, 8_250]);
    expect(pause(known, 2)).toEqual([10_125, 12_375]);
    expect(pause(known, 3)).toEqual([12_273, 15_000]);
    expect(pause(known, 1_000_000)).toEqual([12_273, 15_000]);
  });

  it('with a callback URL start when the usual duration has passed, then at the cap', () => {
    expect(pause(given(submitted(), started(1, true)).storing(accepted(1, 'p-1')), null)).toEqual([
      60_000, 66_000,
    ]);
    expect(pause(knownWithCallback, 1)).toEqual([12_273, 15_000]);
    expect(pause(knownWithCallback, 9)).toEqual([12_273, 15_000]);
  });

  it('of an attempt without a callback URL are not slowed down by one that has one', () => {
    const two = knownWithCallback.and(expired(), resubmitted(), started(2), accepted(2, 'p-2'));
    expect(pause(two, 1)).toEqual([6_750, 8_250]);
  });

  it('planned already stand: what is no look and no new id does not move them', () => {
    for (const moment of [
      known.storing(called(1, 'p-2', 'finished', 'mismatched')),
      known.storing(overdue()),
      known.and(polled(1, 'p-1', 'running')).storing(cancelled()),
    ])
      expect(call(moment.wake())).toMatchObject({ lane: 'poll', keep: true });
  });

  it('are planned anew by a look and by an id learned just now', () => {
    expect(call(known.wake({ checks: 3 }))).not.toHaveProperty('keep');
    expect(call(given(submitted(), started(1)).storing(accepted(1, 'p-1')).wake())).not.toHaveProperty(
      'keep',
    );
  });

  it.each([
    ['held', [resubmitted(), started(2), held(2)]],
    ['unconfirmed', [resubmitted(), started(2), unknown(2)]],
    ['submitted once more', [resubmitted(), started(2), accepted(2, 'p-2')]],
    ['succeeded', [resubmitted(), started(2), accepted(2, 'p-2'), succeeded(2, 'p-2')]],
    ['cancelled', [resubmitted(), cancelled()]],
  ])('go on for every known id while the task is %s', (_status, facts) => {
    expect(call(known.and(expired(), ...facts).wake({ checks: 1 }))?.lane).toBe('poll');
  });

  it('end when the end of every known id is confirmed', () => {
    const done = known.and(cancelled(), polled(1, 'p-1', 'finished', { confirming: true, file_count: 1 }));
    expect(done.wake()).toBeNull();
  });
});

describe('a second read soon', () => {
  it('5 s after a first "failed"', () => {
    expect(call(known.storing(polled(1, 'p-1', 'failed')).wake({ checks: 1 }))).toEqual({
      lane: 'confirm',
      due: inMs(5_000),
    });
  });

  it('5 s after the callback that said "failed" first', () => {
    const told = known.and(after(SECOND), called(1, 'p-1', 'failed'));
    expect(call(told.storing(polled(1, 'p-1', 'failed')).wake({ checks: 1 }))).toEqual({
      lane: 'confirm',
      due: at(6 * SECOND),
    });
  });

  it('10 s after an answer with fewer files than expected', () => {
    const four = given(submitted({ expected_files: 4 }), started(1), accepted(1, 'p-1'));
    expect(call(four.storing(polled(1, 'p-1', 'finished', { file_count: 2 })).wake({ checks: 1 }))).toEqual({
      lane: 'confirm',
      due: inMs(10_000),
    });
  });

  it('not for an answer without files: that is read again at the usual pace', () => {
    expect(call(known.storing(polled(1, 'p-1', 'finished')).wake({ checks: 1 }))?.lane).toBe('poll');
  });
});

describe('confirmation of a callback', () => {
  const hinted = known.storing(called(1, 'p-1', 'finished'));
  const waiting = known.and(called(1, 'p-1', 'finished'));
  const retry = (moment: Moment, checks: number): [number, number] =>
    range((dice) => moment.wake({ checks, dice }));

  it('is tried at once', () => {
    expect(call(hinted.wake())).toEqual({ lane: 'confirm', due: inMs(0) });
  });

  it('then after a second, then at least 5 s apart, growing to the cap', () => {
    expect(retry(waiting, 1)).toEqual([1_000, 1_000]);
    expect(retry(waiting, 2)).toEqual([5_000, 5_500]);
    expect(retry(waiting, 3)).toEqual([6_750, 8_250]);
    expect(retry(waiting, 100)).toEqual([12_273, 15_000]);
  });

  it('is at least 5 s apart also where the cap is shorter', () => {
    const hasty = policyWith({ timingOf: () => ({ ...POLICY.timingOf('image'), pollCapMs: 100 }) });
    expect(range((dice) => waiting.wake({ checks: 50, dice }, hasty))).toEqual([5_000, 5_000]);
  });

  it('planned already stands: one per task', () => {
    expect(call(waiting.storing(called(1, 'p-1', 'finished', 'duplicate')).wake())).toEqual({
      lane: 'confirm',
      due: inMs(0),
      keep: true,
    });
  });

  it('is planned anew by another hint', () => {
    expect(call(waiting.storing(called(1, 'p-1', 'failed', 'conflicting')).wake())).toEqual({
      lane: 'confirm',
      due: inMs(0),
    });
  });

  it('waits for the outcome of the call while submitting, and follows an unknown one', () => {
    const early = given(submitted(), started(1), called(1, 'p-1', 'finished'));
    expect(call(early.wake())?.lane).toBe('recover');
    expect(call(early.storing(unknown(1)).wake())).toMatchObject({ lane: 'confirm', due: inMs(0) });
  });

  it('after the end slows down to the pace of late reads', () => {
    const late = known.and(expired(), called(1, 'p-1', 'finished'));
    expect(call(late.wake({ checks: 1 }))).toEqual({ lane: 'confirm', due: inMs(1_000) });
    expect(retry(late, 100)).toEqual([Math.round((HOUR / 1.1) * 0.9), HOUR]);
  });

  it.each([
    ['expired', given(submitted(), started(1), unknown(1), expired('unconfirmed'))],
    ['cancelled', given(submitted(), started(1), unknown(1), cancelled())],
    ['failed for missing files', known.and(failed(1, 'p-1', 'result_missing'))],
    [
      'held, about an older attempt',
      given(submitted(), started(1), unknown(1), resubmitted(), started(2), held(2)),
    ],
    ['unconfirmed', given(submitted(), started(1), unknown(1))],
  ])('happens also when the task is %s', (_status, moment) => {
    expect(call(moment.storing(called(1, 'p-1', 'finished')).wake())).toEqual({
      lane: 'confirm',
      due: inMs(0),
    });
  });

  it('of an older attempt goes before the next submission, twice, and does not hold it up for longer', () => {
    const queued = given(submitted(), started(1), unknown(1), resubmitted());
    expect(call(queued.storing(called(1, 'p-1', 'finished')).wake())).toEqual({
      lane: 'confirm',
      due: inMs(0),
    });
    const told = queued.and(called(1, 'p-1', 'finished'));
    expect(call(told.wake({ checks: 1 }))).toEqual({ lane: 'confirm', due: inMs(1_000) });
    expect(call(told.wake({ checks: 2 }))).toEqual({ lane: 'submit', due: inMs(0) });
    expect(call(told.wake())).toEqual({ lane: 'submit', due: inMs(0) });
  });

  it('is not wanted of what an attempt’s own answer has ruled out', () => {
    const ruledOut = given(
      submitted(),
      started(1),
      called(1, 'p-1', 'finished'),
      failed(1, null, 'provider_rejected'),
    );
    expect(ruledOut.wake()).toBeNull();
  });
});

describe('late looks', () => {
  const hourly = [54 * MINUTE, 66 * MINUTE];

  it.each([
    ['expired', known.and(expired())],
    ['failed for missing files', known.and(failed(1, 'p-1', 'result_missing'))],
    [
      'rejected on a resubmit after missing files',
      known.and(
        failed(1, 'p-1', 'result_missing'),
        resubmitted(),
        started(2),
        failed(2, null, 'provider_rejected'),
      ),
    ],
  ])('come hourly, in the slow lane, while the task is %s', (_status, moment) => {
    expect(range((dice) => moment.wake({ checks: 9, dice }))).toEqual(hourly);
    expect(call(moment.wake({ checks: 9 }))?.lane).toBe('slow');
  });

  it('go on when a late look has brought news that is no verdict', () => {
    const moment = known.and(expired(), after(HOUR)).storing(polled(1, 'p-1', 'running', { progress: 50 }));
    expect(call(moment.wake({ checks: 2 }))?.lane).toBe('slow');
  });

  it('are not pushed away by whatever else happens', () => {
    expect(
      call(
        known
          .and(expired())
          .storing(called(1, 'p-2', 'finished', 'mismatched'))
          .wake(),
      ),
    ).toMatchObject({
      lane: 'slow',
      keep: true,
    });
  });

  it('end 72 h after the end, those of cancelled and succeeded tasks with the window of expiry', () => {
    const ends = (moment: Moment): Date | null => looksEnd(moment.task, POLICY);
    expect(ends(known)).toBeNull();
    expect(ends(known.and(after(HOUR), expired()))).toEqual(at(73 * HOUR).at);
    expect(ends(known.and(after(HOUR), failed(1, 'p-1', 'result_missing')))).toEqual(at(73 * HOUR).at);
    expect(ends(known.and(after(HOUR), cancelled()))).toEqual(at(25 * HOUR).at);
    expect(ends(known.and(after(HOUR), cancelled(), resubmitted()))).toBeNull();
  });

  it('get their window anew from a callback that nothing has answered', () => {
    const told = known.and(expired(), after(100 * HOUR), called(1, 'p-1', 'finished'));
    expect(looksEnd(told.task, POLICY)).toEqual(at(172 * HOUR).at);
    expect(looksEnd(told.and(polled(1, 'p-1', 'finished')).task, POLICY)).toEqual(at(72 * HOUR).at);
  });
});

describe('the clock', () => {
  const clock = (moment: Moment, policy = POLICY): Wake['clock'] | undefined =>
    moment.wake({}, policy)?.clock;

  it('tells of overdue, counted from the acceptance of the intent', () => {
    expect(clock(given(submitted(), after(MINUTE), started(1), accepted(1, 'p-1')))).toEqual(at(10 * MINUTE));
    expect(clock(given().storing(submitted()))).toEqual(inMs(10 * MINUTE));
  });

  it('then of nothing, but for an unconfirmed task: its expiry', () => {
    expect(clock(known.and(overdue()))).toBeNull();
    expect(clock(given(submitted(), overdue(), started(1), after(MINUTE), unknown(1)))).toEqual(
      at(24 * HOUR + MINUTE),
    );
    expect(clock(given(submitted(), overdue(), started(1)).storing(unknown(1)))).toEqual(inMs(24 * HOUR));
  });

  it('takes the earlier of the two, also when expiry is set to come first', () => {
    const soon = policyWith({ expiresMs: 3 * SECOND });
    expect(clock(given(submitted(), started(1), unknown(1)), soon)).toEqual(at(3 * SECOND));
    expect(clock(given(submitted(), started(1)).storing(unknown(1)), soon)).toEqual(inMs(3 * SECOND));
    expect(clock(given(submitted(), started(1)).storing(unknown(1)))).toEqual(at(10 * MINUTE));
    expect(clock(given(submitted(), after(9 * MINUTE + 59 * SECOND), started(1), unknown(1)), soon)).toEqual(
      at(10 * MINUTE),
    );
  });

  it('does not expire an unconfirmed task that has an id to read', () => {
    expect(clock(known.and(overdue(), expired(), resubmitted(), started(2), unknown(2)))).toBeNull();
  });

  it('is silent after the end', () => {
    expect(clock(known.and(expired()))).toBeNull();
  });

  it('of an older attempt counts when the newer one created nothing', () => {
    const older = given(
      submitted(),
      overdue(),
      started(1),
      unknown(1),
      resubmitted(),
      after(HOUR),
      started(2),
      refused(2),
    );
    expect(clock(older)).toEqual(at(24 * HOUR));
  });
});

describe('UNCONFIRMED_POLICY=resubmit', () => {
  const policy = policyWith({ unconfirmedPolicy: 'resubmit' });
  const unconfirmed = given(submitted(), started(1), unknown(1));

  it('is looked after a lease and a wait after the unknown outcome', () => {
    expect(call(unconfirmed.wake({}, policy))).toEqual({ lane: 'recover', due: at(6 * MINUTE) });
  });

  it('is not looked after twice, nor while a callback waits for confirmation', () => {
    expect(call(unconfirmed.and(resubmitted(2, true), started(2), unknown(2)).wake({}, policy))).toBeNull();
    expect(call(unconfirmed.and(called(1, 'p-1', 'finished')).wake({}, policy))?.lane).toBe('confirm');
  });
});

describe('nothing will ever be due again', () => {
  it.each<[string, TaskEvent[]]>([
    ['succeeded', [started(1), accepted(1, 'p-1'), succeeded(1, 'p-1')]],
    ['failed', [started(1), failed(1, null)]],
    ['cancelled in the queue', [cancelled(false)]],
    ['held and told', [started(1), held(1), overdue()]],
    ['expired without an id', [started(1), unknown(1), expired('unconfirmed')]],
  ])('for a task that is %s', (_status, facts) => {
    expect(given(submitted(), ...facts).wake()).toBeNull();
  });
});
