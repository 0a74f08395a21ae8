import { AppendQueue, PendingAppend } from './append-queue.js';
import { type PreparedAppend } from './prepared-append.js';

const pending = (streamId: string, { bytes = 1, arrivedAt = 0 } = {}): PendingAppend => {
  const prepared = { request: { streamId }, bytes } as unknown as PreparedAppend;
  return new PendingAppend(
    prepared,
    arrivedAt,
    () => undefined,
    () => undefined,
  );
};

const queueOf = (...all: PendingAppend[]): AppendQueue => {
  const queue = new AppendQueue();
  all.forEach((one) => queue.add(one));
  return queue;
};

describe('AppendQueue', () => {
  it('gives out in order of arrival, a stream once', () => {
    const [a1, a2, b1, a3, c1] = ['a', 'a', 'b', 'a', 'c'].map((stream) => pending(stream)) as [
      PendingAppend,
      PendingAppend,
      PendingAppend,
      PendingAppend,
      PendingAppend,
    ];
    const queue = queueOf(a1, a2, b1, a3, c1);
    expect(queue.take(10, 100)).toEqual([a1, b1, c1]);
    expect(queue.take(10, 100)).toEqual([]);
    queue.settle(a1);
    expect(queue.take(10, 100)).toEqual([a2]);
    queue.settle(a2);
    expect(queue.take(10, 100)).toEqual([a3]);
    [b1, c1, a3].forEach((one) => queue.settle(one));
    const again = pending('a');
    queue.add(again);
    expect(queue.take(10, 100)).toEqual([again]);
  });

  it('a request behind one in flight waits until that is settled', () => {
    const [first, second] = [pending('a'), pending('a')];
    const queue = queueOf(first);
    queue.take(10, 100);
    queue.add(second);
    expect(queue.take(10, 100)).toEqual([]);
    queue.settle(first);
    expect(queue.take(10, 100)).toEqual([second]);
  });

  it('keeps to the number of commands and the size, but gives out at least one', () => {
    const all = [1, 1, 1, 90, 500, 1].map((bytes, i) => pending(String(i), { bytes }));
    const queue = queueOf(...all);
    expect(queue.take(2, 100)).toEqual(all.slice(0, 2));
    expect(queue.take(10, 100)).toEqual(all.slice(2, 4));
    expect(queue.take(10, 100)).toEqual(all.slice(4, 5));
    expect(queue.take(10, 100)).toEqual(all.slice(5));
  });

  it('counts what is in no batch, behind others too', () => {
    const [a1, a2, b1] = [pending('a'), pending('a'), pending('b')];
    const queue = queueOf(a1, a2, b1);
    expect(queue.waiting).toBe(3);
    queue.take(1, 100);
    expect(queue.waiting).toBe(2);
    queue.settle(a1);
    expect(queue.waiting).toBe(2);
  });

  it('takes out what has waited too long, also behind others, and leaves the rest', () => {
    const [a1, a2, a3, b1] = [1, 2, 9, 8].map((arrivedAt, i) =>
      pending(i < 3 ? 'a' : 'b', { arrivedAt }),
    ) as [PendingAppend, PendingAppend, PendingAppend, PendingAppend];
    const queue = queueOf(a1, a2, a3, b1);
    expect(queue.removeOlderThan(5)).toEqual([a1, a2]);
    expect(queue.waiting).toBe(2);
    expect(queue.take(10, 100)).toEqual([b1, a3]);
  });
});
