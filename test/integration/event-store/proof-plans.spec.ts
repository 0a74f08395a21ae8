import type pg from 'pg';
import { Life } from '../../../bench/support/seed-log.js';
import { AppendCall } from '../../../src/event-store/append-call.js';
import { LogReader } from '../../../src/event-store/log-reader.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { prepareAppend } from '../../../src/event-store/prepared-append.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { TimerStore } from '../../../src/tasks/saga/timer-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { readsOf } from '../../support/reads-of.js';
import { openStore } from './open-store.js';

/*
 * The hot statements find their rows by index and read no more than they need, on fresh tables without statistics and on
 * large ones. The product's sessions have enable_seqscan=off, under which a bad plan may name an index as well; so the rows
 * that were read are counted, by the database's own counters of the transaction.
 *
 * Pages of subscriptions: subscriptions-plans.spec.ts.
 */

const SMALL = 300;
const LARGE = 60_000;
const STREAMS = 500;
const APPENDS_OF_A_LIFE = 5;

let database: TestDatabase;
let store: PostgresEventStore;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore(database, { inlineProjections: [] });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const streamOf = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** Rows as they lie after many appends; what stands in them matters to nobody here. */
const fill = async (count: number): Promise<void> => {
  await database.pool.query(`
    alter table event disable trigger event_only_grows;
    alter table event_from_1 disable trigger only_grows;
    alter table log_commit disable trigger log_commit_only_grows;
    truncate event, log_commit, stream, task_timer;
    alter table event enable always trigger event_only_grows;
    alter table event_from_1 enable always trigger only_grows;
    alter table log_commit enable always trigger log_commit_only_grows;
    insert into event (position, stream_id, version, event_id, type, schema_version, owner, actor, recorded_at, data, hash)
      select n, ('00000000-0000-7000-8000-' || lpad(to_hex(n % ${STREAMS}), 12, '0'))::uuid, (n - 1) / ${STREAMS} + 1,
             gen_random_uuid(), 'Happened', 1,
             case when n in (${count} - 10, ${count} - 5) then 'rare' else 'owner-' || n % 50 end, 'key:1', now(), '{}', '\\x00'
        from generate_series(1, ${count}) n;
    insert into log_commit select n * 10, 10, now(), '\\x00', sha256(int4send(n)) from generate_series(1, ${count} / 10) n;
    insert into stream select stream_id, max(version), min(position), max(position) from event group by 1;
    insert into task_timer (task_id, owner, model, version, lane, due_at, clock_at, checks, misses, epoch)
      select gen_random_uuid(), 'owner-' || n % 50, 'm', 1, 'poll', now() + (n - 100) * interval '1 second',
             now() + (n - 20) * interval '1 minute', 0, 0, 1 from generate_series(1, ${count}) n`);
};

const reader = (client: pg.PoolClient): LogReader =>
  new LogReader(client as unknown as pg.Pool, database.schema);

