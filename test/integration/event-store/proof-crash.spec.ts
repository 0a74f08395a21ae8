import pg from 'pg';
import { type AppendRequest } from '../../../src/event-store/event-store.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { OwnPostgres } from '../../support/own-postgres.js';
import { openStore } from './open-store.js';
import { contradictions, logBehind, type Testimony, testify, unlike } from './proof.support.js';
import { caughtUp, Ledger, openSubscriptions } from './subscriptions.support.js';

/*
 * PostgreSQL ends under load, without a checkpoint and without a goodbye. What was acknowledged before is there after, once;
 * who was not answered finds out by sending the same again.
 */

const STREAMS = Array.from({ length: 6 }, () => uuidv7());
const BEFORE = 300;
const AFTER = 200;

let own: OwnPostgres;
let stores: PostgresEventStore[];

beforeAll(async () => {
  own = await OwnPostgres.start({ durable: true });
  stores = [0, 1].map(() => openStore(database(), { retryForMs: 30_000 }));
}, 60_000);
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await own.remove();
}, 60_000);

const database = () => ({ url: own.url, schema: own.schema, pool: own.pool, drop: () => own.remove() });

it('stopped in immediate mode under load, it holds what the writers were told, and subscribers go on', async () => {
  const ledger = new Ledger(database());
  await ledger.create();
  const subscriptions = openSubscriptions(database(), stores[0]!, [
    ledger.subscription('reader', { pageSize: 20, attempts: 100 }),
  ]);
  await subscriptions.start();

  const testimonies: Testimony[] = [];
  let told = () => undefined as void;
  const acknowledged = (count: number): Promise<void> =>
    new Promise((resolve) => (told = () => testimonies.length >= count && resolve()));
  let isOver = false;
  const testifyTo = (testimony: Testimony): void => {
    testimonies.push(testimony);
    told();
  };
  const request = (n: number): AppendRequest =>
    someAppend({
      streamId: STREAMS[n % STREAMS.length]!,
      expected: 'any',
      events: Array.from({ length: 1 + (n % 3) }, () => someEvent()),
    });

  const write = async (writer: number): Promise<void> => {
    for (let n = writer; !isOver; n += 1) {
      const wanted = request(n);
      testifyTo(await testify(wanted, stores[n % 2]!.append(wanted)));
    }
  };
  /** In transactions of its own, which nobody sends again. */
  const transact = async (): Promise<void> => {
    for (let n = 0; !isOver; n += 1) {
      const wanted = [request(n), request(n + 1)];
      const client = new pg.Client({ connectionString: own.url });
      client.on('error', () => undefined);
      let is: 'not stored' | 'unknown' = 'not stored';
      try {
        await client.connect();
        await client.query('begin');
        const results = await stores[0]!.appendIn(client, wanted);
        is = 'unknown';
        await client.query('commit');
        wanted.forEach((one, i) =>
          testifyTo({ request: one, outcome: { is: 'stored', result: results[i]! } }),
        );
      } catch {
        wanted.forEach((one) => testimonies.push({ request: one, outcome: { is } }));
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  };

  const enough = acknowledged(BEFORE);
  const writers = [...Array.from({ length: 12 }, (_, n) => write(n)), transact()];
  await enough;
  await own.crash();
  const before = testimonies.length;
  await own.restart();
  await acknowledged(before + AFTER);
  isOver = true;
  await Promise.all(writers);

  const sentAgain = testimonies.filter(({ outcome }) => outcome.is === 'unknown');
  for (const { request: unknown } of sentAgain)
    testimonies.push(await testify(unknown, stores[1]!.append(unknown)));

  expect(await contradictions({ database: database(), store: stores[1]!, testimonies })).toEqual([]);
  await caughtUp(subscriptions, stores[0]!, 'reader');
  expect(unlike('reader', await ledger.entries('reader'), await logBehind(stores[0]!, 0))).toEqual([]);
  await subscriptions.stop();
}, 60_000);
