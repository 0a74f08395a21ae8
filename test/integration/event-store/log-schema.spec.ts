import { migrate } from '../../../src/database/index.js';
import { batchDigest, chainLink, eventHash, GENESIS_CHAIN } from '../../../src/event-store/event-hash.js';
import { InvalidAppendError, StreamConflictError } from '../../../src/event-store/event-store.errors.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { expectGapless, holdLogLock, openStore, wholeLog } from './open-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let store: PostgresEventStore;

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
});
afterEach(async () => {
  await store.close();
  await database.drop();
});

interface EventRow {
  at: number;
  stream_id: string;
  version: number;
  event_id: string;
  type: string;
  schema_version: number;
  owner: string;
  actor: string;
  correlation_id: string | null;
  causation_id: string | null;
  recorded_at: Date;
  text: string;
  sealed: Buffer | null;
  hash: Buffer;
}

interface CommitRow {
  last: number;
  events: number;
  recorded_at: Date;
  digest: Buffer;
  chain: Buffer;
}

const table = (name: string) => `${database.schema}.${name}`;

describe('the tables of the log', () => {
  it.each(['event', 'log_commit'])('%s refuses update, delete and truncate', async (name) => {
    await store.append(someAppend());
    for (const sql of [
      `update ${table(name)} set recorded_at = recorded_at`,
      `delete from ${table(name)} where false`,
      `truncate ${table(name)}`,
      `set session_replication_role = replica; delete from ${table(name)}`,
    ]) {
      await expect(database.pool.query(sql)).rejects.toMatchObject({ code: '23001' });
    }
    expect(await wholeLog(store)).toHaveLength(1);
  });

  it('hold what an auditor computes again: event hashes, digests and the chain', async () => {
    const streams = Array.from({ length: 10 }, () => uuidv7());
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(
        streams.map((streamId, i) =>
          store.append(
            someAppend({
              streamId,
              expected: 'any',
              events: Array.from({ length: 1 + (i % 3) }, () =>
                someEvent({
                  data: { i, text: 'Zoë 🎬 \\ "' },
                  sealed: i % 2 ? Buffer.from([i, 0, 255]) : null,
                }),
              ),
              causationId: i % 2 ? null : 'request-é',
            }),
          ),
        ),
      );
    }
    const { rows: events } = await database.pool.query<EventRow>(
      `select e.*, e.position::int as at, e.data::text as text from ${table('event')} e order by e.position`,
    );
    const { rows: commits } = await database.pool.query<CommitRow>(
      `select c.*, c.last_position::int as last from ${table('log_commit')} c order by c.last_position`,
    );
    expect(commits.length).toBeGreaterThanOrEqual(3);

    const placed = events.map((row) => ({
      position: row.at,
      streamId: row.stream_id,
      version: row.version,
      recordedAt: row.recorded_at,
      stored: row.hash.toString('hex'),
      hash: eventHash({
        streamId: row.stream_id,
        eventId: row.event_id,
        type: row.type,
        schemaVersion: row.schema_version,
        owner: row.owner,
        actor: row.actor,
        correlationId: row.correlation_id,
        causationId: row.causation_id,
        data: row.text,
        sealed: row.sealed,
      }),
    }));
    let chain: Buffer = GENESIS_CHAIN;
    let before = 0;
    for (const commit of commits) {
      const batch = placed.filter((row) => row.position > before && row.position <= commit.last);
      expect(batch).toHaveLength(commit.events);
      for (const row of batch) {
        expect(row.hash).toBe(row.stored);
        expect(row.recordedAt).toEqual(commit.recorded_at);
      }
      const digest = batchDigest(batch);
      chain = chainLink(chain, commit.last, commit.recorded_at, digest);
      expect(digest.equals(commit.digest)).toBe(true);
      expect(chain.equals(commit.chain)).toBe(true);
      before = commit.last;
    }
    expect(before).toBe(events.length);
  });

  it('keep the time from going back when the clock does', async () => {
    const { recordedAt } = await store.append(someAppend());
    const future = new Date(recordedAt.getTime() + 3_600_000);
    await database.pool.query(
      `insert into ${table('log_commit')} values (2, 1, $1, '\\x00', decode(repeat('11', 32), 'hex'))`,
      [future],
    );
    expect((await store.append(someAppend())).recordedAt).toEqual(future);
  });

  it('answer the reads of the store from indexes, also when they are new', async () => {
    const explain = async (sql: string) => {
      const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`explain ${sql}`);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    await Promise.all(Array.from({ length: 300 }, () => store.append(someAppend())));
    await database.pool.query(`analyze ${table('event')}`);
    const event = table('event');
    expect(await explain(`select * from ${event} where position > 5 order by position limit 10`)).toContain(
      'event_from_1_pkey',
    );
    expect(
      await explain(`select * from ${event} where stream_id = '${uuidv7()}' order by version`),
    ).toContain('event_from_1_stream_version');
    expect(
      await explain(`select * from ${event} where owner = 'x' and position > 5 order by position limit 10`),
    ).toContain('event_from_1_owner_position');
  });
});

