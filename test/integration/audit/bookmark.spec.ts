import { HistoryForkedError } from '../../../src/event-store/index.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore } from '../event-store/open-store.js';
import { verify, writeLog } from './audited-log.js';
import { withoutTriggers } from './forger.js';

/*
 * A reader has come to position 12. Then the log is put back to position 10, as by a restore or by a failover to a
 * replica that lacked the newest commits.
 */

let database: TestDatabase;
let store: PostgresEventStore;
let putBack: () => Promise<void>;

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
  const streams = await writeLog(store);
  putBack = () =>
    withoutTriggers(
      database,
      'delete from event where position > 10',
      'delete from log_commit where last_position > 10',
      `update stream set version = 3, last_position = 7 where stream_id = '${streams[2]}'`,
    );
});
afterEach(async () => {
  await store.close();
  await database.drop();
});

it('the reader is told that the log ends before it', async () => {
  const bookmark = await store.bookmark(12);
  await putBack();
  await expect(store.assertSameHistory(bookmark)).rejects.toThrow(HistoryForkedError);
  await expect(store.assertSameHistory(bookmark)).rejects.toThrow('the log ends at position 10');
});

it.each([11, 12])(
  'the reader of position %d is told so too after the positions were given out again',
  async (at) => {
    const bookmark = await store.bookmark(at);
    await putBack();
    await store.append(someAppend({ events: Array.from({ length: 5 }, () => someEvent()) }));
    expect((await verify(database)).findings).toEqual([]);
    await expect(store.assertSameHistory(bookmark)).rejects.toThrow('holds another history');
  },
);

it.each([0, 6, 10])('a reader that had come to %d only goes on', async (at) => {
  const bookmark = await store.bookmark(at);
  await putBack();
  await store.append(someAppend());
  await store.assertSameHistory(bookmark);
});
