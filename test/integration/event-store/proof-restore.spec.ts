import { type Bookmark } from '../../../src/event-store/event-store.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { OwnPostgres } from '../../support/own-postgres.js';
import { type TestDatabase } from '../../support/postgres.js';
import { newSigner, seal, verify } from '../audit/audited-log.js';
import { openStore, until } from './open-store.js';
import { logBehind, unlike } from './proof.support.js';
import { appendOne, caughtUp, Ledger, openSubscriptions } from './subscriptions.support.js';

/*
 * A copy of the data, brought up somewhere else while the first one went on: as after a restore from a backup. Whoever had
 * read no further than the copy goes on; whoever had read further is refused. Nobody skips.
 */

const streams = [uuidv7(), uuidv7(), uuidv7()];
const opened: PostgresEventStore[] = [];

let original: OwnPostgres;
let restored: OwnPostgres;
/** Of somebody who keeps it outside the database. */
let early: Bookmark;
let late: Bookmark;

const databaseOf = (own: OwnPostgres): TestDatabase => ({
  url: own.url,
  schema: own.schema,
  pool: own.pool,
  drop: () => own.remove(),
});
const open = (own: OwnPostgres): PostgresEventStore => {
  const store = openStore(databaseOf(own));
  opened.push(store);
  return store;
};
const write = async (store: PostgresEventStore, events: number): Promise<void> => {
  for (let n = 0; n < events; n += 1) await appendOne(store, streams[n % streams.length]!);
};

beforeAll(async () => {
  original = await OwnPostgres.start({ durable: false });
  const ledger = new Ledger(databaseOf(original));
  await ledger.create();
  const store = open(original);
  await write(store, 10);
  const subscriptions = openSubscriptions(databaseOf(original), store, [ledger.subscription('reader')]);
  await subscriptions.start();
  await caughtUp(subscriptions, store, 'reader');
  await subscriptions.stop();
  await write(store, 10);
  await seal(databaseOf(original), newSigner());
  early = await store.bookmark(15);
  await store.close();

  restored = await original.copy();
  // What the copy does not have.
  const goingOn = open(original);
  await write(goingOn, 10);
  late = await goingOn.bookmark(25);
}, 60_000);
afterAll(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await Promise.all([original.remove(), restored.remove()]);
}, 60_000);

it('the restored log verifies, and who had read no further finds the history that was read', async () => {
  const store = open(restored);
  expect(await verify(databaseOf(restored))).toMatchObject({ head: 20, seals: 1, findings: [] });
  await store.assertSameHistory(early);
});

it('who had read what is lost is refused, before and after the positions were given out again', async () => {
  const store = open(restored);
  await expect(store.assertSameHistory(late)).rejects.toMatchObject({ code: 'history_forked' });
  await write(store, 10);
  await expect(store.assertSameHistory(late)).rejects.toMatchObject({ code: 'history_forked' });
  expect((await verify(databaseOf(restored))).findings).toEqual([]);
});

it('a subscription goes on behind its checkpoint, and skips nothing', async () => {
  const ledger = new Ledger(databaseOf(restored));
  const store = open(restored);
  const subscriptions = openSubscriptions(databaseOf(restored), store, [ledger.subscription('reader')]);
  await subscriptions.start();
  await write(store, 15);
  await caughtUp(subscriptions, store, 'reader');
  await subscriptions.stop();
  const log = await logBehind(store, 0);
  expect(log.length).toBeGreaterThanOrEqual(35);
  expect(unlike('reader', await ledger.entries('reader'), log)).toEqual([]);
});

it('a subscription whose checkpoint is in what is lost stops, and handles nothing', async () => {
  const ledger = new Ledger(databaseOf(restored));
  const store = open(restored);
  const declared = ledger.subscription('ahead');
  const first = openSubscriptions(databaseOf(restored), store, [declared]);
  await first.start();
  await caughtUp(first, store, 'ahead');
  await first.stop();
  // As if the rows of subscriptions had been restored from a newer backup than the log.
  await restored.pool.query(
    `update subscription_shard set position = $1, chain = decode($2, 'hex') where subscription = 'ahead'`,
    [late.position, late.chain],
  );
  await restored.pool.query(`delete from ledger where subscription = 'ahead'`);
  const again = openSubscriptions(databaseOf(restored), store, [declared]);
  await again.start();
  const stopped = await until(
    async () => (await again.list()).find(({ name }) => name === 'ahead')!.shards[0]!,
    (shard) => shard.stopped !== null,
  );
  await write(store, 3);
  await again.stop();
  expect(stopped).toMatchObject({ stopped: 'history_forked', position: late.position });
  expect(await ledger.positions('ahead')).toEqual([]);
});
