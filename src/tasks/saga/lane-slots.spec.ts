import { LaneSlots } from './lane-slots.js';

const take = (slots: LaneSlots, count: number): void => slots.claimed(count, slots.free);
const release = (slots: LaneSlots, count: number): void => {
  for (let n = 0; n < count; n++) slots.release();
};

it('all slots are there from the start, unless the lane starts with fewer', () => {
  expect(new LaneSlots(8).free).toBe(8);
  const submits = new LaneSlots(16, { first: 4 });
  expect(submits.free).toBe(4);
  submits.speedUp();
  expect(submits.free).toBe(8);
  submits.slowDown();
  expect(submits.free).toBe(1);
});

describe('a lane that may borrow', () => {
  const lanes = () => {
    const confirm = new LaneSlots(16);
    return { confirm, poll: new LaneSlots(8, { borrows: { from: confirm, butFor: 4 } }) };
  };

  it('uses the idle slots of the other, but for those that are kept', () => {
    const { confirm, poll } = lanes();
    expect(poll.free).toBe(8 + 12);
    take(confirm, 10);
    expect(poll.free).toBe(8 + 2);
    take(confirm, 6);
    expect(poll.free).toBe(8);
  });

  it('both together never have more than their sizes, and the lender gets its slots back', () => {
    const { confirm, poll } = lanes();
    take(poll, 20);
    expect([poll.free, confirm.free]).toEqual([0, 4]);
    take(confirm, 4);
    expect([poll.free, confirm.free]).toEqual([0, 0]);
    release(poll, 6);
    expect(confirm.free).toBe(6);
    take(confirm, 6);
    expect(poll.free).toBe(0);
    // Of the 24, 17 are busy and 4 are kept for the lender.
    release(poll, 7);
    expect(poll.free).toBe(3);
  });

  it('what it does within its own size takes nothing from the other', () => {
    const { confirm, poll } = lanes();
    take(poll, 8);
    expect(confirm.free).toBe(16);
  });
});

it('claims again when a quarter is free, not for every slot', () => {
  const slots = new LaneSlots(8);
  take(slots, 8);
  release(slots, 1);
  expect(slots.isWorthClaiming()).toBe(false);
  release(slots, 1);
  expect(slots.isWorthClaiming()).toBe(true);
});
