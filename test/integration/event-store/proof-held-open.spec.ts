import pg from 'pg';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { expectGapless, openStore, until, waitingAppends, wholeLog } from './open-store.js';
import { appendOne, caughtUp, Ledger, openSubscriptions } from './subscriptions.support.js';

/*
 * What somebody else holds open neither hides events from readers nor puts them in another order.
 */

let database: TestDatabase;
let store: PostgresEventStore;
let client: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
  client = new pg.Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`set search_path = ${database.schema}`);
});
afterEach(async () => {
  await client.end().catch(() => undefined);
  await store.close();
  await database.drop();
});

const waiting = () =>
  until(
    () => waitingAppends(database),
    (pids) => pids.length === 1,
  );

describe('a transaction of a caller that stays open after its append', () => {
  it('lets nobody pass, so that no reader sees a later position first', async () => {
    await client.query('begin');
    const [held] = await store.appendIn(client, [someAppend()]);
    const later = store.append(someAppend());
    await waiting();
    expect((await store.readLog({ after: 0, limit: 10 })).events).toEqual([]);
    await client.query('commit');
    expect([held!.lastPosition, (await later).lastPosition]).toEqual([1, 2]);
    expectGapless(await wholeLog(store));
  });

  it('is ended by its own idle timeout, and leaves no hole', async () => {
    await client.query("set idle_in_transaction_session_timeout = '50ms'");
    await client.query('begin');
    await store.appendIn(client, [someAppend(), someAppend()]);
    expect((await store.append(someAppend())).firstPosition).toBe(1);
    await expect(client.query('commit')).rejects.toThrow();
  });

  it('makes another transaction give up after its own lock timeout, with nothing stored', async () => {
    await client.query('begin');
    await store.appendIn(client, [someAppend()]);
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    await other.query("begin; set local lock_timeout = '50ms'");
    await expect(store.appendIn(other, [someAppend()])).rejects.toMatchObject({ code: '55P03' });
    await other.query('rollback');
    await other.end();
    await client.query('commit');
    expect(await wholeLog(store)).toHaveLength(1);
  });
});

describe('a snapshot that stays open', () => {
  it('shows the same log all the time, while it grows for everybody else', async () => {
    const streamId = uuidv7();
    await appendOne(store, streamId);
    await client.query('begin isolation level repeatable read');
    const heads =
      'select max(position) as event, (select max(last_position) from log_commit) as batch from event';
    const before = await client.query(heads);
    for (let n = 0; n < 50; n += 1) await appendOne(store, streamId);
    expect((await client.query(heads)).rows).toEqual(before.rows);
    await client.query('commit');
    const log = await wholeLog(store);
    expect(log).toHaveLength(51);
    expectGapless(log);
  });

  it('leaves no dead rows in the way of the next append', async () => {
    await appendOne(store, uuidv7());
    await client.query('begin isolation level repeatable read; select 1 from log_commit');
    for (let n = 0; n < 50; n += 1) await appendOne(store, uuidv7());
    const { rows } = await database.pool.query<{
      'QUERY PLAN': [{ Plan: { Plans: [{ 'Shared Hit Blocks': number }] } }];
    }>(
      `explain (analyze, buffers, format json)
         select last_position, chain from log_commit order by last_position desc limit 1`,
    );
    expect(rows[0]!['QUERY PLAN'][0].Plan.Plans[0]['Shared Hit Blocks']).toBeLessThanOrEqual(4);
    await client.query('commit');
  });
});

describe('a subscription', () => {
  it('sees new events while a transaction that writes something else stays open', async () => {
    const ledger = new Ledger(database);
    await ledger.create();
    const subscriptions = openSubscriptions(database, store, [ledger.subscription('reader')]);
    await subscriptions.start();
    await client.query(
      'begin; create table elsewhere (n int); insert into elsewhere values (1); select txid_current()',
    );
    await appendOne(store, uuidv7());
    await caughtUp(subscriptions, store, 'reader');
    expect(await ledger.positions('reader')).toEqual([1]);
    await client.query('rollback');
    await subscriptions.stop();
  });
});
