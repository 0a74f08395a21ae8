import { decideClock } from './decide-time.js';
import { type TaskEvent } from './task.events.js';
import { type Task } from './task.state.js';
import {
  accepted,
  after,
  called,
  cancelled,
  expired,
  fact,
  failed,
  given,
  held,
  HOUR,
  MINUTE,
  overdue,
  POLICY,
  polled,
  refused,
  resubmitted,
  started,
  submitted,
  succeeded,
  unknown,
} from './testing/index.js';

const clock = (task: Task, now: Date): TaskEvent[] => decideClock(task, now, POLICY);

describe('a promised time that has passed', () => {
  it.each([
    ['queued', []],
    ['submitting', [started(1)]],
    ['held', [started(1), held(1)]],
    ['submitted', [started(1), accepted(1, 'p-1')]],
    ['running', [started(1), accepted(1, 'p-1'), polled(1, 'p-1', 'running')]],
    ['unconfirmed', [started(1), unknown(1)]],
  ])('makes a %s task overdue, once, and changes nothing else', (status, facts) => {
    const moment = given(submitted(), ...facts, after(10 * MINUTE));
    const { moment: told } = moment
      .when(clock)
      .thenFacts(fact('TaskOverdue', { after_ms: 10 * MINUTE }))
      .thenStatus(status as Task['phase']['status']);
    expect(told.task.overdue).toBe(true);
    told.when(clock).thenSilence();
  });

  it('is counted from the acceptance of the intent', () => {
    given(submitted(), after(9 * MINUTE), started(1), accepted(1, 'p-1'), after(MINUTE - 1))
      .when(clock)
      .thenSilence();
    given(submitted(), after(9 * MINUTE), started(1), accepted(1, 'p-1'), after(MINUTE))
      .when(clock)
      .thenFacts(fact('TaskOverdue'));
  });

  it.each([
    ['succeeded', [started(1), accepted(1, 'p-1'), succeeded(1, 'p-1')]],
    ['failed', [started(1), failed(1, null)]],
    ['cancelled', [cancelled()]],
    ['expired', [started(1), unknown(1), expired('unconfirmed')]],
  ])('is nothing to a task that is %s', (_status, facts) => {
    given(submitted(), ...facts, after(100 * HOUR))
      .when(clock)
      .thenSilence();
  });

  it('is told once, also when the task is resubmitted afterwards', () => {
    given(submitted(), started(1), unknown(1), after(HOUR), overdue(), resubmitted())
      .when(clock)
      .thenSilence();
  });
});

describe('a clock alone', () => {
  it('expires an unconfirmed task 24 h after its unknown outcome', () => {
    const unconfirmed = given(submitted(), after(HOUR), overdue(), started(1), unknown(1));
    unconfirmed
      .and(after(24 * HOUR - 1))
      .when(clock)
      .thenSilence();
    unconfirmed
      .and(after(24 * HOUR))
      .when(clock)
      .thenFacts(fact('TaskExpired', { because: 'unconfirmed' }))
      .thenStatus('expired');
  });

  it('expires it also when a callback has named an id that nobody could confirm', () => {
    given(
      submitted(),
      overdue(),
      started(1),
      unknown(1),
      called(1, 'p-unreadable', 'finished'),
      after(24 * HOUR),
    )
      .when(clock)
      .thenFacts(fact('TaskExpired', { because: 'unconfirmed' }));
  });

  it('counts from the newest unknown outcome', () => {
    given(
      submitted(),
      overdue(),
      started(1),
      unknown(1),
      resubmitted(),
      after(23 * HOUR),
      started(2),
      unknown(2),
      after(HOUR),
    )
      .when(clock)
      .thenSilence();
  });

  it('counts from the older one’s when the newer one created nothing', () => {
    given(
      submitted(),
      overdue(),
      started(1),
      unknown(1),
      resubmitted(),
      after(23 * HOUR),
      started(2),
      refused(2),
      after(HOUR),
    )
      .when(clock)
      .thenFacts(fact('TaskExpired', { because: 'unconfirmed' }));
  });

  it.each([
    ['queued', []],
    ['held', [started(1), held(1)]],
    ['submitting', [started(1)]],
    ['submitted', [started(1), accepted(1, 'p-1')]],
    ['running', [started(1), accepted(1, 'p-1'), polled(1, 'p-1', 'running')]],
    [
      'unconfirmed, with an older id that must be read first',
      [started(1), accepted(1, 'p-1'), expired(), resubmitted(), started(2), unknown(2)],
    ],
  ])('never expires a task that is %s', (_status, facts) => {
    given(submitted(), overdue(), ...facts, after(1_000 * HOUR))
      .when(clock)
      .thenSilence();
  });

  it('that jumps far ahead says overdue and expired together, and one that jumps back says nothing', () => {
    const unconfirmed = given(submitted(), started(1), unknown(1));
    unconfirmed
      .and(after(48 * HOUR))
      .when(clock)
      .thenFacts(fact('TaskOverdue'), fact('TaskExpired'));
    unconfirmed
      .and(after(-48 * HOUR))
      .when(clock)
      .thenSilence();
  });
});
