import { type PreparedAppend } from '../../src/event-store/prepared-append.js';
import { type TaskLife } from './task-lives.js';
import { type Percentiles, Timings } from './timings.js';

export interface LoopResult extends Percentiles {
  readonly appendsPerSecond: number;
  readonly eventsPerSecond: number;
}

/**
 * So many callers, each leading one task after another: it makes the next append when the last one was answered. Ends
 * when the time is over, or when the tasks are.
 */
export const closedLoop = async (
  callers: number,
  seconds: number,
  lives: Iterator<TaskLife, undefined>,
  append: (prepared: PreparedAppend) => Promise<unknown>,
): Promise<LoopResult> => {
  const timings = new Timings();
  let events = 0;
  const begun = performance.now();
  let end = begun + seconds * 1_000;
  const call = async (): Promise<void> => {
    for (;;) {
      const next = lives.next();
      if (next.done === true) {
        // Nobody goes on alone: fewer callers would be another measurement.
        end = Math.min(end, performance.now());
        return;
      }
      for (const prepared of next.value) {
        const sent = performance.now();
        if (sent >= end) return;
        await append(prepared);
        const answered = performance.now();
        if (answered > end) return;
        timings.add(answered - sent);
        events += prepared.request.events.length;
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const took = (end - begun) / 1_000;
  return {
    appendsPerSecond: timings.count / took,
    eventsPerSecond: events / took,
    ...timings.summary(),
  };
};
