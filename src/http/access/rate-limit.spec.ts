import { RateLimit } from './rate-limit.js';

const setup = (perMinute: number) => {
  const state = { now: 0 };
  return { state, limit: new RateLimit(perMinute, { now: () => new Date(0), monotonic: () => state.now }) };
};

describe('The rate limit of a key', () => {
  it("lets a minute's worth through at once, then says when there is room again", () => {
    const { limit } = setup(3);
    expect([1, 2, 3, 4].map(() => limit.take('a'))).toEqual([0, 0, 0, 20]);
  });

  it('refills evenly', () => {
    const { limit, state } = setup(3);
    for (let taken = 0; taken < 3; taken++) limit.take('a');
    state.now = 19_000;
    expect(limit.take('a')).toBe(1);
    state.now = 20_001;
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 20]);
  });

  it('never holds more than a minute gives', () => {
    const { limit, state } = setup(2);
    limit.take('a');
    state.now = 3_600_000;
    expect([1, 2, 3].map(() => limit.take('a') > 0)).toEqual([false, false, true]);
  });

  it('counts each key for itself', () => {
    const { limit } = setup(1);
    expect([limit.take('a'), limit.take('b')]).toEqual([0, 0]);
  });
});
