import { placeSigns, type LogPlace } from './log-place.js';
import { type RestoreSign, type SubmissionsEvent } from './submissions.events.js';
import {
  decideLostAttempt,
  decidePauseSubmissions,
  decidePlaced,
  decideRecovered,
  decideResumeSubmissions,
  decideSuspect,
  evolveSubmissions,
  isExplained,
  MAX_LOST_ATTEMPTS,
  NEVER_STOPPED,
  stopReason,
  type SubmissionsState,
} from './submissions.state.js';

const AT = new Date('2026-01-01T00:00:00.000Z');
const HOUR = 3_600_000;
const later = (ms: number): Date => new Date(AT.getTime() + ms);
const PLACE: LogPlace = { systemIdentifier: '7000', timeline: 1, database: '5.2200' };
const ANSWER = { nothingLost: false, upTo: 10, moved: 1, erased: 0 };

const after = (...events: readonly SubmissionsEvent[]): SubmissionsState =>
  events.reduce((state, event) => evolveSubmissions(state, event, AT), NEVER_STOPPED);
const suspected = (...signs: RestoreSign[]): SubmissionsEvent[] => decideSuspect(NEVER_STOPPED, signs, 10);

describe('an operator pauses', () => {
  it('once, and resumes once', () => {
    const paused = after(...decidePauseSubmissions(NEVER_STOPPED));
    expect(stopReason(paused)).toBe('paused_by_operator');
    expect(decidePauseSubmissions(paused)).toEqual([]);
    expect(decideResumeSubmissions(NEVER_STOPPED)).toEqual([]);
    expect(
      stopReason(after(...decidePauseSubmissions(NEVER_STOPPED), ...decideResumeSubmissions(paused))),
    ).toBeNull();
  });

  it('and a resume does not answer a suspected restore, nor a recovery end the pause', () => {
    const both = [...decidePauseSubmissions(NEVER_STOPPED), ...suspected('timeline')];
    expect(stopReason(after(...both, ...decideResumeSubmissions(after(...both))))).toBe('restore_suspected');
    expect(stopReason(after(...both, ...decideRecovered(PLACE, ANSWER)))).toBe('paused_by_operator');
  });
});

describe('a restore is suspected', () => {
  it('each sign is said once, and the first moment stands', () => {
    const state = after(...suspected('timeline'));
    expect(decideSuspect(state, ['timeline'], 99)).toEqual([]);
    const more = decideSuspect(state, ['timeline', 'head_behind_mark'], 99);
    expect(more).toMatchObject([{ data: { signs: ['head_behind_mark'] } }]);
    expect(after(...suspected('timeline'), ...more).suspicion).toMatchObject({
      signs: ['timeline', 'head_behind_mark'],
      head: 10,
    });
  });

  it('ends with the answer, which names the new place', () => {
    const moved = { ...PLACE, timeline: 2 };
    const state = after(
      ...decidePlaced(NEVER_STOPPED, PLACE),
      ...suspected('timeline'),
      ...decideRecovered(moved, ANSWER),
    );
    expect(stopReason(state)).toBeNull();
    expect(state.place).toEqual(moved);
    expect(decidePlaced(state, PLACE)).toEqual([]);
  });
});

describe('something about an attempt that the log does not know', () => {
  it('is a sign, but for some days after a recovery that admitted a loss', () => {
    expect(isExplained(NEVER_STOPPED, AT)).toBe(false);
    const recovered = after(...decideRecovered(PLACE, ANSWER));
    expect(isExplained(recovered, later(71 * HOUR))).toBe(true);
    expect(isExplained(recovered, later(73 * HOUR))).toBe(false);
    const denied = after(...decideRecovered(PLACE, { ...ANSWER, nothingLost: true }));
    expect(isExplained(denied, later(HOUR))).toBe(false);
  });

  it('is written down once per attempt, and no more than a thousand times', () => {
    const lost = { taskId: 't', attempt: 1, providerTaskId: 'p-1', toldBy: 'callback' } as const;
    const state = after(...decideLostAttempt(NEVER_STOPPED, lost));
    expect(decideLostAttempt(state, { ...lost, toldBy: 'answer' })).toEqual([]);
    expect(decideLostAttempt(state, { ...lost, attempt: 2 })).toHaveLength(1);
    const full = { ...state, lost: Array.from({ length: MAX_LOST_ATTEMPTS }, () => state.lost[0]!) };
    expect(decideLostAttempt(full, { ...lost, attempt: 3 })).toEqual([]);
  });
});

describe('two places', () => {
  it.each<[string, Partial<LogPlace>, RestoreSign[]]>([
    ['the same', {}, []],
    ['another server', { systemIdentifier: '8000', timeline: 4, database: '5.1' }, ['system_identifier']],
    ['a promoted replica', { timeline: 2 }, ['timeline']],
    ['a dump restored on the same server', { database: '6.2200' }, ['database']],
    ['a server that tells nothing', { systemIdentifier: null, timeline: null }, []],
  ])('%s', (_, changes, signs) => {
    expect(placeSigns(PLACE, { ...PLACE, ...changes })).toEqual(signs);
  });
});
