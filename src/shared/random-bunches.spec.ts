import { randomBunches } from './random-bunches.js';

describe('bytes drawn in bunches', () => {
  it('has the asked length and never gives the same twice, across many bunches', () => {
    const next = randomBunches(12);
    const all = Array.from({ length: 1_000 }, next);
    expect(all.every(({ length }) => length === 12)).toBe(true);
    expect(new Set(all.map((bytes) => bytes.toString('hex'))).size).toBe(all.length);
  });

  it('hands out copies: a later bunch does not change an earlier answer', () => {
    const next = randomBunches(32);
    const first = next();
    const kept = first.toString('hex');
    for (let i = 0; i < 200; i++) next().fill(0xff);
    expect(first.toString('hex')).toBe(kept);
  });
});
