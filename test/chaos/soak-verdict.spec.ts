import { growthOf, type Sample } from './soak-verdict.js';

/** A sample every five seconds for ten minutes. */
const samples = (memory: (second: number) => number): Sample[] =>
  Array.from({ length: 120 }, (_, n) => ({
    atMs: n * 5_000,
    residentMiB: memory(n * 5),
    heapMiB: 0,
    loopDelayMs: 0,
    connections: 0,
    timers: 0,
    timerTableMiB: 0,
    lives: 0,
  }));

const growth = (memory: (second: number) => number) =>
  growthOf('memory', samples(memory), ({ residentMiB }) => residentMiB);

describe('memory over the second half', () => {
  it.each<[string, (second: number) => number, boolean]>([
    ['as it was', () => 200, true],
    ['a saw of the collector', (second) => 180 + (second % 30), true],
    ['growing while it gets warm, then no more', (second) => 100 + Math.min(second, 200), true],
    ['shrinking', (second) => 300 - second / 10, true],
    ['a few MiB of noise at the end', (second) => (second > 590 ? 215 : 200), true],
    ['growing by 4 MiB a minute', (second) => 150 + second / 15, false],
    ['a saw whose teeth grow', (second) => 150 + (second % 60) * (1 + second / 300), false],
  ])('%s', (_, memory, isFlat) => expect(growth(memory).isFlat).toBe(isFlat));

  it('says how much it was, in MiB', () => {
    expect(growth((second) => 150 + second / 15)).toMatchObject({
      grewMiB: expect.closeTo(19.7, 1) as number,
    });
  });
});
