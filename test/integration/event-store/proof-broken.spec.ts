import pg from 'pg';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { withoutTriggers } from '../audit/forger.js';
import { openStore, until } from './open-store.js';
import { breakFunction, contradictions, incompressible, type Testimony, testify } from './proof.support.js';

/*
 * The checks of the other specs can fail: each protection is taken out of a scratch database, and the same scene, which
 * passes with it, shows what it was there for.
 *
 * The fence of subscriptions is taken out in subscriptions-leases.spec.ts.
 */

const LOCK = 'perform pg_advisory_xact_lock(log_lock_key());';

let database: TestDatabase;
let stores: PostgresEventStore[];

beforeEach(async () => {
  database = await createTestDatabase();
  stores = [openStore(database), openStore(database)];
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

const breakAppend = (part: string, by: string) => breakFunction(database, 'append_events', part, by);
const judge = (testimonies: readonly Testimony[]) =>
  contradictions({ database, store: stores[0]!, testimonies });

describe('the lock of the log', () => {
  /** An append while another one is written and not committed yet. */
  const besideAnOpenOne = async (): Promise<Testimony[]> => {
    const [open, other] = [someAppend(), someAppend()];
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('begin');
    const [result] = await stores[0]!.appendIn(client, [open]);
    let isSettled = false;
    const appending = testify(other, stores[1]!.append(other)).finally(() => (isSettled = true));
    const commit = async (): Promise<void> => {
      await until(async () => isSettled || (await waitsForALock()), Boolean);
      await client.query('commit');
      await client.end();
    };
    const [testimony] = await Promise.all([appending, commit()]);
    return [{ request: open, outcome: { is: 'stored', result: result! } }, testimony];
  };
  const waitsForALock = async (): Promise<boolean> => {
    const { rowCount } = await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
          and application_name = 'genledger append'`,
    );
    return rowCount === 1;
  };

  it('gives each event a position of its own', async () => {
    expect(await judge(await besideAnOpenOne())).toEqual([]);
  });

  it('missing, leaves it to the primary keys to refuse the second one', async () => {
    await breakAppend(LOCK, '');
    await expect(besideAnOpenOne()).rejects.toMatchObject({ code: 'append_refused', sqlState: '23505' });
  });

  it('missing like the primary keys, lets two events have one position', async () => {
    await breakAppend(LOCK, '');
    await database.pool.query(
      'alter table event drop constraint event_pkey; alter table log_commit drop constraint log_commit_pkey',
    );
    expect(await judge(await besideAnOpenOne())).toContainEqual('position 1 stands where 2 should');
  });
});

describe('the check of the version', () => {
  const twoFirstOnes = async (): Promise<Testimony[]> => {
    const streamId = uuidv7();
    const requests = [0, 1].map(() => someAppend({ streamId, expected: 'none' }));
    return Promise.all(requests.map((request, n) => testify(request, stores[n]!.append(request))));
  };

  it('lets one of two writers through', async () => {
    const testimonies = await twoFirstOnes();
    expect(testimonies.map(({ outcome }) => outcome.is).sort()).toEqual(['not stored', 'stored']);
    expect(await judge(testimonies)).toEqual([]);
  });

  it('missing, lets both through', async () => {
    await breakAppend('when expected = actual or', 'when true or');
    const found = await judge(await twoFirstOnes());
    expect(found).toEqual([expect.stringMatching(/expected version 0 and follows 1/)]);
  });
});

describe('the look for event ids', () => {
  const sentTwice = async (): Promise<Testimony[]> => {
    const request = someAppend({ expected: 'any' });
    const first = await testify(request, stores[0]!.append(request));
    return [first, await testify(request, stores[1]!.append(request))];
  };

  it('keeps a request from being stored twice', async () => {
    expect(await judge(await sentTwice())).toEqual([]);
  });

  it('missing, lets it be stored twice', async () => {
    await breakAppend('where u.actual > greatest(u.expected, 0)', 'where false');
    expect(await judge(await sentTwice())).toContainEqual(expect.stringMatching(/is stored twice/));
  });
});

describe('what the writers were told', () => {
  it('shows a commit that was lost', async () => {
    const [first, lost] = [someAppend(), someAppend()];
    const testimonies = [
      await testify(first, stores[0]!.append(first)),
      await testify(lost, stores[0]!.append(lost)),
    ];
    // Without a trace, as after a crash of a database that did not wait for its disk.
    await withoutTriggers(
      database,
      'delete from event where position = 2; delete from log_commit where last_position = 2',
    );
    await database.pool.query('delete from stream where last_position = 2');
    expect(await judge(testimonies)).toEqual([expect.stringMatching(/was acknowledged and is lost/)]);
  });
});

describe('the chain', () => {
  const threeBatches = async (): Promise<Testimony[]> => {
    const testimonies: Testimony[] = [];
    for (let n = 0; n < 3; n += 1) {
      const request = someAppend({ events: [someEvent(), someEvent()] });
      testimonies.push(await testify(request, stores[0]!.append(request)));
    }
    return testimonies;
  };

  it('holds from batch to batch', async () => {
    expect(await judge(await threeBatches())).toEqual([]);
  });

  it.each([
    [
      'without the batch before',
      'sha256(v_chain || int8send',
      "sha256(decode(repeat('00', 32), 'hex') || int8send",
      /^chain at 3/,
    ],
    [
      'without the order of the events',
      'order by position)) as digest',
      'order by position desc)) as digest',
      /^digest/,
    ],
    [
      'over other positions',
      'sha256(string_agg(int8send(position)',
      'sha256(string_agg(int8send(position + 1)',
      /^digest/,
    ],
    [
      'with events that are not what was sent',
      'v_now, e.data::json',
      `v_now, '{"n":2}'::json`,
      /^event_hash at 1/,
    ],
  ])('%s, is found broken', async (_, part, by, finding) => {
    await breakAppend(part, by);
    expect(await judge(await threeBatches())).toContainEqual(expect.stringMatching(finding));
  });
});

describe('the order of reads', () => {
  /** The last event is small and lies on the first page; the one before it found no room there. */
  const outOfPlace = async (): Promise<Testimony[]> => {
    const requests = [1_700, 1_700, 1_700, 1_700, 1_800, 4].map((length) =>
      someAppend({ events: [someEvent({ data: { text: incompressible(length) } })] }),
    );
    const testimonies: Testimony[] = [];
    for (const [n, request] of requests.entries())
      testimonies.push(await testify(request, stores[n % 2]!.append(request)));
    const { rows } = await database.pool.query<{ position: number }>(
      'select position from event order by ctid',
    );
    expect(rows.map(({ position }) => position)).not.toEqual([1, 2, 3, 4, 5, 6]);
    return testimonies;
  };

  /** A reader whose database may read tables in the order in which they lie there. */
  const readerBy = (change: (text: string) => string): PostgresEventStore => {
    const pool = {
      query: async ({ text, values }: { text: string; values: unknown[] }) => {
        const client = await database.pool.connect();
        try {
          await client.query('set enable_indexscan = off; set enable_seqscan = on');
          return await client.query(change(text), values);
        } finally {
          await client.query('reset enable_indexscan; reset enable_seqscan');
          client.release();
        }
      },
    } as unknown as pg.Pool;
    return openStore(database, { pool });
  };

  it('does not depend on how the table lies on the disk', async () => {
    const testimonies = await outOfPlace();
    const store = readerBy((text) => text);
    expect(await contradictions({ database, store, testimonies })).toEqual([]);
  });

  it('without ORDER BY, does', async () => {
    const testimonies = await outOfPlace();
    const store = readerBy((text) => text.replace(/order by (e\.|owner, )?position/g, ''));
    expect(await contradictions({ database, store, testimonies })).toContainEqual(
      expect.stringMatching(/^position \d stands where \d should$/),
    );
  });
});
