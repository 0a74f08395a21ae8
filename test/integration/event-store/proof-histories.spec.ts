import fc from 'fast-check';
import pg from 'pg';
import { type AppendRequest, type ExpectedVersion } from '../../../src/event-store/event-store.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { streamShard, type Subscriptions } from '../../../src/event-store/subscriptions/index.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidFrom, uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { LossyProxy } from './lossy-proxy.js';
import { openStore } from './open-store.js';
import {
  breakFunction,
  contradictions,
  logBehind,
  type Testimony,
  testify,
  unlike,
} from './proof.support.js';
import { caughtUp, Ledger, openSubscriptions } from './subscriptions.support.js';

/*
 * Several processes write the same few streams, in any mixture of appends, repetitions, transactions of callers, killed
 * connections and lost answers. Afterwards the log is what the writers were told, and each subscriber was given the log.
 */

const STORES = 3;
const STREAMS = 4;

interface Wish {
  readonly stream: number;
  readonly expected: ExpectedVersion;
  readonly events: number;
}

/** Those of one step happen at once. */
type Action =
  | { readonly kind: 'append'; readonly store: number; readonly wish: Wish }
  /** An earlier request, by whoever made it. */
  | { readonly kind: 'again'; readonly store: number; readonly earlier: number }
  | { readonly kind: 'transaction'; readonly wishes: readonly Wish[]; readonly end: End }
  | { readonly kind: 'kill an append connection'; readonly which: number }
  | { readonly kind: 'lose an answer' };
/** Lost: the answer to the commit. */
type End = 'commit' | 'rollback' | 'killed' | 'lost';

const wish: fc.Arbitrary<Wish> = fc.record({
  stream: fc.nat(STREAMS - 1),
  expected: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom<ExpectedVersion>('any') },
    fc.constantFrom<ExpectedVersion>('none', 'exists'),
    fc.nat(8),
  ),
  events: fc.integer({ min: 1, max: 3 }),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), store: fc.nat(STORES - 1), wish }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('again' as const),
      store: fc.nat(STORES - 1),
      earlier: fc.nat(40),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('transaction' as const),
      wishes: fc.uniqueArray(wish, { selector: ({ stream }) => stream, minLength: 1, maxLength: 3 }),
      end: fc.constantFrom<End>('commit', 'commit', 'rollback', 'killed', 'lost'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('kill an append connection' as const),
      which: fc.nat(STORES - 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose an answer' as const) }) },
);
const history = fc.array(fc.array(action, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 });

let database: TestDatabase;
let proxy: LossyProxy;
let stores: PostgresEventStore[];
let ledger: Ledger;
let watching: Subscriptions;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = new LossyProxy(new URL(database.url));
  await proxy.open();
  // As several processes; one of them, and all transactions, by way of a network that loses answers.
  stores = Array.from({ length: STORES }, (_, n) =>
    openStore(database, n === 0 ? { connection: { connectionString: proxy.url } } : {}),
  );
  ledger = new Ledger(database);
  await ledger.create();
  watching = openSubscriptions(database, stores[1]!, []);
});
afterAll(async () => {
  await watching.stop();
  await Promise.all(stores.map((store) => store.close()));
  await proxy.close();
  await database.drop();
});

/** One history, with streams and subscribers of its own. */
class Run {
  private readonly name = uuidv7();
  private readonly made: AppendRequest[] = [];
  private readonly testimonies: Testimony[] = [];

  async play(steps: readonly (readonly Action[])[]): Promise<string[]> {
    const start = (await stores[1]!.head()).position;
    const subscribers = this.subscribers(start);
    await subscribers.start();
    for (const step of steps) await Promise.all(step.map((what) => this.act(what)));

    const log = await logBehind(stores[1]!, start);
    const [whole, halves] = [`whole-${this.name}`, `halves-${this.name}`];
    for (const name of [whole, halves]) await caughtUp(watching, stores[1]!, name);
    await subscribers.stop();
    const shard = (of: readonly { streamId: string; position: number; version: number }[], n: number) =>
      of.filter(({ streamId }) => streamShard(streamId, 2) === n);
    const given = await ledger.entries(halves);
    return [
      ...(await contradictions({ database, store: stores[1]!, start, testimonies: this.testimonies })),
      ...unlike(whole, await ledger.entries(whole), log),
      ...[0, 1].flatMap((n) => unlike(`${halves}/${n}`, shard(given, n) as never, shard(log, n))),
    ];
  }

