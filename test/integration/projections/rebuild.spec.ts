import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import {
  rebuild,
  RebuildBlockedError,
  type RebuildOptions,
  RebuildRefusedError,
  type RebuildReport,
  RebuildRunningError,
  verifyProjection,
} from '../../../src/event-store/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { taskProjection } from '../../../src/tasks/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { runScript } from '../../support/processes.js';
import { descriptionOf, randomLives, readModel, RecordedTasks, refused } from './recorded-tasks.js';

/*
 * The read model is made again from the log, beside the live one, and takes its place. Ranges are tiny here, so that
 * most streams lie across several.
 */

let database: TestDatabase;
let tasks: RecordedTasks;

beforeEach(async () => {
  database = await createTestDatabase();
  tasks = new RecordedTasks(database);
});
afterEach(async () => {
  await tasks.close();
  await database.drop();
});

const TINY = { rangeSize: 40 };

const rebuildTasks = (options: Partial<RebuildOptions> = {}): Promise<RebuildReport> =>
  rebuild(taskProjection, {
    connection: { url: database.url, schema: database.schema },
    programVersion: 'spec',
    limits: TINY,
    ...options,
  });

describe('the tables afterwards', () => {
  it.each([1, 2, 3])('have the very rows that the appends wrote, whatever happened (%s)', async (seed) => {
    await tasks.live(randomLives(40, seed));
    const before = await readModel(database);
    expect(await rebuildTasks()).toMatchObject({ isDone: true, resumedFrom: 0 });
    expect(await readModel(database)).toEqual(before);
  });

  it('are the same tables to everybody: columns, keys, indexes, settings, rights', async () => {
    const role = `genledger_reader_${randomBytes(4).toString('hex')}`;
    await database.pool.query(`create role ${role}; grant select on task to ${role};
      grant select (task_id), insert (attempt) on task_provider_id to ${role};
      alter default privileges in schema genledger grant delete on tables to ${role}`);
    try {
      await tasks.live(randomLives(5, 4));
      const before = await descriptionOf(database);
      await rebuildTasks();
      expect(await descriptionOf(database)).toEqual(before);
    } finally {
      await database.pool.query(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('are right where the live ones were not', async () => {
    await tasks.live(randomLives(20, 5));
    const before = await readModel(database);
    await database.pool.query(`
      delete from task where id in (select id from task limit 3);
      update task set status = 'failed', version = 1 where id in (select id from task limit 5);
      delete from task_provider_id`);
    await rebuildTasks();
    expect(await readModel(database)).toEqual(before);
  });

  it('take new appends, and refuse what the live ones refused', async () => {
    const [id] = await tasks.live(randomLives(10, 6));
    await rebuildTasks();
    await tasks.live(randomLives(10, 7));
    await expect(
      database.pool.query(
        'insert into task_provider_id select account, provider_task_id, $1, 9 from task_provider_id',
        [id],
      ),
    ).rejects.toMatchObject({ code: '23505', constraint: 'task_provider_id_bound_once' });
    expect(await differences()).toBe(0);
  });
});

const differences = async (): Promise<number> => {
  const connection = { url: database.url, schema: database.schema };
  return (await verifyProjection(taskProjection, { connection })).differing;
};

describe('while appends and reads go on', () => {
  it('nobody ever misses a task or sees an older version than before, and nothing is lost', async () => {
    await tasks.live(randomLives(30, 8));
    const seen = new Map<string, number>();
    let isOver = false;
    let reads = 0;

    const write = async (seed: number): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        for (const appends of randomLives(3, seed + n)) {
          const id = uuidv7();
          for (const events of appends) {
            const version = await tasks.append(id, events).catch(refused);
            if (version === null || isOver) break;
            // Known from here on: readers must find it, in this version or a newer one.
            seen.set(id, version);
          }
        }
      }
    };
    const read = async (): Promise<void> => {
      while (!isOver) {
        const known = [...seen].slice(-50);
        for (const [id, version] of known) {
          const found = await tasks.reader.find(id);
          reads++;
          if (found === null || found.version < version)
            throw new Error(`Task ${id} was at version ${version}, now ${found?.version ?? 'it is gone'}.`);
        }
        const [listed] = (await tasks.reader.list({ owner: 'acme' }, 1, null)).tasks;
        if (listed === undefined) throw new Error('The list is empty.');
        await turn();
      }
    };
    const work = [write(1_000), write(2_000), read(), read()];
    const failed = Promise.all(work).catch((error: unknown) => {
      isOver = true;
      throw error;
    });
    failed.catch(() => undefined);
    for (let n = 0; n < 4 && !isOver; n++) expect(await rebuildTasks()).toMatchObject({ isDone: true });
    isOver = true;
    await failed;
    expect(reads).toBeGreaterThan(100);
    expect(await differences()).toBe(0);
  });
});

describe('an interrupted rebuild', () => {
  it.each([
    ['while the log is replayed', 'copy', 120],
    ['when its indexes are made', 'follow', 0],
  ])('that was killed %s goes on where it was, to the right end', async (_, phase, position) => {
    await tasks.live(randomLives(40, 9));
    const before = await readModel(database);
    const options = { url: database.url, schema: database.schema, phase, position };
    const script = runScript(new URL('./rebuild.process.ts', import.meta.url), [JSON.stringify(options)]);
    await script.ended;
    expect(script.child.signalCode).toBe('SIGKILL');
    expect(await readModel(database)).toEqual(before);

    await tasks.live(randomLives(10, 10));
    const later = await readModel(database);
    const report = await rebuildTasks();
    expect(report.isDone).toBe(true);
    expect(report.resumedFrom).toBeGreaterThanOrEqual(Math.max(position, 1));
    expect(await readModel(database)).toEqual(later);
  });

  const stopSoon = (): { signal: AbortSignal; onProgress: () => void } => {
    const stopping = new AbortController();
    return { signal: stopping.signal, onProgress: () => stopping.abort() };
  };

  it('that was stopped leaves the live tables alone', async () => {
    await tasks.live(randomLives(40, 11));
    const before = await readModel(database);
    const stopped = await rebuildTasks(stopSoon());
    expect(stopped).toMatchObject({ isDone: false });
    expect(await readModel(database)).toEqual(before);
    expect(await rebuildTasks()).toMatchObject({ isDone: true, resumedFrom: stopped.position });
  });

  it.each<[string, () => Promise<unknown>, Partial<RebuildOptions>]>([
    ['another program began it', async () => undefined, { programVersion: 'newer' }],
    ['it is told to', async () => undefined, { restart: true }],
    ['the tables were changed', () => database.pool.query('create index task_by_model on task (model)'), {}],
    [
      'the log is another one',
      () => database.pool.query(`update projection_rebuild set chain = decode(repeat('11', 32), 'hex')`),
      {},
    ],
  ])('begins again when %s', async (_, change, options) => {
    await tasks.live(randomLives(20, 12));
    await rebuildTasks(stopSoon());
    await change();
    const before = [await readModel(database), await descriptionOf(database)];
    expect(await rebuildTasks(options)).toMatchObject({ isDone: true, resumedFrom: 0 });
    const live = (rows: readonly unknown[]): readonly unknown[] =>
      rows.filter((row) => !JSON.stringify(row).includes('rebuild'));
    expect([await readModel(database), await descriptionOf(database)]).toEqual([
      before[0],
      live(before[1] as []),
    ]);
  });
});

describe('is refused', () => {
  it('to the second of two at once, and the first one ends', async () => {
    await tasks.live(randomLives(10, 13));
    const client = await database.pool.connect();
    await client.query('begin; lock table task in access share mode');
    // Ready for the exchange, and kept from it: certainly under way.
    let ready: () => void = () => undefined;
    const isReady = new Promise<void>((resolve) => (ready = resolve));
    const first = rebuildTasks({ onProgress: ({ phase }) => phase === 'follow' && ready() });
    await isReady;
    await expect(rebuildTasks()).rejects.toThrow(RebuildRunningError);
    await client.query('rollback');
    client.release();
    expect(await first).toMatchObject({ isDone: true });
  });

  it('while a long transaction uses the live tables; afterwards only the exchange is left', async () => {
    await tasks.live(randomLives(10, 14));
    const client = await database.pool.connect();
    await client.query('begin; lock table task in access share mode');
    const limits = { ...TINY, patienceMs: [10, 10] };
    await expect(rebuildTasks({ limits })).rejects.toThrow(RebuildBlockedError);
    await client.query('rollback');
    client.release();
    const { rows } = await database.pool.query<{ head: number }>('select max(position) as head from event');
    expect(await rebuildTasks()).toMatchObject({ isDone: true, resumedFrom: rows[0]!.head });
  });

  it.each([
    ['a view', 'create view open_task as select id from task'],
    ['a foreign key', 'create table note (task_id uuid references task)'],
    [
      'a trigger',
      `create trigger noticed after insert on task for each row execute function suppress_redundant_updates_trigger()`,
    ],
    ['a publication', 'create publication tasks for table task'],
  ])('when %s would stay with the old table, before anything is done', async (_, statement) => {
    await database.pool.query(statement);
    await expect(rebuildTasks()).rejects.toThrow(RebuildRefusedError);
    const { rows } = await database.pool.query(`select to_regclass('task_rebuild') as made`);
    expect(rows).toEqual([{ made: null }]);
  });

  it('when the live table has a column that nothing fills', async () => {
    await database.pool.query('alter table task add column shade text');
    await expect(rebuildTasks()).rejects.toThrow(/shade/);
  });
});
