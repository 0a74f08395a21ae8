/** A process that works on a subscription: takes where and what as JSON, and tells when it is in the middle of a page. */
import { createPool } from '../../../src/database/index.js';
import { PostgresEventStore, Subscriptions } from '../../../src/event-store/index.js';

export interface ProcessOptions {
  readonly url: string;
  readonly schema: string;
  readonly name: string;
  readonly leaseMs: number;
}

const { url, schema, name, leaseMs } = JSON.parse(process.argv[2]!) as ProcessOptions;
const pool = createPool({ url, schema });
const connection = { connectionString: url };
const store = new PostgresEventStore({ schema, connection, pool });
const subscriptions = new Subscriptions(store, { schema, connection, pool, leaseMs, pollMs: 50 });
subscriptions.add({
  name,
  handle: async (events, transaction) => {
    for (const { position, streamId, version } of events) {
      await transaction.query(
        'insert into ledger (subscription, position, stream_id, version) values ($1, $2, $3, $4)',
        [name, position, streamId, version],
      );
    }
    process.stdout.write(`${JSON.stringify({ working: subscriptions.worker })}\n`);
    // Never done: whatever becomes of this process, it holds the rows it wrote.
    await new Promise(() => undefined);
  },
});
await subscriptions.start();
