import { PRIORITIES, rankOf, USUAL_PRIORITY } from './priority.js';

it('high goes before normal, normal before low', () => {
  expect([...PRIORITIES].sort((one, other) => rankOf(one) - rankOf(other))).toEqual([
    'high',
    'normal',
    'low',
  ]);
});

it('a task without a word about it has the rank that timer rows have had before there were priorities', () => {
  expect(rankOf(USUAL_PRIORITY)).toBe(1);
});