describe.each([
  ['fresh tables', SMALL],
  ['large tables', LARGE],
])('on %s', (_, size) => {
  beforeAll(async () => {
    await fill(size);
    if (size === LARGE) await database.pool.query('analyze');
  }, 60_000);

  const perStream = Math.ceil(size / STREAMS);

  it('an append looks up each stream and the head by key, and no event', async () => {
    // 20 streams that exist and 20 new ones.
    const requests = Array.from({ length: 40 }, (_unused, n) => {
      const isNew = n >= 20;
      const streamId = isNew ? uuidv7() : streamOf(n + 1);
      return someAppend({ streamId, expected: isNew ? 'none' : perStream, events: [someEvent()] });
    });
    const append = (client: pg.PoolClient) => store.appendIn(client, requests);
    const streams = await readsOf(database.pool, 'stream', append);
    expect(streams.wholeReads).toBe(0);
    expect(Object.keys(streams.indexes)).toEqual(['stream_pkey']);
    expect(streams.rows).toBeLessThanOrEqual(40);

    const head = await readsOf(database.pool, 'log_commit', append);
    expect(head).toMatchObject({ rows: 1, wholeReads: 0 });
    expect(Object.keys(head.indexes)).toEqual(['log_commit_pkey']);

    expect(await readsOf(database.pool, 'event', append)).toEqual({ rows: 0, wholeReads: 0, indexes: {} });
  });

  it('its read model looks up the events and rows of the tasks that it writes, by key', async () => {
    const call = new AppendCall(database.schema, ['project_tasks']);
    const lead = async (client: pg.PoolClient): Promise<void> => {
      const lives = Array.from({ length: 10 }, () => new Life());
      while (lives.some((life) => !life.isOver)) {
        await client.query(
          call.text,
          call.values(
            'plans',
            false,
            lives.map((life) => life.next()),
          ),
        );
        lives.forEach((life) => life.stored(new Date()));
      }
    };
    const events = await readsOf(database.pool, 'event', lead);
    expect(events.wholeReads).toBe(0);
    expect(Object.keys(events.indexes)).toEqual(['event_stream_version']);
    // Of each task the intent and the outcome.
    expect(events.rows).toBeLessThanOrEqual(10 * 2);
    // Each append finds the row that it writes.
    const appends = 10 * APPENDS_OF_A_LIFE;
    for (const table of ['task', 'task_timer', 'task_provider_id']) {
      const reads = await readsOf(database.pool, table, lead);
      expect(reads.wholeReads).toBe(0);
      expect(reads.rows).toBeLessThanOrEqual(appends);
    }
  });

  it('an append that meets a grown stream looks at the events it would have written, and no others', async () => {
    const requests = Array.from({ length: 10 }, (_unused, n) =>
      someAppend({ streamId: streamOf(n + 1), expected: 'none', events: [someEvent(), someEvent()] }),
    );
    const call = new AppendCall(database.schema, []);
    const values = call.values('plans', false, requests.map(prepareAppend));
    const reads = await readsOf(database.pool, 'event', (client) => client.query(call.text, values));
    expect(reads.wholeReads).toBe(0);
    expect(Object.keys(reads.indexes)).toEqual(['event_stream_version']);
    expect(reads.rows).toBeLessThanOrEqual(10 * 3);
  });

  it('a stream is read by its key', async () => {
    const whole = await readsOf(database.pool, 'event', (client) => reader(client).readStream(streamOf(7)));
    expect(Object.keys(whole.indexes)).toEqual(['event_stream_version']);
    expect(whole.rows).toBeLessThanOrEqual(perStream);

    const part = await readsOf(database.pool, 'event', (client) =>
      reader(client).readStream(streamOf(7), { fromVersion: perStream }),
    );
    expect(Object.keys(part.indexes)).toEqual(['event_stream_version']);
    expect(part.rows).toBeLessThanOrEqual(1);
  });

  it('a page of the log is read by position', async () => {
    const page = await readsOf(database.pool, 'event', (client) =>
      reader(client).readLog({ after: size / 2, limit: 100 }),
    );
    expect(page.wholeReads).toBe(0);
    expect(Object.keys(page.indexes)).toEqual(['event_pkey']);
    // Of a small table all that follows may be read and sorted: it is less than it takes to walk the index in order.
    expect(page.rows).toBeLessThanOrEqual(size === SMALL ? size / 2 : 100);
    const ends = await readsOf(database.pool, 'log_commit', (client) =>
      reader(client).readLog({ after: size / 2, limit: 100 }),
    );
    expect(ends.rows).toBeLessThanOrEqual(2);
  });

  it("a page of an owner's feed is read by owner and position", async () => {
    const feed = { after: size / 2, limit: 2, owner: 'owner-7' };
    const page = await readsOf(database.pool, 'event', (client) => reader(client).readLog(feed));
    expect(Object.keys(page.indexes)).toEqual(['event_owner_position']);
    expect(page.rows).toBeLessThanOrEqual(size === SMALL ? 3 : 2);
    // Of somebody whose events are few and far behind, not the whole log between them.
    const rare = await readsOf(database.pool, 'event', (client) =>
      reader(client).readLog({ after: 0, limit: 100, owner: 'rare' }),
    );
    expect(rare).toEqual({ rows: 2, wholeReads: 0, indexes: { event_owner_position: 2 } });
  });

  it('the head and a bookmark are one row each', async () => {
    const head = await readsOf(database.pool, 'log_commit', (client) => reader(client).head());
    expect(head).toMatchObject({ rows: 1, wholeReads: 0 });
    const bookmark = await readsOf(database.pool, 'log_commit', (client) =>
      reader(client).bookmark(size / 2),
    );
    expect(bookmark.rows).toBeLessThanOrEqual(3);
    expect(bookmark.wholeReads).toBe(0);
  });

  it('a claim reads little more than what it takes, and what is due goes by time', async () => {
    const claim = await readsOf(database.pool, 'task_timer', (client) =>
      new TimerStore(client as unknown as pg.Pool).claim('poll', 10, 60_000),
    );
    expect(claim.wholeReads).toBe(0);
    expect(Object.keys(claim.indexes).sort()).toEqual(
      ['task_timer_due', 'task_timer_pkey', 'task_timer_turn'].sort(),
    );
    // The oldest call of each of 50 owners, and the rows that are taken.
    expect(claim.rows).toBeLessThanOrEqual(50 * 3 + 10 * 3);

    const clocks = await readsOf(database.pool, 'task_timer', (client) =>
      new TimerStore(client as unknown as pg.Pool).claimClocks(5, 60_000),
    );
    expect(clocks.wholeReads).toBe(0);
    expect(Object.keys(clocks.indexes).sort()).toEqual(['task_timer_clock', 'task_timer_pkey']);
    expect(clocks.rows).toBeLessThanOrEqual(5 * 3);
  });
});
