import fc from 'fast-check';
import type pg from 'pg';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import {
  streamShard,
  type Subscription,
  type Subscriptions,
} from '../../../src/event-store/subscriptions/index.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidFrom, uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore } from './open-store.js';
import { caughtUp, Ledger, openSubscriptions } from './subscriptions.support.js';

/*
 * Whatever happens to the workers, each shard's ledger, written in the transactions of its pages, is the log.
 */

/** What becomes of one call of the handler. */
type Fate = 'fine' | 'throws first' | 'throws last' | 'killed first' | 'killed last' | 'restarted';

interface Run {
  /** Appends of one step are sent at once; stream and number of events of each. */
  readonly history: readonly (readonly { readonly stream: number; readonly events: number }[])[];
  readonly pageSize: number;
  readonly shards: number;
  readonly workers: number;
  /** Of the calls in order; the others are fine. */
  readonly fates: readonly Fate[];
}

const run: fc.Arbitrary<Run> = fc.record({
  history: fc.array(
    fc.array(fc.record({ stream: fc.nat(5), events: fc.integer({ min: 1, max: 4 }) }), {
      minLength: 1,
      maxLength: 5,
    }),
    { minLength: 1, maxLength: 6 },
  ),
  pageSize: fc.integer({ min: 1, max: 9 }),
  shards: fc.integer({ min: 1, max: 4 }),
  workers: fc.integer({ min: 1, max: 3 }),
  fates: fc.array(
    fc.constantFrom<Fate>('fine', 'throws first', 'throws last', 'killed first', 'killed last', 'restarted'),
    { maxLength: 12 },
  ),
});

let database: TestDatabase;
let store: PostgresEventStore;
let ledger: Ledger;
/** A process without work of its own, which no restart ends. */
let watching: Subscriptions;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore(database);
  ledger = new Ledger(database);
  await ledger.create();
  watching = openSubscriptions(database, store, []);
});
afterAll(async () => {
  await watching.stop();
  await store.close();
  await database.drop();
});

/** One run, with streams and a subscription of its own. Answers both sides of the equation. */
const play = async ({ history, pageSize, shards, workers, fates }: Run) => {
  const name = `run-${uuidv7()}`;
  const start = (await store.head()).position;
  const left = [...fates];
  const restarts: Promise<void>[] = [];

  const kill = (transaction: pg.ClientBase) =>
    transaction.query('select pg_terminate_backend(pg_backend_pid())');
  const declared = (self: () => Worker): Subscription => ({
    name,
    shards,
    pageSize,
    startAt: { after: start },
    // No fate lasts so long that a stream would be parked.
    attempts: 100,
    handle: async (events, transaction) => {
      const fate = left.shift() ?? 'fine';
      if (fate === 'killed first') await kill(transaction);
      if (fate === 'throws first') throw new Error(fate);
      await ledger.enter(name, events, transaction);
      if (fate === 'restarted') restarts.push(self().restart());
      if (fate === 'killed last') await kill(transaction);
      if (fate === 'throws last') throw new Error(fate);
    },
  });
  const all = await Promise.all(Array.from({ length: workers }, () => Worker.start(declared)));

  for (const step of history) {
    await Promise.all(
      step.map(({ stream, events }) =>
        store.append(
          someAppend({
            streamId: uuidFrom(name, String(stream)),
            expected: 'any',
            events: Array.from({ length: events }, () => someEvent()),
          }),
        ),
      ),
    );
  }
  await caughtUp(watching, store, name);
  for (let settled = 0; settled < restarts.length; settled += 1) await restarts[settled];
  await Promise.all(all.map((worker) => worker.subscriptions.stop()));

  const log: { position: number; streamId: string }[] = [];
  for (let after = start; ;) {
    const page = await store.readLog({ after, limit: 1_000 });
    log.push(...page.events);
    if (page.next === after) break;
    after = page.next;
  }
  const byShard = (events: readonly { position: number; streamId: string }[]) =>
    Array.from({ length: shards }, (_, shard) =>
      events.filter((event) => streamShard(event.streamId, shards) === shard).map((event) => event.position),
    );
  return { handled: byShard(await ledger.entries(name)), written: byShard(log) };
};

/** A process that can be replaced by another: what it has in hand is rolled back. */
class Worker {
  subscriptions!: Subscriptions;
  private restarting: Promise<void> | null = null;

  private constructor(private readonly declared: (self: () => Worker) => Subscription) {}

  static async start(declared: (self: () => Worker) => Subscription): Promise<Worker> {
    const worker = new Worker(declared);
    await worker.begin();
    return worker;
  }

  /** Once at a time, although several shards may ask for it. */
  restart(): Promise<void> {
    this.restarting ??= this.subscriptions
      .stop()
      .then(() => this.begin())
      .finally(() => (this.restarting = null));
    return this.restarting;
  }

  private async begin(): Promise<void> {
    const declared = [this.declared(() => this)];
    const options = { leaseMs: 500, pollMs: 20, stopWithinMs: 0 };
    this.subscriptions = openSubscriptions(database, store, declared, options);
    await this.subscriptions.start();
  }
}

const exactlyOnce = (numRuns: number) =>
  fc.assert(
    fc.asyncProperty(run, async (made) => {
      const { handled, written } = await play(made);
      expect(handled).toEqual(written);
    }),
    { numRuns, interruptAfterTimeLimit: 60_000 },
  );

it('any history, page size and misfortune: each shard is handled exactly once and in order', async () => {
  await exactlyOnce(60);
}, 90_000);

it('shows it when a page is committed without its checkpoint', async () => {
  // Nobody reaches the head then, so the run is cut short: one page, seen twice.
  const subscription = { ...ledger.subscription('twice'), startAt: 'now' as const };
  const subscriptions = openSubscriptions(database, store, [subscription]);
  await subscriptions.start();
  await database.pool.query(
    `create or replace function move_checkpoint(
       p_subscription text, p_shard int, p_epoch bigint, p_from bigint, p_to bigint, p_chain bytea, p_page text
     ) returns void language sql as 'select'`,
  );
  const { lastPosition } = await store.append(someAppend());
  await subscriptions.waitFor('twice', lastPosition, 200).catch(() => undefined);
  await subscriptions.stop();
  const again = openSubscriptions(database, store, [subscription]);
  await again.start();
  await again.waitFor('twice', lastPosition, 500).catch(() => undefined);
  await again.stop();
  expect((await ledger.positions('twice')).length).toBeGreaterThan(1);
});