describe('two logs in one database', () => {
  it('neither block nor hear each other', async () => {
    const other = 'other_log';
    await migrate({ url: database.url, schema: other });
    const { rows } = await database.pool.query<{ keys: number; channels: number }>(
      `select count(distinct key) as keys, count(distinct channel) as channels from (values
         (${database.schema}.log_lock_key(), ${database.schema}.log_channel()),
         (${other}.log_lock_key(), ${other}.log_channel())) as v (key, channel)`,
    );
    expect(rows[0]).toEqual({ keys: 2, channels: 2 });
    const lock = await holdLogLock({ ...database, schema: other });
    expect((await store.append(someAppend())).version).toBe(1);
    await lock.release();
    const otherStore = openStore({ ...database, schema: other });
    expect((await otherStore.append(someAppend())).firstPosition).toBe(1);
    expect((await store.head()).position).toBe(1);
    await otherStore.close();
  });
});

describe('appendIn', () => {
  it('writes with the commit of the caller, and a rollback leaves no gap', async () => {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      const [result] = await store.appendIn(client, [someAppend(), someAppend()]);
      expect(result).toMatchObject({ version: 1, firstPosition: 1, duplicate: false });
      expect((await store.head()).position).toBe(0);
      await client.query('rollback');

      await client.query('begin');
      const request = someAppend();
      await store.appendIn(client, [request]);
      await client.query('commit');
      expect((await store.append(request)).duplicate).toBe(true);
      expect((await store.append(someAppend())).firstPosition).toBe(2);
      expectGapless(await wholeLog(store));
    } finally {
      client.release();
    }
  });

  it('writes nothing at all when one request conflicts', async () => {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      const late = someAppend({ expected: 4 });
      await expect(store.appendIn(client, [someAppend(), late])).rejects.toEqual(
        new StreamConflictError(late.streamId, 4, 0),
      );
      // The transaction is spent: a caller who swallows the error cannot commit the other request.
      await client.query('commit');
      expect((await store.head()).position).toBe(0);
    } finally {
      client.release();
    }
  });

  it('takes a transaction whose query answers the rows, as TypeORM does', async () => {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      const query = async (text: string, values: unknown[]): Promise<unknown> =>
        (await client.query(text, values)).rows;
      expect(await store.appendIn({ query }, [someAppend()])).toMatchObject([{ version: 1 }]);
      await client.query('commit');
    } finally {
      client.release();
    }
  });

  it.each(['repeatable read', 'serializable'])(
    'refuses %s, whose view of the head is too old',
    async (level) => {
      const client = await database.pool.connect();
      try {
        await client.query(`begin isolation level ${level}`);
        await expect(store.appendIn(client, [someAppend()])).rejects.toThrow(InvalidAppendError);
        await client.query('rollback');
      } finally {
        client.release();
      }
    },
  );

  it('refuses a stream that occurs twice', async () => {
    const request = someAppend();
    await expect(store.appendIn(database.pool, [request, { ...request }])).rejects.toThrow(
      InvalidAppendError,
    );
  });
});
