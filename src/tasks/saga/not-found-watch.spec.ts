import { Logger } from '@nestjs/common';
import { Alerts } from '../alerts/alerts.js';
import { accepted, given, read, report, started, submitted, unread } from '../domain/testing/index.js';
import { NotFoundWatch } from './not-found-watch.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const [attempt] = given(submitted(), started(1), accepted(1, 'p-1')).task.attempts;
const at = (seconds: number): Date => new Date(attempt!.acceptedAt!.getTime() + seconds * 1_000);

/** How often somebody was told, after each read. */
const told = (reads: readonly [seconds: number, found: 'found' | 'not_found' | 'timeout'][]): number[] => {
  const alerts = new Alerts();
  const watch = new NotFoundWatch(alerts);
  return reads.map(([seconds, found]) => {
    const reading = found === 'found' ? read(report('p-1', 'running')) : unread(found);
    watch.saw('task-1', attempt!, reading, at(seconds));
    return alerts.counts.get('status_not_found')!;
  });
};

describe('a provider that does not know a task it has accepted', () => {
  it('is told once, from the third in a row', () => {
    expect(told([70, 80, 90, 100, 110].map((s) => [s, 'not_found']))).toEqual([0, 0, 1, 1, 1]);
  });

  it('is not told within the first minute, and then at once', () => {
    expect(told([10, 20, 30, 40, 61].map((s) => [s, 'not_found']))).toEqual([0, 0, 0, 0, 1]);
  });

  it('a read that finds it begins the row anew; one without an answer does not count', () => {
    expect(
      told([
        [70, 'not_found'],
        [80, 'not_found'],
        [90, 'found'],
        [100, 'not_found'],
        [110, 'timeout'],
        [120, 'not_found'],
        [130, 'not_found'],
      ]),
    ).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });
});
