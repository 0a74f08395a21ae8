import { Admissions, type Ticket } from './admissions.js';
import { type CallResult } from './call-result.js';
import { type Lease, SharedPace } from './shared-pace.js';

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
  const begin = async (operation: 'submit' | 'status'): Promise<Ticket> => {
    const ticket = await admissions.begin(operation);
    if (!ticket.granted) throw new Error(ticket.reason);
    return ticket;
  };
  return { time, admissions, begin };
};

it('a call uses the grant that was kept for it', async () => {
  const { admissions, begin } = setUp(1);
  expect(await admissions.admit('submit')).toEqual({ granted: true });
  (await begin('submit')).conclude(ANSWERED);
  expect(await admissions.begin('submit')).toMatchObject({ granted: false, reason: 'rate' });
});

it('a call without a grant asks for itself', async () => {
  const { admissions, begin } = setUp(1);
  (await begin('status')).conclude(ANSWERED);
  expect(await admissions.admit('status')).toMatchObject({ granted: false, reason: 'rate' });
});

it('the budget is one, the breakers are two', async () => {
  const { admissions, begin } = setUp();
  (await begin('submit')).conclude(FAILED);
  (await begin('submit')).conclude(FAILED);
  expect(await admissions.admit('submit')).toEqual({
    granted: false,
    reason: 'breaker_open',
    retryInMs: 10_000,
  });
  expect(await admissions.admit('status')).toEqual({ granted: true });
  (await begin('status')).conclude({ kind: 'limited', retryAfterMs: 3_000 });
  expect(await admissions.admit('status')).toEqual({
    granted: false,
    reason: 'slowed_down',
    retryInMs: 3_000,
  });
  expect([admissions.breakerMode('submit'), admissions.breakerMode('status')]).toEqual(['open', 'closed']);
  expect(admissions.pauseLeft()).toBe(3_000);
});

it('a 429 on one operation slows the other', async () => {
  const { admissions, begin } = setUp();
  (await begin('submit')).conclude({ kind: 'limited', retryAfterMs: null });
  expect(await admissions.admit('status')).toMatchObject({ granted: false, reason: 'slowed_down' });
});

it('an open breaker costs no token', async () => {
  const { time, admissions, begin } = setUp(60);
  (await begin('submit')).conclude(FAILED);
  (await begin('submit')).conclude(FAILED);
  for (let n = 0; n < 100; n++) await admissions.admit('submit');
  // Of the burst of six, two are spent.
  const asked = await Promise.all([1, 2, 3, 4, 5].map(() => admissions.admit('status')));
  expect(asked.map(({ granted }) => granted)).toEqual([true, true, true, true, false]);
  time.now = 10_000;
  expect(await admissions.admit('submit')).toEqual({ granted: true });
});

it('a probe refused by the pace is not spent', async () => {
  const { time, admissions, begin } = setUp();
  (await begin('submit')).conclude(FAILED);
  (await begin('submit')).conclude(FAILED);
  (await begin('status')).conclude({ kind: 'limited', retryAfterMs: 20_000 });
  time.now = 15_000;
  expect(await admissions.admit('submit')).toMatchObject({ reason: 'slowed_down' });
  time.now = 20_000;
  expect(await admissions.admit('submit')).toEqual({ granted: true });
});

it('a grant that nobody used is lost after a while, and its place in the ramp is free again', async () => {
  const { time, admissions, begin } = setUp();
  (await begin('submit')).conclude(FAILED);
  (await begin('submit')).conclude(FAILED);
  time.now = 10_000;
  expect(await admissions.admit('submit')).toEqual({ granted: true });
  expect(await admissions.admit('submit')).toMatchObject({ reason: 'breaker_open' });
  time.now = 70_000;
  expect(await admissions.admit('submit')).toEqual({ granted: true });
  expect(await admissions.admit('submit')).toMatchObject({ reason: 'breaker_open' });
});

it('an unused grant of one operation does not stop the other for good', async () => {
  const { time, admissions, begin } = setUp();
  (await begin('submit')).conclude({ kind: 'limited', retryAfterMs: 1_000 });
  time.now = 1_000;
  // The first call after the pause, for a task that is cancelled in this moment.
  expect(await admissions.admit('submit')).toEqual({ granted: true });
  expect(await admissions.admit('status')).toMatchObject({ reason: 'slowed_down' });
  time.now = 11_000;
  expect(await admissions.admit('status')).toEqual({ granted: true });
});

it('those who must wait are told to come back spread over a fifth of the wait', async () => {
  const { admissions, begin } = setUp(null, 0.5);
  (await begin('status')).conclude({ kind: 'limited', retryAfterMs: 1_000 });
  expect(await admissions.admit('status')).toMatchObject({ retryInMs: 1_100 });
});

