import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import {
  type Subscription,
  SubscriptionOperator,
  type Subscriptions,
  type SubscriptionsOptions,
} from '../../../src/event-store/subscriptions/index.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore, until } from './open-store.js';
import { appendOne, caughtUp, Gate, Ledger, openSubscriptions } from './subscriptions.support.js';

/*
 * The log is replaced by another history: a restore, or a failover that lost commits.
 */

let database: TestDatabase;
let store: PostgresEventStore;
let ledger: Ledger;
let running: Subscriptions[];

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
  ledger = new Ledger(database);
  await ledger.create();
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((subscriptions) => subscriptions.stop()));
  await store.close();
  await database.drop();
});

const start = async (declared: Subscription, options: Partial<SubscriptionsOptions> = {}) => {
  const subscriptions = openSubscriptions(database, store, [declared], options);
  running.push(subscriptions);
  await subscriptions.start();
  return subscriptions;
};

/** The log as a backup had it, while the subscriptions' rows (elsewhere, or newer) stay. */
const loseEventsBehind = (position: number) =>
  database.pool.query(`
    alter table event disable trigger event_only_grows;
    alter table log_commit disable trigger log_commit_only_grows;
    delete from event where position > ${position};
    delete from log_commit where last_position > ${position};
    delete from stream where last_position > ${position};
    alter table event enable always trigger event_only_grows;
    alter table log_commit enable always trigger log_commit_only_grows`);

const stopped = (subscriptions: Subscriptions) =>
  until(
    () => subscriptions.list(),
    ([status]) => status!.shards.every((shard) => shard.stopped !== null),
  );

describe.each([
  ['ends before the checkpoint', 0],
  ['holds other events there', 3],
])('a log that %s', (_, appendedAgain) => {
  it('stops a subscription that is started again', async () => {
    for (let i = 0; i < 4; i += 1) await appendOne(store, uuidv7());
    const first = await start(ledger.subscription('reader'));
    await caughtUp(first, store, 'reader');
    await first.stop();
    await loseEventsBehind(2);
    for (let i = 0; i < appendedAgain; i += 1) await appendOne(store, uuidv7());

    const errors: unknown[] = [];
    const second = await start(ledger.subscription('reader'), {
      observer: { shardStopped: ({ error }) => errors.push(error) },
    });
    const [status] = await stopped(second);
    expect(status!.shards).toMatchObject([{ stopped: 'history_forked', position: 4, worker: null }]);
    expect(errors).toMatchObject([{ code: 'history_forked', details: { position: 4 } }]);
    expect((errors[0] as Error).message).toContain('restored from a backup');
    expect(await ledger.positions('reader')).toEqual([1, 2, 3, 4]);
  });

  it('stops a subscription that is running', async () => {
    for (let i = 0; i < 4; i += 1) await appendOne(store, uuidv7());
    const subscriptions = await start(ledger.subscription('running'));
    await caughtUp(subscriptions, store, 'running');
    await loseEventsBehind(2);
    for (let i = 0; i < appendedAgain; i += 1) await appendOne(store, uuidv7());
    await stopped(subscriptions);
    expect(await ledger.positions('running')).toEqual([1, 2, 3, 4]);
  });
});

it('a log replaced while a page is handled stops the subscription behind that page', async () => {
  const [working, gate] = [new Gate(), new Gate()];
  const subscriptions = await start(
    ledger.subscription('between', {
      handle: async (events, transaction) => {
        working.open();
        await gate.opened;
        await ledger.enter('between', events, transaction);
      },
    }),
  );
  await store.append(someAppend({ events: [someEvent(), someEvent()] }));
  await working.opened;
  await loseEventsBehind(0);
  for (let i = 0; i < 3; i += 1) await appendOne(store, uuidv7());
  gate.open();
  await stopped(subscriptions);
  // The checkpoint tells of the log that the page was read from, not of the one it was committed in.
  expect(await ledger.positions('between')).toEqual([1, 2]);
});

it('a checkpoint in the middle of a batch is recognised', async () => {
  await store.append(someAppend({ events: Array.from({ length: 5 }, () => someEvent()) }));
  const first = await start(ledger.subscription('middle', { pageSize: 2, startAt: { after: 1 } }));
  await caughtUp(first, store, 'middle');
  await first.stop();
  await database.pool.query('update subscription_shard set position = 3');
  const second = await start(ledger.subscription('middle', { pageSize: 2 }));
  await caughtUp(second, store, 'middle');
  expect(await ledger.positions('middle')).toEqual([2, 3, 4, 5, 4, 5]);
});

it('a subscription that stopped can begin again from a known position', async () => {
  for (let i = 0; i < 4; i += 1) await appendOne(store, uuidv7());
  const subscriptions = await start(ledger.subscription('again', { shards: 2 }), { leaseMs: 300 });
  await caughtUp(subscriptions, store, 'again');
  await loseEventsBehind(2);
  await appendOne(store, uuidv7());
  await stopped(subscriptions);
  const operator = new SubscriptionOperator(database.pool, database.schema);
  await expect(operator.restart('again', 9)).rejects.toThrow('the log has not come to position 9');
  await expect(operator.restart('nobody', 0)).rejects.toThrow('there is none of this name');
  await operator.restart('again', 2);
  await caughtUp(subscriptions, store, 'again');
  expect((await ledger.positions('again')).slice(4)).toEqual([3]);
});

it('a subscription that stopped is looked at again later, and goes on when the right log is back', async () => {
  for (let i = 0; i < 3; i += 1) await appendOne(store, uuidv7());
  const subscriptions = await start(ledger.subscription('back'), { leaseMs: 300 });
  await caughtUp(subscriptions, store, 'back');
  await database.pool.query(
    'update subscription_shard set epoch = epoch + 1, worker = null, lease_until = null, chain = sha256(chain)',
  );
  await stopped(subscriptions);
  await database.pool.query(
    `update subscription_shard set stopped_at = stopped_at - interval '1 minute',
       chain = (select chain from log_commit order by last_position desc limit 1)`,
  );
  await subscriptions.waitFor('back', await appendOne(store, uuidv7()), 10_000);
  expect(await ledger.positions('back')).toEqual([1, 2, 3, 4]);
});
