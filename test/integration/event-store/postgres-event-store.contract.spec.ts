import { eventStoreContract } from '../../../src/event-store/testing/index.js';
import { openStore } from './open-store.js';
import { createTestDatabase } from '../../support/postgres.js';

eventStoreContract('PostgresEventStore', async () => {
  const database = await createTestDatabase();
  const store = openStore(database);
  return {
    store,
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
});
