import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, migrate, startEmbeddedPostgres } from '../src/database/index.js';
import { copyOut } from './support/copy-out.js';
import { cpuMicroseconds, serverCpuMicroseconds } from './support/processes.js';
import { machineOf, placeAndTime } from './support/report.js';
import { seedLog } from './support/seed-log.js';

/*
 * The rebuild and the comparison of the read model, as an operator runs them: a process of its own on a database with so
 * many events. Beside it, in the same run and in alternating order, what it cannot beat: COPY of the events to nowhere.
 *
 * Usage: npm run bench:projections -- [--events 1000000] [--rounds 2] [--cli dist/cli.js] [--json]
 */
const textOption = (name: string, fallback: string): string => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : process.argv[index + 1]!;
};
const EVENTS = Number(textOption('events', '1000000'));
const ROUNDS = Number(textOption('rounds', '2'));
const CLI = textOption('cli', 'dist/cli.js');
const isJson = process.argv.includes('--json');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const SCHEMA = 'genledger';
const folder = await mkdtemp(join(tmpdir(), 'genledger-bench-'));
const database = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
const place = { url: database.url, schema: SCHEMA, statementTimeoutMs: 0 };
await migrate(place);
const pool = createPool(place);
await seedLog(pool, {
  schema: SCHEMA,
  events: EVENTS,
  tell: (written) => say(`seeded ${written}`),
});
await pool.query('analyze');
const { rows: counted } = await pool.query<{ events: number }>('select count(*) as events from event');
const { events } = counted[0]!;

interface Run {
  readonly eventsPerSecond: number;
  /** The most memory the process had at a time, bytes; 0 where it cannot be known. */
  readonly peakBytes: number;
  /** Processor time of the process, without the database's; tells more than the clock on a machine that is shared. */
  readonly cpuUsPerEvent: number;
  /** The same of the database for it. */
  readonly databaseCpuUsPerEvent: number;
  readonly output: Record<string, unknown>;
}

const command = async (name: 'rebuild' | 'verify'): Promise<Run> => {
  const databaseCpuBefore = serverCpuMicroseconds(database.info.pid);
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, 'projections', name, '--json'], {
    env: { ...process.env, DATABASE_URL: database.url, DATABASE_SCHEMA: SCHEMA },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let [peakBytes, cpuUs] = [0, 0];
  const look = (): void => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid!));
    cpuUs = Math.max(cpuUs, cpuOf(child.pid!));
  };
  const watching = setInterval(look, 50);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(watching);
  if (code !== 0) throw new Error(`projections ${name} ended with ${code}: ${said}`);
  const output = [JSON.parse(said) as object].flat()[0] as Record<string, unknown>;
  return {
    eventsPerSecond: (events / (performance.now() - started)) * 1_000,
    peakBytes,
    cpuUsPerEvent: cpuUs / events,
    databaseCpuUsPerEvent: (serverCpuMicroseconds(database.info.pid) - databaseCpuBefore) / events,
    output,
  };
};

const cpuOf = (pid: number): number => {
  try {
    return cpuMicroseconds(pid);
  } catch {
    return 0; // it has ended
  }
};

/** The high-water mark that Linux keeps of a process's memory. */
const peakOf = (pid: number): number => {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
};

const lines = { text: [] as number[], binary: [] as number[], rebuild: [] as Run[], verify: [] as Run[] };
const copies = async (): Promise<void> => {
  for (const format of ['text', 'binary'] as const) {
    const rate = await copyOut(pool, SCHEMA, events, format);
    lines[format].push(rate);
    say(`COPY ${format}: ${Math.round(rate)} events/s`);
  }
};
const rebuilds = async (): Promise<void> => {
  // Autovacuum would have been there since the last one. In the middle of this one it would hold up the exchange.
  await pool.query('vacuum task, task_provider_id');
  const run = await command('rebuild');
  lines.rebuild.push(run);
  say(
    `rebuild: ${Math.round(run.eventsPerSecond)} events/s, ${run.cpuUsPerEvent.toFixed(1)} + ${run.databaseCpuUsPerEvent.toFixed(1)} us of processor time per event, ${mebibytes(run.peakBytes)} MiB ${JSON.stringify(run.output)}`,
  );
};
await copyOut(pool, SCHEMA, events, 'binary'); // into the cache of the database
for (let round = 0; round < ROUNDS; round++) {
  for (const measure of round % 2 === 0 ? [copies, rebuilds] : [rebuilds, copies]) await measure();
}
const verified = await command('verify');
lines.verify.push(verified);
say(`verify: ${Math.round(verified.eventsPerSecond)} events/s, ${mebibytes(verified.peakBytes)} MiB`);

const machine = await machineOf(pool);
await pool.end();
await database.stop();
// The data lies elsewhere where the server's user cannot reach the folder.
for (const path of [database.info.home, folder]) await rm(path, { recursive: true, force: true });

const text = mean(lines.text);
const rebuilt = mean(lines.rebuild.map((run) => run.eventsPerSecond));
const result = {
  events,
  rebuild: Math.round(rebuilt),
  copyText: Math.round(text),
  copyBinary: Math.round(mean(lines.binary)),
  ratioToText: rebuilt / text,
  ratioToBinary: rebuilt / mean(lines.binary),
  rebuildCpuUsPerEvent: mean(lines.rebuild.map(({ cpuUsPerEvent }) => cpuUsPerEvent)),
  rebuildDatabaseCpuUsPerEvent: mean(lines.rebuild.map((run) => run.databaseCpuUsPerEvent)),
  rebuildPeakMiB: mebibytes(Math.max(...lines.rebuild.map(({ peakBytes }) => peakBytes))),
  verify: Math.round(verified.eventsPerSecond),
  verifyPeakMiB: mebibytes(verified.peakBytes),
};
if (isJson) {
  process.stdout.write(
    `${JSON.stringify({ at: new Date().toISOString(), machine, rounds: ROUNDS, ...result })}\n`,
  );
} else {
  process.stdout.write(
    placeAndTime(machine) +
      `| | events/s | of COPY (text) | of COPY (binary) | goal | peak MiB | us of Node + PostgreSQL per event |\n|---|---|---|---|---|---|---|\n` +
      `| rebuild of ${events} | ${result.rebuild} | ${result.ratioToText.toFixed(2)} | ${result.ratioToBinary.toFixed(2)} | 100000, 0.25 | ${result.rebuildPeakMiB} (goal 300) | ${result.rebuildCpuUsPerEvent.toFixed(1)} + ${result.rebuildDatabaseCpuUsPerEvent.toFixed(1)} |\n` +
      `| COPY, text | ${result.copyText} | 1 | | | | |\n| COPY, binary | ${result.copyBinary} | | 1 | | | |\n` +
      `| verify | ${result.verify} | ${(result.verify / text).toFixed(2)} | | | ${result.verifyPeakMiB} | |\n`,
  );
}
process.exit();

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
