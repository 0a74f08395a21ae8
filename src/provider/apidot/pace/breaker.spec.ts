import { Breaker, type BreakerGrant } from './breaker.js';
import { type CallResult, NO_EVIDENCE } from './call-result.js';

const FAILED: CallResult = { kind: 'failed' };
const ANSWERED: CallResult = { kind: 'answered' };
const LIMITED: CallResult = { kind: 'limited', retryAfterMs: null };

const grantOf = (breaker: Breaker, now: number): BreakerGrant => {
  const answer = breaker.admit(now);
  if (!answer.granted) throw new Error('refused');
  return answer.grant;
};

/** As many grants as there are to get, up to 1,000. */
const allOf = (breaker: Breaker, now: number): BreakerGrant[] => {
  const grants = [];
  for (
    let answer = breaker.admit(now);
    answer.granted && grants.length < 1_000;
    answer = breaker.admit(now)
  ) {
    grants.push(answer.grant);
  }
  return grants;
};

const run = (breaker: Breaker, result: CallResult, now: number): void =>
  breaker.conclude(grantOf(breaker, now), result, now);

const opened = (failures = 3): Breaker => {
  const breaker = new Breaker({ failures, openMs: 1_000 });
  for (let n = 0; n < failures; n++) run(breaker, FAILED, 0);
  return breaker;
};

it('opens after so many failures in a row', () => {
  const breaker = new Breaker({ failures: 3, openMs: 1_000 });
  run(breaker, FAILED, 0);
  run(breaker, FAILED, 0);
  expect(breaker.mode).toBe('closed');
  run(breaker, FAILED, 0);
  expect(breaker.mode).toBe('open');
});

it.each([
  ['an answer', ANSWERED],
  ['a 429', LIMITED],
])('%s starts the count anew', (_, result) => {
  const breaker = new Breaker({ failures: 2, openMs: 1_000 });
  for (const next of [FAILED, result, FAILED]) run(breaker, next, 0);
  expect(breaker.mode).toBe('closed');
});

it('what proves nothing neither counts nor starts anew', () => {
  const breaker = new Breaker({ failures: 2, openMs: 1_000 });
  for (const next of [FAILED, NO_EVIDENCE, FAILED]) run(breaker, next, 0);
  expect(breaker.mode).toBe('open');
});

it('calls that hang while others are answered do not count, however many end together', () => {
  const breaker = new Breaker({ failures: 3, openMs: 1_000 });
  const hanging = Array.from({ length: 20 }, () => grantOf(breaker, 0));
  run(breaker, ANSWERED, 10);
  for (const grant of hanging) breaker.conclude(grant, FAILED, 10_000);
  expect(breaker.mode).toBe('closed');
  // From here on nothing is answered any more.
  const silent = Array.from({ length: 3 }, () => grantOf(breaker, 10_000));
  for (const grant of silent) breaker.conclude(grant, FAILED, 20_000);
  expect(breaker.mode).toBe('open');
});

it('says how long it stays open', () => {
  const breaker = opened();
  expect(breaker.admit(400)).toEqual({ granted: false, retryInMs: 600 });
  expect(breaker.admit(999)).toEqual({ granted: false, retryInMs: 1 });
  expect(breaker.admit(1_000).granted).toBe(true);
});

it('lets one probe through, then twice as many each round, then everything', () => {
  const breaker = opened();
  const rounds = [];
  while (breaker.mode !== 'closed') {
    const grants = allOf(breaker, 1_000);
    rounds.push(grants.length);
    for (const grant of grants) breaker.conclude(grant, ANSWERED, 1_000);
  }
  expect(rounds).toEqual([1, 2, 4, 8, 16, 32]);
  expect(allOf(breaker, 1_000)).toHaveLength(1_000);
});

it('a probe that fails opens it again for the whole time', () => {
  const breaker = opened();
  run(breaker, FAILED, 1_500);
  expect(breaker.admit(2_499)).toEqual({ granted: false, retryInMs: 1 });
  expect(allOf(breaker, 2_500)).toHaveLength(1);
});

it('a probe that proves nothing gives its place to the next', () => {
  const breaker = opened();
  const probe = grantOf(breaker, 1_000);
  expect(breaker.admit(1_000).granted).toBe(false);
  breaker.conclude(probe, NO_EVIDENCE, 1_000);
  expect(allOf(breaker, 1_000)).toHaveLength(1);
});

it('one failure among many does not end the way back, as many in a row as are allowed do', () => {
  const breaker = opened(10);
  run(breaker, ANSWERED, 1_000);
  run(breaker, ANSWERED, 1_000);
  run(breaker, ANSWERED, 1_000);
  // Four are allowed now.
  for (const next of [FAILED, FAILED, FAILED, ANSWERED, FAILED, FAILED, FAILED]) run(breaker, next, 1_000);
  expect(breaker.mode).toBe('recovering');
  run(breaker, FAILED, 1_000);
  expect(breaker.mode).toBe('open');
});

it('results of calls from before it opened change nothing', () => {
  const breaker = new Breaker({ failures: 1, openMs: 1_000 });
  const [first, second, third] = [grantOf(breaker, 0), grantOf(breaker, 0), grantOf(breaker, 0)];
  breaker.conclude(first, FAILED, 0);
  breaker.conclude(second, FAILED, 900);
  expect(breaker.admit(999)).toEqual({ granted: false, retryInMs: 1 });
  const probe = grantOf(breaker, 1_000);
  breaker.conclude(third, ANSWERED, 1_000);
  expect(breaker.admit(1_000).granted).toBe(false);
  breaker.conclude(probe, ANSWERED, 1_000);
  expect(allOf(breaker, 1_000)).toHaveLength(2);
});
