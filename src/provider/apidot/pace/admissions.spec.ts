import { Admissions, type Ticket } from './admissions.js';
import { type CallResult } from './call-result.js';

const FAILED: CallResult = { kind: 'failed' };
const ANSWERED: CallResult = { kind: 'answered' };

const setUp = (requestsPerMinute: number | null = null, random = 0) => {
  const time = { now: 0 };
  const admissions = new Admissions(
    { requestsPerMinute, slowInitialMs: 1_000, slowMaxMs: 8_000 },
    { failures: 2, openMs: 10_000 },
    () => time.now,
    () => random,
  );
  const begin = (operation: 'submit' | 'status'): Ticket => {
    const ticket = admissions.begin(operation);
    if (!ticket.granted) throw new Error(ticket.reason);
    return ticket;
  };
  return { time, admissions, begin };
};

it('a call uses the grant that was kept for it', () => {
  const { admissions, begin } = setUp(1);
  expect(admissions.admit('submit')).toEqual({ granted: true });
  begin('submit').conclude(ANSWERED);
  expect(admissions.begin('submit')).toMatchObject({ granted: false, reason: 'rate' });
});

it('a call without a grant asks for itself', () => {
  const { admissions, begin } = setUp(1);
  begin('status').conclude(ANSWERED);
  expect(admissions.admit('status')).toMatchObject({ granted: false, reason: 'rate' });
});

it('the budget is one, the breakers are two', () => {
  const { admissions, begin } = setUp();
  begin('submit').conclude(FAILED);
  begin('submit').conclude(FAILED);
  expect(admissions.admit('submit')).toEqual({ granted: false, reason: 'breaker_open', retryInMs: 10_000 });
  expect(admissions.admit('status')).toEqual({ granted: true });
  begin('status').conclude({ kind: 'limited', retryAfterMs: 3_000 });
  expect(admissions.admit('status')).toEqual({ granted: false, reason: 'slowed_down', retryInMs: 3_000 });
  expect([admissions.breakerMode('submit'), admissions.breakerMode('status')]).toEqual(['open', 'closed']);
  expect(admissions.pauseLeft()).toBe(3_000);
});

it('a 429 on one operation slows the other', () => {
  const { admissions, begin } = setUp();
  begin('submit').conclude({ kind: 'limited', retryAfterMs: null });
  expect(admissions.admit('status')).toMatchObject({ granted: false, reason: 'slowed_down' });
});

it('an open breaker costs no token', () => {
  const { time, admissions, begin } = setUp(60);
  begin('submit').conclude(FAILED);
  begin('submit').conclude(FAILED);
  for (let n = 0; n < 100; n++) admissions.admit('submit');
  // Of the burst of six, two are spent.
  expect([1, 2, 3, 4, 5].map(() => admissions.admit('status').granted)).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
  time.now = 10_000;
  expect(admissions.admit('submit')).toEqual({ granted: true });
});

it('a probe refused by the pace is not spent', () => {
  const { time, admissions, begin } = setUp();
  begin('submit').conclude(FAILED);
  begin('submit').conclude(FAILED);
  begin('status').conclude({ kind: 'limited', retryAfterMs: 20_000 });
  time.now = 15_000;
  expect(admissions.admit('submit')).toMatchObject({ reason: 'slowed_down' });
  time.now = 20_000;
  expect(admissions.admit('submit')).toEqual({ granted: true });
});

it('a grant that nobody used is lost after a minute, and its place in the ramp is free again', () => {
  const { time, admissions, begin } = setUp();
  begin('submit').conclude(FAILED);
  begin('submit').conclude(FAILED);
  time.now = 10_000;
  expect(admissions.admit('submit')).toEqual({ granted: true });
  expect(admissions.admit('submit')).toMatchObject({ reason: 'breaker_open' });
  time.now = 70_000;
  expect(admissions.admit('submit')).toEqual({ granted: true });
  expect(admissions.admit('submit')).toMatchObject({ reason: 'breaker_open' });
});

it('those who must wait are told to come back spread over a fifth of the wait', () => {
  const { admissions, begin } = setUp(null, 0.5);
  begin('status').conclude({ kind: 'limited', retryAfterMs: 1_000 });
  expect(admissions.admit('status')).toMatchObject({ retryInMs: 1_100 });
});
