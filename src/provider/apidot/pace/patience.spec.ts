import { Patience } from './patience.js';

const after = (...answers: number[]): number => {
  const patience = new Patience(10_000);
  answers.forEach((ms) => patience.answered(ms));
  return patience.ms;
};

it('knows nothing before the first answer, and waits as long as it may', () => {
  expect(after()).toBe(10_000);
});

it.each([
  ['quick answers', [50, 40, 60], 1_000],
  ['slower ones', [500], 2_000],
  ['one slow answer among quick ones', [50, 50, 2_000], 8_000],
  ['answers slower than the timeout allows for', [5_000], 10_000],
])('after %s', (_, answers, expected) => {
  expect(after(...answers)).toBe(expected);
});

it('forgets a slow answer after some dozens of quick ones', () => {
  const quick = Array.from({ length: 60 }, () => 50);
  expect(after(2_000, ...quick)).toBe(1_000);
  expect(after(2_000, ...quick.slice(0, 10))).toBeGreaterThan(4_000);
});
