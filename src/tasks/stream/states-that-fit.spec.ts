import { statesThatFit } from './states-that-fit.js';

it.each([
  ['a small container', 260, 10_485],
  ['a small server', 1_000, 40_329],
  ['a large one', 4_000, 50_000],
])('%s', (_name, heapMiB, states) => {
  expect(statesThatFit(heapMiB * 2 ** 20)).toBe(states);
});