  private subscribers(start: number): Subscriptions {
    const startAt = { after: start };
    return openSubscriptions(
      database,
      stores[2]!,
      [
        ledger.subscription(`whole-${this.name}`, { startAt, pageSize: 7, attempts: 100 }),
        ledger.subscription(`halves-${this.name}`, { startAt, pageSize: 3, attempts: 100, shards: 2 }),
      ],
      { pollMs: 20 },
    );
  }

  private async act(what: Action): Promise<void> {
    switch (what.kind) {
      case 'append':
        return this.append(what.store, this.request(what.wish));
      case 'again': {
        const earlier = this.made[what.earlier % Math.max(1, this.made.length)];
        return earlier && this.append(what.store, earlier);
      }
      case 'transaction':
        return this.transaction(
          what.wishes.map((one) => this.request(one)),
          what.end,
        );
      case 'kill an append connection':
        await database.pool.query(
          `select pg_terminate_backend(pid) from (
             select pid from pg_stat_activity
              where datname = current_database() and application_name = 'genledger append'
              order by pid offset $1 limit 1) one`,
          [what.which],
        );
        return;
      case 'lose an answer':
        void proxy.loseNextAnswer();
    }
  }

  private async append(store: number, request: AppendRequest): Promise<void> {
    this.testimonies.push(await testify(request, stores[store]!.append(request)));
  }

  private async transaction(requests: readonly AppendRequest[], end: End): Promise<void> {
    const client = new pg.Client({ connectionString: end === 'lost' ? proxy.url : database.url });
    client.on('error', () => undefined);
    let is: 'not stored' | 'unknown' = 'not stored';
    try {
      await client.connect();
      await client.query('begin');
      const results = await stores[1]!.appendIn(client, requests);
      if (end === 'killed') await client.query('select pg_terminate_backend(pg_backend_pid())');
      if (end === 'rollback') await client.query('rollback');
      if (end === 'rollback' || end === 'killed') throw new Error('It ends here.');
      is = 'unknown';
      if (end === 'lost') void proxy.loseNextAnswer();
      await client.query('commit');
      requests.forEach((request, n) =>
        this.testimonies.push({ request, outcome: { is: 'stored', result: results[n]! } }),
      );
    } catch {
      requests.forEach((request) => this.testimonies.push({ request, outcome: { is } }));
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private request({ stream, expected, events }: Wish): AppendRequest {
    const request = someAppend({
      streamId: uuidFrom('stream', this.name, String(stream)),
      expected,
      events: Array.from({ length: events }, () => someEvent()),
      owner: `${stream % 2 === 0 ? 'even' : 'odd'} ${this.name}`,
    });
    this.made.push(request);
    return request;
  }
}

const soundLog = fc.asyncProperty(history, async (steps) => {
  expect(await new Run().play(steps)).toEqual([]);
});

it('any history of appends, transactions, kills and lost answers leaves the log that the writers were told', async () => {
  await fc.assert(soundLog, { numRuns: 25, interruptAfterTimeLimit: 12_000, endOnFailure: true });
}, 60_000);

it('finds it out when a repetition is stored again', async () => {
  await breakFunction(database, 'append_events', 'where u.actual > greatest(u.expected, 0)', 'where false');
  const { errorInstance } = await fc.check(soundLog, {
    numRuns: 100,
    interruptAfterTimeLimit: 15_000,
    endOnFailure: true,
  });
  expect(String(errorInstance)).toContain('is stored twice');
}, 60_000);
