import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openBenchDatabase, SCHEMA } from './support/bench-database.js';
import { closedLoop, type LoopResult } from './support/closed-loop.js';
import { copyOut } from './support/copy-out.js';
import { isJson, option, say } from './support/options.js';
import { serverCpuMicroseconds } from './support/processes.js';
import { machineOf, ms, placeAndTime, table, thousands } from './support/report.js';
import { seedLog } from './support/seed-log.js';
import { makeLives } from './support/task-lives.js';

/*
 * Does a large log cost more? One log that grows: at each size COPY of the log, a rebuild of the read model in a process of
 * its own, which also makes the rows of what was seeded, and appends by one caller and by many.
 *
 * Usage: npm run bench:size -- [--events 1000000] [--seconds 5] [--callers 64] [--json]
 */
const EVENTS = option('events', 1_000_000);
const SECONDS = option('seconds', 5);
const CALLERS = option('callers', 64);
const SIZES = [10_000, 1_000_000, 5_000_000].filter((size) => size <= EVENTS);
/** More than can be done, so that time ends a measurement. */
const APPENDS_PER_SECOND = { 1: 4_000, many: 30_000 };
const REBUILD = fileURLToPath(new URL('./servers/rebuild.mjs', import.meta.url));

interface Rebuilt {
  readonly events: number;
  readonly seconds: number;
  readonly mebibytes: number;
  /** Processor time of the process and of the database for it. */
  readonly cpuUsPerEvent: number;
  readonly databaseCpuUsPerEvent: number;
  /** COPY TO STDOUT of the same events takes this share of the time. */
  readonly shareOfCopy: number;
}
interface Line {
  readonly events: number;
  readonly alone: LoopResult;
  readonly many: LoopResult;
  readonly rebuild: Rebuilt;
}

const database = await openBenchDatabase();
const { pool } = database;
const store = database.openStore();
const append = (callers: number, seconds: number, appends: number): Promise<LoopResult> =>
  closedLoop(callers, seconds, makeLives(appends).values(), ({ request }) => store.append(request));

const measureRebuild = async (): Promise<Rebuilt> => {
  const { position } = await store.head();
  await copyOut(pool, SCHEMA, position); // into the cache
  const copied = await copyOut(pool, SCHEMA, position);
  const cpuBefore = serverCpuMicroseconds(database.postmaster);
  const { stdout } = await promisify(execFile)(process.execPath, [REBUILD, database.url, SCHEMA]);
  const told = JSON.parse(stdout) as Pick<Rebuilt, 'events' | 'seconds' | 'mebibytes' | 'cpuUsPerEvent'>;
  return {
    ...told,
    databaseCpuUsPerEvent: (serverCpuMicroseconds(database.postmaster) - cpuBefore) / told.events,
    shareOfCopy: told.events / told.seconds / copied,
  };
};

// Warms up, with fewer events than the smallest size.
await append(CALLERS, SECONDS, 5_000);
const lines: Line[] = [];
for (const size of SIZES) {
  const { position } = await store.head();
  const missing = size - position;
  if (missing > 0)
    await seedLog(pool, {
      schema: SCHEMA,
      events: missing,
      tell: (written) => say(`seeded ${thousands(position + written)} events`),
    });
  const rebuilt = await measureRebuild();
  // What a server that grew to this size would have behind it, and what would else run into the measurement.
  await pool.query('vacuum analyze');
  await pool.query('checkpoint');
  const before = await store.head();
  const alone = await append(1, SECONDS, SECONDS * APPENDS_PER_SECOND[1]);
  const many = await append(CALLERS, SECONDS, SECONDS * APPENDS_PER_SECOND.many);
  lines.push({ events: before.position, alone, many, rebuild: rebuilt });
  say(
    `${thousands(before.position)} events: ${thousands(many.appendsPerSecond)} appends /s, ` +
      `rebuild ${thousands(rebuilt.events / rebuilt.seconds)} events /s`,
  );
}

const machine = await machineOf(pool);
await store.close();
await database.close();

const [first, last] = [lines[0]!, lines.at(-1)!];
const growth = {
  appendCost: first.many.appendsPerSecond / last.many.appendsPerSecond,
  p50: last.many.p50 / first.many.p50,
  p50Alone: last.alone.p50 / first.alone.p50,
};
if (isJson) {
  const options = { events: EVENTS, seconds: SECONDS, callers: CALLERS };
  process.stdout.write(
    `${JSON.stringify({ at: new Date().toISOString(), machine, options, lines, growth })}\n`,
  );
} else {
  const times = ({ p50, p95, p99 }: LoopResult): string => [p50, p95, p99].map(ms).join(' / ');
  process.stdout.write(placeAndTime(machine));
  process.stdout.write(
    table(
      [
        'events',
        '1 caller p50 / p95 / p99, ms',
        `${CALLERS} callers /s`,
        'p50 / p95 / p99, ms',
        'rebuild, events /s',
        'share of COPY',
        'Node + PostgreSQL, us per event',
        'memory, MiB',
      ],
      lines.map(({ events, alone, many, rebuild }) => [
        thousands(events),
        times(alone),
        thousands(many.appendsPerSecond),
        times(many),
        thousands(rebuild.events / rebuild.seconds),
        rebuild.shareOfCopy.toFixed(2),
        `${rebuild.cpuUsPerEvent.toFixed(1)} + ${rebuild.databaseCpuUsPerEvent.toFixed(1)}`,
        thousands(rebuild.mebibytes),
      ]),
    ),
  );
  process.stdout.write(
    `\nFrom ${thousands(first.events)} to ${thousands(last.events)} events an append costs ` +
      `${growth.appendCost.toFixed(2)} times as much (goal: at most 1.3 at 5 million), ` +
      `p50 ${growth.p50.toFixed(2)}, for one caller ${growth.p50Alone.toFixed(2)}.\n`,
  );
}
