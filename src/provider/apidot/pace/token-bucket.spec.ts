import fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

it('never gives more than the budget in any minute, however it is asked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 400 }),
      (perMinute, gaps) => {
        const bucket = new TokenBucket(perMinute);
        const given: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          while (bucket.take(now) === 0) given.push(now);
        }
        return given.every(
          (start, n) => given.slice(n).filter((at) => at < start + 60_000).length <= perMinute,
        );
      },
    ),
    { numRuns: 100 },
  );
});

it.each([1, 2, 7, 60, 600])('gives a steady asker nearly all of %d a minute', (perMinute) => {
  const bucket = new TokenBucket(perMinute);
  let given = 0;
  // The wait it names is followed to the letter: it must be long enough.
  for (let now = 0; now < 600_000;) {
    const wait = bucket.take(now);
    if (wait === 0) given++;
    now += wait;
  }
  expect(given).toBeGreaterThanOrEqual(10 * perMinute * 0.9);
});

it('a clock that goes back neither gives nor takes', () => {
  const bucket = new TokenBucket(1);
  expect(bucket.take(100_000)).toBe(0);
  expect(bucket.take(0)).toBeGreaterThan(0);
  expect(bucket.take(159_000)).toBeGreaterThan(0);
  expect(bucket.take(160_001)).toBe(0);
});
