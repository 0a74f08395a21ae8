import { type CallResult, NO_EVIDENCE } from './call-result.js';
import { Pace, type PaceGrant } from './pace.js';

const ANSWERED: CallResult = { kind: 'answered' };
const limited = (retryAfterMs: number | null = null): CallResult => ({ kind: 'limited', retryAfterMs });

const pace = (requestsPerMinute: number | null = null): Pace =>
  new Pace({ requestsPerMinute, slowInitialMs: 1_000, slowMaxMs: 5_000 });

const grantOf = (pace: Pace, now: number): PaceGrant => {
  const answer = pace.admit(now);
  if (!answer.granted) throw new Error(answer.reason);
  return answer.grant;
};

const run = (pace: Pace, result: CallResult, now: number): void =>
  pace.conclude(grantOf(pace, now), result, now);

it('without budget and 429 everything goes', () => {
  const free = pace();
  for (let n = 0; n < 1_000; n++) expect(free.admit(0).granted).toBe(true);
});

it('the budget says when to come back', () => {
  const one = pace(1);
  expect(one.admit(0).granted).toBe(true);
  expect(one.admit(0)).toEqual({ granted: false, reason: 'rate', retryInMs: 60_000 });
});

it('429s without a pause double ours up to the cap', () => {
  const slow = pace();
  const pauses = [];
  for (let now = 0, n = 0; n < 5; n++) {
    run(slow, limited(), now);
    pauses.push(slow.pauseLeft(now));
    now += slow.pauseLeft(now);
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
});

it('429s that name no time ahead are 429s without a pause', () => {
  const slow = pace();
  run(slow, limited(0), 0);
  expect(slow.pauseLeft(0)).toBe(1_000);
  run(slow, limited(-5), 1_000);
  expect(slow.pauseLeft(1_000)).toBe(2_000);
});

it('an answer resets the doubling', () => {
  const slow = pace();
  run(slow, limited(), 0);
  run(slow, limited(), 1_000);
  run(slow, ANSWERED, 3_000);
  run(slow, limited(), 3_000);
  expect(slow.pauseLeft(3_000)).toBe(1_000);
});

it('a named pause is kept to', () => {
  const slow = pace();
  run(slow, limited(60_000), 0);
  expect(slow.admit(59_999)).toEqual({ granted: false, reason: 'slowed_down', retryInMs: 1 });
  expect(slow.admit(60_000).granted).toBe(true);
});

it('calls under way when the pause began are the same refusal', () => {
  const slow = pace();
  const grants = Array.from({ length: 16 }, () => grantOf(slow, 0));
  for (const grant of grants) slow.conclude(grant, limited(), 0);
  expect(slow.pauseLeft(0)).toBe(1_000);
  run(slow, limited(), 1_000);
  expect(slow.pauseLeft(1_000)).toBe(2_000);
});

it('a longer pause named by one of them counts, a shorter one does not', () => {
  const slow = pace();
  const [a, b, c] = [grantOf(slow, 0), grantOf(slow, 0), grantOf(slow, 0)];
  slow.conclude(a, limited(10_000), 0);
  slow.conclude(b, limited(20_000), 0);
  slow.conclude(c, limited(5_000), 0);
  expect(slow.pauseLeft(0)).toBe(20_000);
});

it('an answer to one of them neither ends the pause nor the doubling', () => {
  const slow = pace();
  const late = grantOf(slow, 0);
  run(slow, limited(), 0);
  slow.conclude(late, ANSWERED, 0);
  expect(slow.pauseLeft(0)).toBe(1_000);
  run(slow, limited(), 1_000);
  expect(slow.pauseLeft(1_000)).toBe(2_000);
});

it('after a pause calls come back one, two, four at a time', () => {
  const slow = pace();
  run(slow, limited(), 0);
  const first = grantOf(slow, 1_000);
  expect(slow.admit(1_000)).toMatchObject({ granted: false, reason: 'slowed_down' });
  slow.conclude(first, ANSWERED, 1_000);
  const both = [grantOf(slow, 1_000), grantOf(slow, 1_000)];
  expect(slow.admit(1_000).granted).toBe(false);
  for (const grant of both) slow.conclude(grant, { kind: 'failed' }, 1_000);
  expect([1, 2, 3, 4].map(() => slow.admit(1_000).granted)).toEqual([true, true, true, true]);
  expect(slow.admit(1_000).granted).toBe(false);
});

it('a place refused for want of a token is free again', () => {
  const slow = pace(1);
  run(slow, limited(), 0);
  expect(slow.admit(1_000)).toMatchObject({ reason: 'rate' });
  expect(slow.admit(60_000).granted).toBe(true);
});

it('a call that proves nothing gives its place back', () => {
  const slow = pace();
  run(slow, limited(), 0);
  run(slow, NO_EVIDENCE, 1_000);
  expect(slow.admit(1_000).granted).toBe(true);
  expect(slow.admit(1_000).granted).toBe(false);
});
