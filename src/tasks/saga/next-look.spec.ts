import { type Call } from '../domain/plan-wake.js';
import { MINUTE, SECOND } from '../domain/testing/durations.js';
import { policyWith } from '../domain/testing/policy.js';
import { type Looked } from './looker.js';
import { nextLook } from './next-look.js';
import { type Claim, type Touch } from './timer-store.js';

const NOW = new Date('2026-01-01T12:00:00Z');

const claim = (more: Partial<Claim> = {}): Claim => ({
  taskId: 'task-1',
  owner: 'acme',
  model: 'gpt-image-2',
  version: 3,
  lane: 'poll',
  epoch: 7,
  checks: 4,
  misses: 0,
  lastCheckedAt: null,
  now: NOW,
  ...more,
});

const ANSWERED = { unread: 0, unreadKnown: 0, timeouts: 0, retryAfterMs: null };
const TIMED_OUT = { unread: 1, unreadKnown: 1, timeouts: 1, retryAfterMs: null };
/** Pace or breaker said no. */
const NOT_ASKED = { unread: 1, unreadKnown: 1, timeouts: 0, retryAfterMs: 5 * SECOND };

const next = (
  claimed: Claim,
  looked: Omit<Looked, 'task' | 'isNews'>,
  planned: Call = { lane: 'poll', due: { inMs: 10 * SECOND } },
): Touch => nextLook(claimed, { ...looked, isNews: false } as Looked, planned, policyWith());

it('comes when it is planned, and counts', () => {
  expect(next(claim(), ANSWERED)).toEqual({
    taskId: 'task-1',
    epoch: 7,
    lane: 'poll',
    inMs: 10 * SECOND,
    checks: 5,
    misses: 0,
    checked: true,
  });
});

it('of a planned instant is told as a pause, not before now', () => {
  const at = (ms: number): Call => ({ lane: 'confirm', due: { at: new Date(NOW.getTime() + ms) } });
  expect(next(claim(), ANSWERED, at(3 * SECOND)).inMs).toBe(3 * SECOND);
  expect(next(claim(), ANSWERED, at(-MINUTE)).inMs).toBe(0);
});

it('moves to the slow lane with the second timeout in a row, later each time; an answer brings it back', () => {
  expect(next(claim(), TIMED_OUT)).toMatchObject({ lane: 'poll', misses: 1, inMs: 10 * SECOND });
  expect(next(claim({ misses: 1 }), TIMED_OUT)).toMatchObject({ lane: 'slow', misses: 2, inMs: 40 * SECOND });
  expect(next(claim({ misses: 2, lane: 'slow' }), TIMED_OUT)).toMatchObject({ misses: 3, inMs: 80 * SECOND });
  expect(next(claim({ misses: 30, lane: 'slow' }), TIMED_OUT).inMs).toBe(policyWith().slowPollCapMs);
  expect(next(claim({ misses: 6, lane: 'slow' }), ANSWERED)).toMatchObject({ lane: 'poll', misses: 0 });
});

it('stays in the slow lane when nobody was asked, and that does not count', () => {
  const slow = claim({ lane: 'slow', misses: 6 });
  expect(next(slow, NOT_ASKED)).toMatchObject({ lane: 'slow', misses: 6, checks: 4, checked: false });
  expect(next(claim(), NOT_ASKED)).toMatchObject({ lane: 'poll', misses: 0, checks: 4, inMs: 10 * SECOND });
  const soon: Call = { lane: 'confirm', due: { inMs: SECOND } };
  expect(next(claim(), NOT_ASKED, soon).inMs).toBe(5 * SECOND);
});

it('never keeps a submission waiting, whatever the reads did', () => {
  const submission: Call = { lane: 'submit', due: { inMs: 0 } };
  expect(next(claim({ lane: 'confirm', misses: 5 }), TIMED_OUT, submission)).toMatchObject({
    lane: 'submit',
    inMs: 0,
  });
});
