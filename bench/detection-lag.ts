import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Pool } from 'pg';
import { openBenchDatabase } from './support/bench-database.js';
import { isJson, option, say } from './support/options.js';
import { freePort, start } from './support/processes.js';
import { machineOf, table, thousands } from './support/report.js';
import { SEED_ENCRYPTION_KEY, seedSubmittedTasks } from './support/seed.js';
import { type Percentiles, Timings } from './support/timings.js';

/*
 * How late the end of a task is found when there are no callbacks: from the moment the provider says "finished" to the
 * verdict in our log. One tenth of the tasks is never answered for. Default settings of the kind `image`: reads after 5 s,
 * then at most 15 s apart.
 *
 * The tasks were submitted before the server starts, so the first round meets all of them due at once, the silent ones
 * among them for the first time: that is the worst case, and it is measured apart. Tasks end evenly over the time of
 * measurement.
 *
 * Usage: npm run bench:lag -- [--tasks 100,1000,10000] [--seconds 30] [--warm 30] [--latency 50] [--concurrency 32]
 * [--json]
 */
const tasksAt = process.argv.indexOf('--tasks');
const SIZES = (tasksAt < 0 ? '100,1000,10000' : process.argv[tasksAt + 1]!).split(',').map(Number);
const SECONDS = option('seconds', 30);
/** From the start of the worker to the first end that is measured. */
const WARM_SECONDS = option('warm', 30);
const LATENCY_MS = option('latency', 50);
const CONCURRENCY = option('concurrency', 32);
const SILENT = 0.1;
const CAP_MS = 15_000;
const GOAL_MS = CAP_MS + 2_000;

interface Line extends Percentiles {
  readonly tasks: number;
  readonly found: number;
  readonly ended: number;
  readonly readsPerSecond: number;
}

const lines: Line[] = [];
let machine: Awaited<ReturnType<typeof machineOf>> | null = null;
for (const size of SIZES) lines.push(await measure(size));

if (isJson)
  process.stdout.write(
    `${JSON.stringify({ at: new Date().toISOString(), machine, latencyMs: LATENCY_MS, lines })}\n`,
  );
else
  process.stdout.write(
    table(
      ['open tasks', 'ended', 'found', 'p50, s', 'p95, s', 'p99, s', 'goal p95, s', 'reads/s'],
      lines.map(({ tasks, ended, found, p50, p95, p99, readsPerSecond }) => [
        thousands(tasks),
        thousands(ended),
        thousands(found),
        ...[p50, p95, p99, GOAL_MS].map((ms) => (ms / 1_000).toFixed(1)),
        thousands(readsPerSecond),
      ]),
    ),
  );
process.exit();

async function measure(size: number): Promise<Line> {
  const database = await openBenchDatabase();
  machine ??= await machineOf(database.pool);
  const folder = await mkdtemp(join(tmpdir(), 'genledger-bench-lag-'));
  const [port, providerPort] = [await freePort(), await freePort()];
  const silent = Math.round(size * SILENT);
  const idOf = (n: number): string => {
    if (n < silent) return `task-hangs-${n}`;
    const share = (n - silent) / (size - silent);
    return `task-ends-${Math.round((WARM_SECONDS + share * SECONDS) * 1_000)}-${n}`;
  };
  // In an order that has nothing to do with when they end.
  const order = Array.from({ length: size }, (_, n) => (n * 7_919) % size);
  await seedSubmittedTasks(database.url, size, () => undefined, {
    providerId: (n) => idOf(order[n]!),
    callback: false,
  });
  say(`${size} tasks seeded`);
  const loader = ['--import', './test/support/typescript.mjs'];
  const provider = await start(
    [...loader, 'bench/servers/lag-provider.ts', String(providerPort), String(LATENCY_MS)],
    'ready',
  );
  const ask = async (path: string): Promise<number> =>
    Number(await (await fetch(`http://127.0.0.1:${providerPort}${path}`)).text());
  const server = await start(['dist/main.js'], 'Genledger is ready', {
    PORT: String(port),
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    APIDOT_API_KEY: 'sk-bench',
    APIDOT_BASE_URL: `http://127.0.0.1:${providerPort}`,
    ENCRYPTION_KEY: SEED_ENCRYPTION_KEY,
    CALLBACK_SECRET: randomBytes(32).toString('hex'),
    STATUS_CONCURRENCY: String(CONCURRENCY),
    LOG_LEVEL: 'error',
    LOG_FORMAT: 'json',
  });
  const startedAt = await ask('/start');
  const readsAtStart = await ask('/reads');
  await pause((WARM_SECONDS + SECONDS) * 1_000);
  const reads = (await ask('/reads')) - readsAtStart;
  // Long enough for any that is found as promised, and for some that are not.
  for (let left = 60; left > 0 && (await openEnding(database.pool)) > 0; left--) await pause(1_000);
  const timings = await lags(database.pool, startedAt);
  await server.stop();
  await provider.stop();
  await database.close();
  await rm(folder, { recursive: true, force: true });
  return {
    tasks: size,
    ended: size - silent,
    found: timings.count,
    readsPerSecond: reads / (WARM_SECONDS + SECONDS),
    ...timings.summary(),
  };
}

/** Tasks that have ended at the provider, or will, and are open here. */
async function openEnding(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from task where status in ('submitted', 'running')
        and facts ->> 'provider_task_id' like 'task-ends-%'`,
  );
  return rows[0]!.n;
}

async function lags(pool: Pool, startedAt: number): Promise<Timings> {
  const { rows } = await pool.query<{ id: string; found: Date }>(
    `select facts ->> 'provider_task_id' as id, completed_at as found from task where status = 'succeeded'`,
  );
  const timings = new Timings();
  for (const { id, found } of rows) timings.add(found.getTime() - (startedAt + Number(id.split('-')[2])));
  return timings;
}
