import { jest } from '@jest/globals';
import { DueQueue } from './due-queue.js';

describe('DueQueue', () => {
  it('runs in the order of time, equal times in the order of asking', async () => {
    const queue = new DueQueue();
    const ran: number[] = [];
    await new Promise<void>((done) => {
      for (const delay of [30, 10, 20, 10, 0]) queue.after(delay, () => ran.push(delay));
      queue.after(40, done);
    });
    expect(ran).toEqual([0, 10, 10, 20, 30]);
  });

  it('never runs early and keeps hundreds in order', async () => {
    const queue = new DueQueue();
    const early: number[] = [];
    const order: number[] = [];
    const delays = Array.from({ length: 500 }, (_, index) => (index * 7_919) % 50);
    // All are asked for at the same instant, so that nothing but the delay decides.
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now);
    const all = delays.map(
      (delay, index) =>
        new Promise<void>((done) =>
          queue.after(delay, () => {
            if (performance.now() < now + delay) early.push(delay);
            order.push(index);
            done();
          }),
        ),
    );
    clock.mockRestore();
    await Promise.all(all);
    expect(early).toEqual([]);
    const byDelay = [...delays.keys()].sort((a, b) => delays[a]! - delays[b]! || a - b);
    expect(order).toEqual(byDelay);
  });

  it('lets a job ask for another one', async () => {
    const queue = new DueQueue();
    await new Promise<void>((done) => queue.after(1, () => queue.after(1, done)));
  });

  it('runs nothing that was cancelled, is never due, or comes after the close', async () => {
    const queue = new DueQueue();
    const ran: string[] = [];
    queue.after(1, () => ran.push('cancelled')).cancel();
    queue.after(Infinity, () => ran.push('never'));
    await new Promise<void>((done) => queue.after(10, done));
    queue.after(0, () => ran.push('asked before the close'));
    queue.close();
    queue.after(0, () => ran.push('asked after the close'));
    const other = new DueQueue();
    await new Promise<void>((done) => other.after(10, done));
    expect(ran).toEqual([]);
  });
});
