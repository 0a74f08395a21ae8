import 'reflect-metadata';
import { type Pool } from 'pg';
import { type Lane } from '../src/tasks/domain/plan-wake.js';
import { CLAIM_SUBMITS } from '../src/tasks/saga/submit-claims.js';
import { CLAIM_CALLS, TimerStore } from '../src/tasks/saga/timer-store.js';
import { openBenchDatabase } from './support/bench-database.js';
import { isJson, option, say } from './support/options.js';
import { machineOf, ms, table, thousands } from './support/report.js';
import { type Percentiles, Timings } from './support/timings.js';

/*
 * What it costs to claim due work, with 10 thousand to 1 million open tasks. One tenth of them waits to be submitted and
 * is due, half of that of one noisy owner; the others are polled, one in a thousand is due now. The rows were changed
 * since the statistics were made, as in real life.
 *
 * Usage: npm run bench:claims -- [--sizes 10000,100000,1000000] [--claims 200] [--json]
 */
const sizesAt = process.argv.indexOf('--sizes');
const SIZES = (sizesAt < 0 ? '10000,100000,1000000' : process.argv[sizesAt + 1]!).split(',').map(Number);
const CLAIMS = option('claims', 200);

const OWNERS = 1_000;
/** As many as one process asks for at once by default. */
const LIMIT = 16;
const LEASE_MS = 60_000;
const MEASURED: readonly Lane[] = ['submit', 'poll'];

interface Line extends Percentiles {
  readonly size: number;
  readonly lane: Lane;
  /** Pages of PostgreSQL (8 KiB) that one claim looks at. */
  readonly pages: number;
  /** Pieces of work that one claim brought. */
  readonly brought: number;
}

const database = await openBenchDatabase();
const { pool } = database;
const machine = await machineOf(pool);
const lines: Line[] = [];
for (const size of SIZES) {
  await fill(pool, size);
  say(`${size} timers`);
  for (const lane of MEASURED) {
    const timers = new TimerStore(pool);
    await claimTimes(timers, lane, 20);
    const { timings, claimed } = await claimTimes(timers, lane, CLAIMS);
    const pages = await pagesOf(pool, lane);
    lines.push({ size, lane, ...timings.summary(), pages, brought: claimed / CLAIMS });
  }
}
await database.close();

if (isJson)
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), machine, limit: LIMIT, lines })}\n`);
else
  process.stdout.write(
    table(
      ['open tasks', 'lane', 'p50, ms', 'p95, ms', 'pages per claim', 'brought'],
      lines.map(({ size, lane, p50, p95, pages, brought }) => [
        thousands(size),
        lane,
        ms(p50),
        ms(p95),
        String(pages),
        brought.toFixed(1),
      ]),
    ),
  );
process.exit();

async function fill(into: Pool, size: number): Promise<void> {
  await into.query('truncate task_timer');
  await into.query(
    `insert into task_timer (task_id, owner, model, version, lane, due_at, clock_at, checks, misses, epoch)
     select gen_random_uuid(),
            case when n % 20 = 0 then 'noisy' else 'owner-' || (n::bigint * 7919 % ${OWNERS}) end, 'gpt-image-2', 2,
            case when n % 10 = 0 then 'submit' else 'poll' end,
            case when n % 10 = 0 or n % 1000 = 1 then clock_timestamp() - random() * interval '1 minute'
                 else clock_timestamp() + interval '1 hour' + random() * interval '1 minute' end,
            clock_timestamp() + interval '1 day', 0, 0, 1
       from generate_series(1, $1) n`,
    [size],
  );
  await into.query('vacuum analyze task_timer');
  // Half of the polls have been claimed and put back since.
  await into.query(
    `update task_timer set due_at = due_at + interval '1 second', epoch = epoch + 1
      where lane = 'poll' and due_at > clock_timestamp() and hashtext(task_id::text) % 2 = 0`,
  );
}

/** Claims in a row. What was claimed is put back, due again. */
async function claimTimes(timers: TimerStore, lane: Lane, count: number) {
  const timings = new Timings();
  let claimed = 0;
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    const claims = await timers.claim(lane, LIMIT, LEASE_MS);
    timings.add(performance.now() - start);
    claimed += claims.length;
    const touches = claims.map(({ taskId, epoch, checks, misses }) => ({
      taskId,
      epoch,
      lane,
      inMs: 0,
      checks,
      misses,
      checked: false,
    }));
    await timers.touch(touches);
  }
  return { timings, claimed };
}

/** Looked at by one claim, by the plan that the prepared statement has too. */
async function pagesOf(from: Pool, lane: Lane): Promise<number> {
  const client = await from.connect();
  try {
    await client.query('begin');
    const [text, values] =
      lane === 'submit'
        ? [CLAIM_SUBMITS, [LIMIT, LEASE_MS, 'owner-5', 128, null]]
        : [CLAIM_CALLS, [lane, LIMIT, LEASE_MS, 'owner-5', 128]];
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
      `explain (analyze, buffers, format json) ${text}`,
      values,
    );
    const { Plan: plan } = rows[0]!['QUERY PLAN'][0];
    return plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!;
  } finally {
    await client.query('rollback');
    client.release();
  }
}
