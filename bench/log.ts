import 'reflect-metadata';
import { clientConfig } from '../src/database/index.js';
import { Subscriptions } from '../src/event-store/index.js';
import { EventDecoder, ReplayReader } from '../src/event-store/projections/replay-reader.js';
import { uuidv7 } from '../src/shared/ids.js';
import { taskProjection } from '../src/tasks/index.js';
import { openBenchDatabase, SCHEMA } from './support/bench-database.js';
import { copyOut } from './support/copy-out.js';
import { isJson, option, say } from './support/options.js';
import { machineOf, ms, placeAndTime, table, thousands } from './support/report.js';
import { seedLog } from './support/seed-log.js';
import { Timings } from './support/timings.js';

/*
 * Reading the whole log, in order, in one process: page by page as objects; as a subscription, with its checkpoint moved
 * in a transaction per page; as replays read it. Each against COPY of the same columns to the same process, which only
 * counts the bytes.
 *
 * Usage: npm run bench:log -- [--events 200000] [--rounds 3] [--page 1000] [--json]
 */
const EVENTS = option('events', 200_000);
const ROUNDS = option('rounds', 3);
const PAGE = option('page', 1_000);

const database = await openBenchDatabase();
const { pool } = database;
const store = database.openStore();
await seedLog(pool, {
  schema: SCHEMA,
  events: EVENTS,
  tell: (written) => say(`seeded ${thousands(written)} events`),
});
await pool.query(`vacuum analyze ${SCHEMA}.event`);
const { position: head } = await store.head();

/** Reads everything; tells of each page, or of nothing. */
type Read = (pages: Timings) => Promise<void>;

const READS: Readonly<Record<string, Read>> = {
  'COPY, all columns': async () => {
    await copyOut(pool, SCHEMA, head);
  },
  'readLog, page by page': async (pages) => {
    for (let after = 0; ;) {
      const begun = performance.now();
      const { events, next } = await store.readLog({ after, limit: PAGE });
      if (next === after) return;
      if (events.length > 0) pages.add(performance.now() - begun);
      after = next;
    }
  },
  'subscription, page by page': async (pages) => {
    const name = `bench-${uuidv7()}`;
    let begun = performance.now();
    const subscriptions = new Subscriptions(store, {
      schema: SCHEMA,
      connection: clientConfig({ url: database.url, schema: SCHEMA }),
      pool,
    });
    subscriptions.add({
      name,
      pageSize: PAGE,
      handle: () => {
        pages.add(performance.now() - begun);
        begun = performance.now();
        return Promise.resolve();
      },
    });
    await subscriptions.start();
    await subscriptions.waitFor(name, head, 600_000);
    await subscriptions.stop();
  },
  'replay, as rebuilds read': async () => {
    const client = await pool.connect();
    const decoder = new EventDecoder();
    const reader = new ReplayReader(client, SCHEMA, taskProjection.carries);
    await reader.byStream({ after: 0, upTo: head }).read((row) => void decoder.event(row));
    client.release();
  },
};

const perSecond = new Map<string, number[]>();
const pages = new Map<string, Timings>();
for (let round = 0; round <= ROUNDS; round += 1) {
  const order = Object.entries(READS);
  for (const [name, read] of round % 2 === 0 ? order : order.toReversed()) {
    const timings = pages.get(name) ?? new Timings();
    const begun = performance.now();
    await read(round === 0 ? new Timings() : timings);
    const rate = (head / (performance.now() - begun)) * 1_000;
    // The first round warms up.
    if (round === 0) continue;
    pages.set(name, timings);
    perSecond.set(name, [...(perSecond.get(name) ?? []), rate]);
    say(`${name}: ${thousands(rate)} events /s`);
  }
}

const machine = await machineOf(pool);
await store.close();
await database.close();

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const [yardstick] = Object.keys(READS);
const lines = [...perSecond].map(([name, rates]) => ({
  name,
  eventsPerSecond: mean(rates),
  ratio: mean(rates) / mean(perSecond.get(yardstick!)!),
  page: pages.get(name)!.count === 0 ? null : pages.get(name)!.summary(),
}));
if (isJson) {
  const options = { events: head, rounds: ROUNDS, page: PAGE };
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), machine, options, lines })}\n`);
} else {
  process.stdout.write(placeAndTime(machine));
  process.stdout.write(
    table(
      ['', 'events /s', 'share of COPY', 'page p50 / p95 / p99, ms'],
      lines.map(({ name, eventsPerSecond, ratio, page }) => [
        name,
        thousands(eventsPerSecond),
        ratio.toFixed(2),
        page === null ? '' : [page.p50, page.p95, page.p99].map(ms).join(' / '),
      ]),
    ),
  );
}
