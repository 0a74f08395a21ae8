import { type AppendRefusedError } from '../../../src/event-store/event-store.errors.js';
import { type BatchReport } from '../../../src/event-store/event-store.observer.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { expectGapless, holdLogLock, openStore, until, waitingAppends, wholeLog } from './open-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let store: PostgresEventStore;
let batches: BatchReport[];

beforeEach(async () => {
  database = await createTestDatabase();
  await database.pool.query(`set search_path = ${database.schema};
    create table note (stream_id uuid primary key, version int, first_position bigint, recorded_at timestamptz,
                       title text constraint note_title_unique unique, calls int);
    create function project_note(p_stream uuid[], p_version int[], p_first_position bigint[],
                                 p_recorded_at timestamptz, p_document text[])
    returns void language sql set search_path from current as $$
      insert into note
        select stream_id, version, first_position, p_recorded_at, document::jsonb ->> 'title', 1
          from unnest(p_stream, p_version, p_first_position, p_document)
                 as u (stream_id, version, first_position, document)
        on conflict (stream_id) do update
          set version = excluded.version, title = excluded.title, calls = note.calls + 1
    $$;
    reset search_path`);
  batches = [];
  store = openStore(database, {
    inlineProjections: ['project_note'],
    observer: { batchAnswered: (report) => batches.push(report) },
  });
});
afterEach(async () => {
  await store.close();
  await database.drop();
});

const notes = async () =>
  (
    await database.pool.query<Record<string, unknown>>(
      `select * from ${database.schema}.note order by first_position`,
    )
  ).rows;

/** All of them in one batch: the lock keeps an earlier one in flight while they arrive. */
const inOneBatch = async <T>(appendAll: () => Promise<T>[]): Promise<PromiseSettledResult<T>[]> => {
  const lock = await holdLogLock(database);
  const first = store.append(someAppend());
  await until(
    () => waitingAppends(database),
    (pids) => pids.length === 1,
  );
  const all = appendAll();
  await lock.release();
  await first;
  return Promise.allSettled(all);
};

describe('an inline projection', () => {
  it('is called with the commands that were written and carry a document', async () => {
    const kept = someAppend({
      events: [someEvent(), someEvent()],
      document: JSON.stringify({ title: 'kept' }),
    });
    const lost = someAppend({ expected: 3, document: JSON.stringify({ title: 'lost' }) });
    const silent = someAppend();
    await inOneBatch(() => [kept, lost, silent].map((request) => store.append(request)));
    const [stored] = await store.readStream(kept.streamId);
    expect(await notes()).toEqual([
      {
        stream_id: kept.streamId,
        version: 2,
        first_position: stored!.position,
        recorded_at: stored!.recordedAt,
        title: 'kept',
        calls: 1,
      },
    ]);
  });

  it('is not called for a repetition', async () => {
    const request = someAppend({ document: JSON.stringify({ title: 'once' }) });
    await store.append(request);
    await store.append(request);
    expect(await notes()).toMatchObject([{ title: 'once', calls: 1 }]);
  });

  it('refuses one command of a batch without harm to the others', async () => {
    await store.append(someAppend({ document: JSON.stringify({ title: 'taken' }) }));
    const requests = Array.from({ length: 40 }, (_, i) =>
      someAppend({ document: JSON.stringify({ title: i === 13 || i === 27 ? 'taken' : `free ${i}` }) }),
    );
    const outcomes = await inOneBatch(() => requests.map((request) => store.append(request)));

    const refused = outcomes.flatMap((outcome, i) =>
      outcome.status === 'rejected' ? [[i, outcome.reason as AppendRefusedError] as const] : [],
    );
    expect(refused.map(([i, error]) => [i, error.name, error.sqlState, error.constraint])).toEqual([
      [13, 'AppendRefusedError', '23505', 'note_title_unique'],
      [27, 'AppendRefusedError', '23505', 'note_title_unique'],
    ]);
    expect(await notes()).toHaveLength(39);
    const log = await wholeLog(store);
    expect(log).toHaveLength(40);
    expectGapless(log);
    expect(Math.max(...batches.map((batch) => batch.commands))).toBeLessThanOrEqual(20);
  });
});
