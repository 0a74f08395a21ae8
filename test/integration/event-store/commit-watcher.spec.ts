import { type Commit } from '../../../src/event-store/event-store.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend } from '../../../src/event-store/testing/index.js';
import { openStore, until } from './open-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let here: PostgresEventStore;
let elsewhere: PostgresEventStore;
let lost: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  lost = [];
  here = openStore(database, { pollMs: 50, observer: { connectionLost: (purpose) => lost.push(purpose) } });
  elsewhere = openStore(database);
});
afterEach(async () => {
  await Promise.all([here.close(), elsewhere.close()]);
  await database.drop();
});

/** Backends of this log that wait for notifications. */
const listeners = async (): Promise<number[]> => {
  const { rows } = await database.pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and application_name = 'genledger listen' and query like '%' || $1 || '%'`,
    [`"${database.schema}".log_commit`],
  );
  return rows.map((row) => row.pid);
};

const listening = () => until(listeners, (pids) => pids.length === 1);

const hearing = (): Commit[] => {
  const heard: Commit[] = [];
  here.onCommit((commit) => heard.push(commit));
  return heard;
};

const heardOf = (heard: readonly Commit[], streamId: string) =>
  until(() => heard.some((commit) => commit.streamIds?.includes(streamId)), Boolean);

describe('a listener', () => {
  it('hears which streams another process wrote', async () => {
    const heard = hearing();
    await listening();
    const request = someAppend();
    const { lastPosition } = await elsewhere.append(request);
    await heardOf(heard, request.streamId);
    expect(heard.at(-1)).toEqual({ position: lastPosition, streamIds: [request.streamId] });
  });

  it('hears its own process once per commit, and others in between', async () => {
    const heard = hearing();
    await listening();
    const requests = [someAppend(), someAppend(), someAppend(), someAppend()];
    for (const [i, request] of requests.entries()) {
      await (i % 2 ? elsewhere : here).append(request);
      await heardOf(heard, request.streamId);
    }
    expect(heard.map((commit) => commit.streamIds)).toEqual(requests.map((request) => [request.streamId]));
  });

  it('hears of commits in transactions of this process', async () => {
    const heard = hearing();
    await listening();
    const request = someAppend();
    const client = await database.pool.connect();
    await client.query('begin');
    await here.appendIn(client, [request]);
    expect(heard).toEqual([]);
    await client.query('commit');
    client.release();
    await heardOf(heard, request.streamId);
  });

  it('hears of what was written while its connection was lost', async () => {
    const heard = hearing();
    const [pid] = await listening();
    await database.pool.query('select pg_terminate_backend($1)', [pid]);
    const request = someAppend();
    await elsewhere.append(request);
    await heardOf(heard, request.streamId);
    await until(() => lost.includes('listen'), Boolean);
    expect(await until(listeners, (pids) => pids.length === 1 && pids[0] !== pid)).toHaveLength(1);
  });

  it('hears by polling while notifications cannot be had at all', async () => {
    const polling = openStore(database, {
      connection: { connectionString: 'postgres://nobody@127.0.0.1:1/none' },
      pollMs: 20,
    });
    await elsewhere.append(someAppend());
    const heard: Commit[] = [];
    polling.onCommit((commit) => heard.push(commit));
    await until(
      () => heard.length,
      (count) => count === 1,
    );
    const request = someAppend();
    await elsewhere.append(request);
    await heardOf(heard, request.streamId);
    await polling.close();
  });

  it('is told of more than a thousand events at once without their streams', async () => {
    const heard = hearing();
    await listening();
    const client = await database.pool.connect();
    await client.query('begin');
    await elsewhere.appendIn(
      client,
      Array.from({ length: 1_001 }, () => someAppend()),
    );
    await client.query('commit');
    client.release();
    await until(
      () => heard.length,
      (count) => count > 0,
    );
    expect(heard).toEqual([{ position: 1_001, streamIds: null }]);
  });

  it('gone, takes the connection along', async () => {
    const remove = here.onCommit(() => undefined);
    await listening();
    remove();
    await until(listeners, (pids) => pids.length === 0);
  });
});
