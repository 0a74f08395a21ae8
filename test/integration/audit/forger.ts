import {
  batchDigest,
  chainLink,
  eventHashBytes,
  GENESIS_CHAIN,
} from '../../../src/event-store/event-hash.js';
import { type BatchRow, type EventRow } from '../../../src/event-store/audit/verify/batch-walk.js';
import { LogSealer, type SealSigner, StoredLog } from '../../../src/event-store/index.js';
import { type TestDatabase } from '../../support/postgres.js';

/*
 * What somebody with all rights on the database can do: switch the triggers off and rewrite history, as carefully as they
 * like.
 */

/** Runs statements with the triggers of the log switched off, as a superuser or the owner can. */
export const withoutTriggers = async (
  { pool }: TestDatabase,
  ...statements: readonly string[]
): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ trigger: string }>(
      `select format('alter table %s %%s trigger %I', tgrelid::regclass, tgname) as trigger from pg_trigger
        where tgfoid = 'refuse_change'::regproc`,
    );
    const switchAll = async (word: string): Promise<void> => {
      for (const { trigger } of rows) await client.query(trigger.replace('%s', word));
    };
    await switchAll('disable');
    for (const statement of statements) await client.query(statement);
    await switchAll('enable always');
    await client.query('commit');
  } finally {
    client.release();
  }
};

/** Writes the hash of an event anew, from what is stored now. */
export const rehash = async (database: TestDatabase, position: number): Promise<string> => {
  const [event] = await eventsOf(database, position - 1, position);
  return `update event set hash = '\\x${eventHashBytes(event!).toString('hex')}' where position = ${position}`;
};

/** Computes every hash, digest and link again, so that the log agrees with itself whatever it says now. */
export const rechain = async (database: TestDatabase): Promise<void> => {
  const log = new StoredLog(database.pool, database.schema);
  const { lastBatch } = await log.extent();
  const events = await eventsOf(database, 0, lastBatch);
  const batches: BatchRow[] = await log.batches(0, lastBatch);
  const statements: string[] = [];
  let chain: Buffer = GENESIS_CHAIN;
  let after = 0;
  for (const { lastPosition, recordedUs } of batches) {
    const rows = events.filter(({ position }) => position > after && position <= lastPosition);
    const placed = rows.map((row) => ({ ...row, hash: eventHashBytes(row).toString('hex') }));
    const digest = batchDigest(placed);
    chain = chainLink(chain, lastPosition, new Date(recordedUs / 1_000), digest);
    statements.push(
      ...placed.map(
        ({ position, hash }) => `update event set hash = '\\x${hash}' where position = ${position}`,
      ),
      `update log_commit set digest = '\\x${digest.toString('hex')}', chain = '\\x${chain.toString('hex')}'
        where last_position = ${lastPosition}`,
    );
    after = lastPosition;
  }
  await withoutTriggers(database, ...statements);
};

/** Throws the seals away and seals the log anew with another key. */
export const resealWith = async (database: TestDatabase, signer: SealSigner): Promise<void> => {
  await withoutTriggers(database, 'delete from log_seal');
  await new LogSealer(database.pool, database.schema, signer).seal();
};

const eventsOf = async (database: TestDatabase, after: number, upTo: number): Promise<EventRow[]> => {
  const events: EventRow[] = [];
  for await (const page of new StoredLog(database.pool, database.schema).events(after, upTo))
    events.push(...page);
  return events;
};
