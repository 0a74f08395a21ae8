import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archive, type PostgresEventStore } from '../../../src/event-store/index.js';
import { SubscriptionOperator } from '../../../src/event-store/subscriptions/subscription-operator.js';
import { someAppend } from '../../../src/event-store/testing/index.js';
import { partitionBy } from '../../support/partitions.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore, until } from '../event-store/open-store.js';
import { openSubscriptions } from '../event-store/subscriptions.support.js';

let database: TestDatabase;
let store: PostgresEventStore;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await partitionBy(database, 10);
  store = openStore(database);
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
  for (let n = 0; n < 25; n += 1) await store.append(someAppend());
  const guard = { types: ['SomethingHappened'], refusal: async () => null };
  await archive({ connection: database, guard, folder, before: 21 });
});
afterAll(async () => {
  await store.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

it('a subscription that begins before what is archived stops and says so; restarted behind it, it misses nothing more', async () => {
  const seen: number[] = [];
  const handle = async (events: readonly { position: number }[]): Promise<void> => {
    seen.push(...events.map(({ position }) => position));
  };
  const subscriptions = openSubscriptions(database, store, [{ name: 'late', handle }]);
  const operator = new SubscriptionOperator(database.pool, database.schema);
  await subscriptions.start();
  try {
    await until(
      () => operator.list(),
      ([late]) => late?.shards[0]?.stopped === 'events_archived',
    );
    expect(seen).toEqual([]);
    await expect(operator.restart('late', 19)).rejects.toMatchObject({
      code: 'events_archived',
      archivedTo: 20,
    });
    await operator.restart('late', 20);
    await until(
      () => operator.list(),
      ([late]) => late!.position === 25,
      10_000,
    );
    expect(seen).toEqual([21, 22, 23, 24, 25]);
  } finally {
    await subscriptions.stop();
  }
});
