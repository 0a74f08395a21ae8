import { EventEmitter, once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type pg from 'pg';
import { uuidv7 } from '../../../src/shared/ids.js';
import { DataKeys } from '../../../src/tasks/sealing/data-keys.js';
import { KeyRing } from '../../../src/tasks/sealing/key-ring.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * Keys stay in memory, and still nobody opens anything 5 s after its key was destroyed, whoever destroyed it and whatever
 * happens to the database. Two processes are two sets of keys here, on one clock that the spec moves.
 */

const RING = new KeyRing([Buffer.alloc(32, 7).toString('base64')]);
const TRUSTED_MS = 5_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

const store = async (): Promise<string> => {
  const id = uuidv7();
  const { keyId, wrapped } = RING.wrap(Buffer.alloc(32, 1), id);
  await database.pool.query('insert into task_key (task_id, key_id, wrapped) values ($1, $2, $3)', [
    id,
    keyId,
    wrapped,
  ]);
  return id;
};
const destroy = (id: string): Promise<unknown> =>
  database.pool.query('delete from task_key where task_id = $1', [id]);
const readEpoch = async (): Promise<string> =>
  (await database.pool.query<{ epoch: string }>('select epoch from task_key_epoch')).rows[0]!.epoch;

type Statement = 'task_keys' | 'task_key_epoch';

/** Keys of a process whose way to the database can be watched, cut, and made slow. */
const open = (time: { now: number }) => {
  const line = {
    isCut: false,
    reads: 0,
    /** Answers of these are kept back. */
    slow: null as Statement | null,
    held: [] as (() => void)[],
    told: new EventEmitter(),
    release(): void {
      line.slow = null;
      line.held.splice(0).forEach((give) => give());
    },
  };
  const query = async (statement: { name: Statement }): Promise<unknown> => {
    if (line.isCut) throw new Error('The database is away.');
    if (statement.name === 'task_keys') line.reads++;
    const answer = await database.pool.query(statement as pg.QueryConfig);
    if (line.slow === statement.name)
      await new Promise<void>((give) => {
        line.held.push(give);
        line.told.emit('held');
      });
    return answer;
  };
  const keys = new DataKeys(RING, { query } as unknown as pg.Pool, { monotonic: () => time.now });
  return { keys, line };
};

it('reads a key once, also over a long time, and again after any erasure', async () => {
  const time = { now: 0 };
  const { keys, line } = open(time);
  const [id, other] = [await store(), await store()];
  await keys.find(other); // from here on the epoch is known
  await keys.find(id);
  expect(line.reads).toBe(2);
  for (let i = 0; i < 20; i++) {
    time.now += 60_000;
    expect(await keys.find(id)).toEqual(Buffer.alloc(32, 1));
  }
  expect(line.reads).toBe(2);

  await destroy(other);
  time.now += TRUSTED_MS;
  expect(await keys.find(id)).toEqual(Buffer.alloc(32, 1));
  expect(line.reads).toBe(3);
});

it('remembers a key of its own once it is stored, unless something was destroyed meanwhile', async () => {
  const time = { now: 0 };
  const { keys, line } = open(time);
  await keys.find(await store());
  for (const isErased of [false, true]) {
    const id = uuidv7();
    const made = keys.create(id);
    const { keyId, wrapped } = made.toStore!;
    await database.pool.query('insert into task_key (task_id, key_id, wrapped) values ($1, $2, $3)', [
      id,
      keyId,
      wrapped,
    ]);
    if (isErased) {
      await destroy(id);
      time.now += TRUSTED_MS;
      await keys.find(await store()); // whoever asks finds the next epoch
    }
    line.reads = 0;
    keys.remember(id, made.key, made.epoch);
    expect(await keys.find(id)).toEqual(isErased ? null : made.key);
    expect(line.reads).toBe(isErased ? 1 : 0);
  }
});

it('does not keep what a slow read answers when something was destroyed meanwhile', async () => {
  const time = { now: 0 };
  const { keys, line } = open(time);
  const [id, other] = [await store(), await store()];
  await keys.find(other);
  line.slow = 'task_keys';
  const isHeld = once(line.told, 'held');
  const slow = keys.find(id);
  await isHeld;
  await destroy(id);
  time.now += TRUSTED_MS;
  const { epoch } = keys.create(id);
  while (keys.create(id).epoch === epoch) await turn();
  line.release();
  expect(await slow).not.toBeNull();
  expect(await keys.find(id)).toBeNull();
});

it('uses no key for longer than 5 s without the database', async () => {
  const time = { now: 0 };
  const { keys, line } = open(time);
  const id = await store();
  await keys.find(id);
  await keys.find(id);
  line.isCut = true;
  time.now += TRUSTED_MS - 1;
  expect(await keys.find(id)).not.toBeNull();
  time.now += 1;
  await expect(keys.find(id)).rejects.toThrow('The database is away.');
});

it('never answers a key that was destroyed 5 s before, or longer ago, whatever came between', async () => {
  const action = fc.oneof(
    { weight: 5, arbitrary: fc.record({ what: fc.constant('find' as const), task: fc.nat(1) }) },
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4_000 }) }),
    },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('destroy' as const), task: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('cut' as const, 'mend' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        what: fc.constant('slow' as const),
        name: fc.constantFrom('task_keys' as const, 'task_key_epoch' as const, null),
      }),
    },
  );
  let late = 0;
  const life = async (actions: readonly (typeof action extends fc.Arbitrary<infer A> ? A : never)[]) => {
    const time = { now: 0 };
    const { keys, line } = open(time);
    const tasks = [await store(), await store()];
    const destroyedAt = new Map<string, number>();
    const finds: Promise<void>[] = [];
    const find = async (id: string): Promise<void> => {
      const isDue = time.now - (destroyedAt.get(id) ?? Infinity) >= TRUSTED_MS;
      const key = await keys.find(id).catch(() => null);
      if (isDue) {
        late++;
        expect(key).toBeNull();
      }
    };
    for (const step of actions) {
      if (step.what === 'find') {
        const found = find(tasks[step.task]!);
        finds.push(found);
        if (!line.slow) await found;
      } else if (step.what === 'wait') time.now += step.ms;
      else if (step.what === 'destroy') {
        await destroy(tasks[step.task]!);
        if (!destroyedAt.has(tasks[step.task]!)) destroyedAt.set(tasks[step.task]!, time.now);
      } else if (step.what === 'slow') {
        line.release();
        line.slow = step.name;
      } else line.isCut = step.what === 'cut';
    }
    line.release();
    await Promise.all(finds);
  };
  await fc.assert(fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 60 }), life), {
    numRuns: 150,
  });
  expect(late).toBeGreaterThan(100);
});

describe('the epoch', () => {
  it('ends with whatever destroys a key, and with nothing else', async () => {
    const [id] = [await store(), await store()];
    const epochs = [await readEpoch()];
    await destroy(uuidv7());
    await database.pool.query('update task_key set key_id = key_id');
    expect(await readEpoch()).toBe(epochs[0]);
    await destroy(id);
    epochs.push(await readEpoch());
    await database.pool.query('truncate task_key');
    epochs.push(await readEpoch());
    expect(new Set(epochs).size).toBe(3);
  });

  it('is seen to end when the key is gone for others, not before', async () => {
    const [first, second] = [await store(), await store()];
    const before = await readEpoch();
    const [one, two] = [await database.pool.connect(), await database.pool.connect()];
    try {
      for (const client of [one, two]) await client.query('begin');
      await one.query('delete from task_key where task_id = $1', [first]);
      const waits = two.query('delete from task_key where task_id = $1', [second]);
      expect(await readEpoch()).toBe(before);
      await one.query('commit');
      const between = await readEpoch();
      expect(between).not.toBe(before);
      await waits;
      await two.query('commit');
      expect(await readEpoch()).not.toBe(between);
    } finally {
      one.release();
      two.release();
    }
  });
});
