import { type TasksOptions, TimerStore } from '../../../src/tasks/index.js';
import { Backlog } from '../../../src/tasks/saga/backlog.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * One bound for the open tasks of the installation, kept by processes that each count now and then.
 */

let database: TestDatabase;
const time = { now: 0 };
const clock = { now: () => new Date(time.now), monotonic: () => time.now };

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.pool.query('truncate task_timer'));
afterAll(() => database?.drop());

/** The newest count of any replica. */
let counting: Promise<number> = Promise.resolve(0);

class WatchedTimers extends TimerStore {
  override countUpTo(max: number): Promise<number> {
    counting = super.countUpTo(max);
    return counting;
  }
}

const replica = (maxOpenTasks: number): Backlog =>
  new Backlog(new WatchedTimers(database.pool), clock, { maxOpenTasks } as TasksOptions);

const open = (count: number): Promise<unknown> =>
  database.pool.query(
    `insert into task_timer (task_id, owner, model, version, checks, misses, epoch)
     select gen_random_uuid(), 'acme', 'gpt-image-2', 1, 0, 0, 1 from generate_series(1, $1)`,
    [count],
  );

/** Accepts as a server does: room first, then the task is there. How many were taken before the first refusal. */
const acceptUpTo = async (backlog: Backlog, most: number): Promise<number> => {
  for (let n = 0; n < most; n++) {
    try {
      await backlog.assertRoom();
    } catch (error) {
      expect(error).toMatchObject({ code: 'overloaded', details: { retryAfterSeconds: 10 } });
      return n;
    }
    await open(1);
  }
  return most;
};

/** Lets a count that was started behind a request come to its end. */
const counted = async (): Promise<void> => {
  await counting;
  await new Promise(setImmediate);
};

it('what is there at the start counts, whoever accepted it', async () => {
  await open(7);
  expect(await acceptUpTo(replica(10), 10)).toBe(3);
});

it('a replica learns within a second what the others took when the bound is near', async () => {
  const [first, second] = [replica(100), replica(100)];
  await acceptUpTo(first, 1);
  await acceptUpTo(second, 60);
  await acceptUpTo(first, 30);
  time.now += 1_001;
  await acceptUpTo(first, 1);
  await counted();
  expect(await acceptUpTo(first, 100)).toBe(100 - 92);
});

it('there is room again when tasks have ended', async () => {
  const backlog = replica(10);
  expect(await acceptUpTo(backlog, 20)).toBe(10);
  await database.pool.query('delete from task_timer where ctid in (select ctid from task_timer limit 4)');
  expect(await acceptUpTo(backlog, 20)).toBe(0);
  time.now += 1_001;
  expect(await acceptUpTo(backlog, 20)).toBe(0);
  await counted();
  expect(await acceptUpTo(backlog, 20)).toBe(4);
});
