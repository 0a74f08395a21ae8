import { BoundedList } from './bounded-list.js';

describe('BoundedList', () => {
  it('keeps the newest entries', () => {
    const list = new BoundedList<number>(3);
    for (let value = 0; value < 5_000; value += 1) list.push(value);
    expect([...list]).toEqual([4_997, 4_998, 4_999]);
    expect(list.length).toBe(3);
  });

  it('keeps no more than its weight, and nothing heavier than that', () => {
    const list = new BoundedList<string>(10, 100);
    list.push('a', 60);
    list.push('b', 30);
    list.push('c', 30);
    expect([...list]).toEqual(['b', 'c']);
    list.push('too heavy', 101);
    expect([...list]).toEqual([]);
    list.push('d', 100);
    expect([...list]).toEqual(['d']);
  });

  it('can be emptied and used again', () => {
    const list = new BoundedList<number>(2, 10);
    list.push(1, 10);
    list.clear();
    list.push(2, 10);
    expect([...list]).toEqual([2]);
  });

  it('keeps nothing when its limit is 0', () => {
    const list = new BoundedList<number>(0);
    list.push(1);
    expect([...list]).toEqual([]);
  });
});
