import { setImmediate as nextTurn } from 'node:timers/promises';
import { StreamConflictError } from '../../../src/event-store/event-store.errors.js';
import { type StoredEvent } from '../../../src/event-store/event-store.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { expectGapless, openStore, wholeLog } from './open-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let stores: PostgresEventStore[];

beforeEach(async () => {
  database = await createTestDatabase();
  // As several processes: each with its own connection and batches.
  stores = Array.from({ length: 4 }, () => openStore(database));
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

describe('a reader that goes by `position > checkpoint`', () => {
  it('misses nothing while 16 writers of four stores append, some of them in long transactions', async () => {
    const streams = Array.from({ length: 8 }, () => uuidv7());
    let writing = true;
    const seen: StoredEvent[] = [];
    const reading = (async () => {
      for (let after = 0, more = true; more;) {
        const stillWriting = writing;
        const page = await stores[0]!.readLog({ after, limit: 50 });
        seen.push(...page.events);
        more = stillWriting || page.next > after;
        after = page.next;
      }
    })();

    const write = async (writer: number): Promise<void> => {
      const store = stores[writer % 4]!;
      for (let i = 0; i < 40; i += 1) {
        const request = someAppend({
          streamId: streams[(writer + i) % streams.length]!,
          expected: 'any',
          events: Array.from({ length: 1 + (i % 3) }, () => someEvent()),
        });
        if (writer % 8 !== 0 || i % 4 !== 0) await store.append(request);
        else {
          const client = await database.pool.connect();
          await client.query('begin');
          await store.appendIn(client, [request]);
          await nextTurn();
          await client.query(i % 8 === 0 ? 'commit' : 'rollback');
          client.release();
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
    writing = false;
    await reading;

    const log = await wholeLog(stores[0]!);
    expectGapless(log);
    expect(log.length).toBeGreaterThan(1_000);
    expect(seen.map((event) => event.id)).toEqual(log.map((event) => event.id));
  });
});

describe('stores of several processes', () => {
  it('let exactly one writer through per version', async () => {
    const streamId = uuidv7();
    const won = new Map<number, number>();
    const write = async (store: PostgresEventStore): Promise<void> => {
      for (let expected = 0; expected < 30;) {
        try {
          const { version } = await store.append(someAppend({ streamId, expected }));
          won.set(version, (won.get(version) ?? 0) + 1);
          expected = version;
        } catch (error) {
          if (!(error instanceof StreamConflictError)) throw error;
          expected = error.actual;
        }
      }
    };
    await Promise.all(stores.flatMap((store) => [write(store), write(store)]));
    const versions = (await stores[0]!.readStream(streamId)).map((event) => event.version);
    expect([...won.keys()].sort((a, b) => a - b)).toEqual(versions);
    expect([...won.values()].every((count) => count === 1)).toBe(true);
  });

  it('write a request once that all of them send at the same time', async () => {
    const requests = Array.from({ length: 20 }, () => someAppend());
    const results = await Promise.all(
      requests.map((request) => Promise.all(stores.map((store) => store.append(request)))),
    );
    for (const answers of results) {
      expect(answers.filter((answer) => !answer.duplicate)).toHaveLength(1);
      expect(new Set(answers.map((answer) => answer.firstPosition)).size).toBe(1);
    }
    expect(await wholeLog(stores[0]!)).toHaveLength(20);
  });
});