describe('with other processes of the account', () => {
  /** What is shared, without a database: a stock of tokens and a pause on the clock in hand. */
  class Shared extends SharedPace {
    tokens = Number.POSITIVE_INFINITY;
    pausedUntil = 0;
    isAway = false;
    leases = 0;
    looks = 0;

    constructor(private readonly time: { readonly now: number }) {
      super();
    }

    async lease(_account: string, _perMinute: number, wanted: number): Promise<Lease> {
      this.leases++;
      this.answer();
      const pausedForMs = Math.max(0, this.pausedUntil - this.time.now);
      const granted = pausedForMs > 0 ? 0 : Math.min(wanted, this.tokens);
      this.tokens -= granted;
      return { granted, retryInMs: granted < wanted ? 5_000 : 0, pausedForMs };
    }

    async pauseLeft(): Promise<number> {
      this.looks++;
      this.answer();
      return Math.max(0, this.pausedUntil - this.time.now);
    }

    async pause(_account: string, forMs: number): Promise<void> {
      this.answer();
      this.pausedUntil = Math.max(this.pausedUntil, this.time.now + forMs);
    }

    private answer(): void {
      if (this.isAway) throw new Error('away');
    }
  }

  const together = (requestsPerMinute: number | null = null) => {
    const time = { now: 0 };
    const shared = new Shared(time);
    const one = (): Admissions =>
      new Admissions(
        { requestsPerMinute, slowInitialMs: 1_000, slowMaxMs: 8_000 },
        { failures: 2, openMs: 10_000 },
        () => time.now,
        () => 0,
        { pace: shared, account: 'account' },
      );
    return { time, shared, first: one(), second: one() };
  };

  const limit = async (admissions: Admissions, retryAfterMs: number): Promise<void> => {
    const ticket = await admissions.begin('status');
    if (ticket.granted) ticket.conclude({ kind: 'limited', retryAfterMs });
  };

  it.each([null, 600])(
    'a 429 seen by one is obeyed by the other half a second later, budget %s',
    async (budget) => {
      const { time, first, second } = together(budget);
      expect((await second.admit('status')).granted).toBe(true);
      await limit(first, 7_000);
      time.now = 500;
      expect(await second.admit('submit')).toEqual({
        granted: false,
        reason: 'slowed_down',
        retryInMs: 6_500,
      });
      time.now = 7_000;
      const back = await Promise.all([1, 2].map(() => second.admit('submit')));
      expect(back.map(({ granted }) => granted)).toEqual([true, false]);
    },
  );

  it('the same pause heard again through another clock starts nothing anew', async () => {
    const { time, shared, first } = together();
    shared.pausedUntil = 1_000;
    expect(await first.admit('status')).toMatchObject({ reason: 'slowed_down' });
    time.now = 1_000;
    shared.pausedUntil = 1_080;
    expect(await first.admit('status')).toEqual({ granted: true });
  });

  it('without calls nobody asks, and with many one asks for all every half a second', async () => {
    const { time, shared, first } = together();
    for (time.now = 0; time.now < 1_000; time.now += 10)
      await Promise.all([1, 2, 3].map(() => first.admit('status')));
    expect(shared.looks).toBe(2);
  });

  it('tokens are leased for those who wait, and no more while there are none', async () => {
    const { time, shared, first } = together(600);
    shared.tokens = 12;
    const asked = await Promise.all(Array.from({ length: 20 }, () => first.admit('status')));
    expect(asked.filter(({ granted }) => granted)).toHaveLength(12);
    expect(asked.filter((answer) => !answer.granted && answer.reason === 'rate')).toHaveLength(8);
    expect(shared.tokens).toBe(0);
    // Of ten a second nobody gets more than ten at once.
    expect(shared.leases).toBe(2);
    await first.admit('status');
    expect(shared.leases).toBe(2);
    time.now = 5_000;
    shared.tokens = 1;
    expect(await first.admit('status')).toEqual({ granted: true });
  });

  it('out of reach, the budget grants nothing, and without a budget calls go on', async () => {
    const { shared, first } = together(600);
    shared.isAway = true;
    expect(await first.admit('submit')).toEqual({ granted: false, reason: 'rate', retryInMs: 1_000 });
    const free = together(null);
    free.shared.isAway = true;
    expect(await free.first.admit('submit')).toEqual({ granted: true });
  });

  it('a failing way of one stops nobody else', async () => {
    const { first, second } = together();
    for (let n = 0; n < 2; n++) {
      const ticket = await first.begin('submit');
      if (ticket.granted) ticket.conclude(FAILED);
    }
    expect(await first.admit('submit')).toMatchObject({ reason: 'breaker_open' });
    expect(await second.admit('submit')).toEqual({ granted: true });
  });
});
