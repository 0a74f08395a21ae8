import { setTimeout as delay } from 'node:timers/promises';
import {
  PostgresEventStore,
  type PostgresEventStoreOptions,
} from '../../../src/event-store/postgres-event-store.js';
import { type StoredEvent } from '../../../src/event-store/event-store.js';
import { type TestDatabase } from '../../support/postgres.js';

export const openStore = (
  database: TestDatabase,
  options: Partial<PostgresEventStoreOptions> = {},
): PostgresEventStore =>
  new PostgresEventStore({
    schema: database.schema,
    connection: { connectionString: database.url },
    pool: database.pool,
    ...options,
  });

/** Holds the log's lock as a transaction of another process would, until released. */
export const holdLogLock = async (database: TestDatabase): Promise<{ release: () => Promise<void> }> => {
  const client = await database.pool.connect();
  await client.query('begin');
  await client.query(`select pg_advisory_xact_lock(${database.schema}.log_lock_key())`);
  return {
    release: async () => {
      await client.query('rollback');
      client.release();
    },
  };
};

/** Backends that wait for the log's lock: their batch is in flight. */
export const waitingAppends = async (database: TestDatabase): Promise<number[]> => {
  const { rows } = await database.pool.query<{ pid: number }>(
    `select l.pid from pg_locks l
      where l.locktype = 'advisory' and not l.granted
        and (l.classid::bigint << 32 | l.objid::bigint) = ${database.schema}.log_lock_key()`,
  );
  return rows.map((row) => row.pid);
};

/**
 * Looks at what only the database can tell until it is so.
 *
 * @param withinMs by default sooner than any fallback of the store helps out
 */
export const until = async <T>(
  look: () => Promise<T> | T,
  isSo: (value: T) => boolean,
  withinMs = 5_000,
): Promise<T> => {
  for (const giveUpAt = Date.now() + withinMs; Date.now() < giveUpAt; await delay(5)) {
    const value = await look();
    if (isSo(value)) return value;
  }
  throw new Error(`It did not come about within ${withinMs} ms.`);
};

/** Positions 1 … head, and versions 1 … n of each stream in order. */
export const expectGapless = (events: readonly StoredEvent[]): void => {
  expect(events.map((event) => event.position)).toEqual(events.map((_, i) => i + 1));
  const versions = new Map<string, number>();
  for (const { streamId, version } of events) {
    const before = versions.get(streamId) ?? 0;
    if (version !== before + 1)
      throw new Error(`Stream ${streamId} goes from version ${before} to ${version}.`);
    versions.set(streamId, version);
  }
};

export const wholeLog = async (store: PostgresEventStore): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (let after = 0; ;) {
    const page = await store.readLog({ after, limit: 1_000 });
    if (page.next === after) return events;
    events.push(...page.events);
    after = page.next;
  }
};
