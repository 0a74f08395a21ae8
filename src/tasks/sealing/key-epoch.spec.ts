import { jest } from '@jest/globals';
import { KeyEpoch } from './key-epoch.js';

/* When keys that were read once may be used, told from what the database answered and when it was asked. */

const setUp = () => {
  const database = { epoch: 'first' as string | null, asked: 0 };
  const time = { now: 1_000 };
  const answers: (() => void)[] = [];
  const ended = jest.fn();
  const epoch = new KeyEpoch(
    () => {
      database.asked++;
      const seen = database.epoch;
      return new Promise((resolve, reject) =>
        answers.push(() => (seen === 'broken' ? reject(new Error('No database.')) : resolve(seen))),
      );
    },
    { monotonic: () => time.now },
    ended,
  );
  const answer = async (): Promise<void> => {
    const done = epoch.look();
    answers.splice(0).forEach((give) => give());
    await done;
  };
  return { database, time, ended, epoch, answer };
};

it('trusts nothing before the first answer', async () => {
  const { epoch, answer } = setUp();
  expect(epoch.current()).toBeNull();
  expect(epoch.isTrusted()).toBe(false);
  await answer();
  expect(epoch.current()).toBe('first');
  expect(epoch.isTrusted()).toBe(true);
});

it('trusts for 5 s, counted from the question and not from the answer', async () => {
  const { epoch, time, answer } = setUp();
  void epoch.look();
  time.now += 3_000;
  await answer();
  time.now += 1_999;
  expect(epoch.isTrusted()).toBe(true);
  time.now += 1;
  expect(epoch.isTrusted()).toBe(false);
});

it('goes on while equal answers come, and ends with another one', async () => {
  const { database, epoch, time, ended, answer } = setUp();
  await answer();
  ended.mockClear();
  for (let i = 0; i < 10; i++) {
    time.now += 4_000;
    expect(epoch.isTrusted()).toBe(true);
    await answer();
  }
  expect(ended).not.toHaveBeenCalled();
  database.epoch = 'second';
  await answer();
  expect(ended).toHaveBeenCalledTimes(1);
  expect(epoch.current()).toBe('second');
});

it.each([
  ['fails', 'broken'],
  ['finds nothing', null],
])('a look that %s tells nothing', async (_, seen) => {
  const { database, epoch, time, ended, answer } = setUp();
  await answer();
  ended.mockClear();
  database.epoch = seen;
  time.now += 4_999;
  await answer();
  expect(epoch.isTrusted()).toBe(true);
  time.now += 1;
  expect(epoch.isTrusted()).toBe(false);
  expect(ended).not.toHaveBeenCalled();
});

it('asks when it is asked itself, at most every 2 s, and one question at a time', async () => {
  const { database, epoch, time, answer } = setUp();
  await answer();
  time.now += 1_999;
  epoch.isTrusted();
  expect(database.asked).toBe(1);
  time.now += 1;
  epoch.isTrusted();
  epoch.current();
  void epoch.look();
  expect(database.asked).toBe(2);
});
