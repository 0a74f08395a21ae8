import { Test } from '@nestjs/testing';
import { DatabaseModule } from '../../../src/database/index.js';
import { EventStore, EventStoreModule, PostgresEventStore } from '../../../src/event-store/index.js';
import { someAppend } from '../../../src/event-store/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const start = async () => {
  const { url, schema } = database;
  const module = await Test.createTestingModule({
    imports: [DatabaseModule.forRoot({ url, schema }), EventStoreModule.forRoot({ maxQueued: 100 })],
  }).compile();
  await module.init();
  return module;
};

describe('EventStoreModule', () => {
  it('provides the store of the configured schema', async () => {
    const module = await start();
    const store = module.get(EventStore);
    expect(store).toBe(module.get(PostgresEventStore));
    const request = someAppend();
    await store.append(request);
    const { rows } = await database.pool.query(
      `select 1 from ${database.schema}.event where stream_id = $1`,
      [request.streamId],
    );
    expect(rows).toHaveLength(1);
    await module.close();
  });

  it('writes what is queued before the application ends, and leaves no connection open', async () => {
    const module = await start();
    const store = module.get(EventStore);
    store.onCommit(() => undefined);
    const appending = Promise.all(Array.from({ length: 50 }, () => store.append(someAppend())));
    await module.close();
    expect(await appending).toHaveLength(50);
    // That nothing is still connected is checked when the database is dropped.
    await expect(store.append(someAppend())).rejects.toMatchObject({ outcomeKnown: true });
  });
});
