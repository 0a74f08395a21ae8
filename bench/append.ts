import 'reflect-metadata';
import { openBenchDatabase } from './support/bench-database.js';
import { closedLoop, type LoopResult } from './support/closed-loop.js';
import { Emmett } from './support/emmett.js';
import { isJson, option, say } from './support/options.js';
import { RawCeiling } from './support/raw-ceiling.js';
import { machineOf, ms, table, thousands } from './support/report.js';
import { SingleInsert } from './support/single-insert.js';
import { makeLives, type TaskLife } from './support/task-lives.js';
import { type PreparedAppend } from '../src/event-store/prepared-append.js';

/*
 * Appends: ours, with hash chain, read model and timers, against emmett on PostgreSQL with the same events; against the
 * same rows written without any check; and, for one caller, against one INSERT with its commit. And ours without the rows,
 * which is what emmett does: events, versions, and the hash chain that it has not. All on one PostgreSQL that waits for the
 * disk, in the same run, in alternating order.
 *
 * Usage: npm run bench:append -- [--seconds 2] [--rounds 3] [--pool 20] [--json]
 */
const SECONDS = option('seconds', 2);
const ROUNDS = option('rounds', 3);
/** Connections of emmett. */
const POOL = option('pool', 20);
const CALLERS = [1, 16, 64, 256];
/** More than a side can do, so that time ends a round; what is prepared must be kept in memory. */
const APPENDS_PER_SECOND: Readonly<Record<number, number>> = {
  1: 4_000,
  16: 20_000,
  64: 30_000,
  256: 40_000,
};
const WARM_UP_SECONDS = 1;

const database = await openBenchDatabase();
const store = database.openStore();
const emmett = await Emmett.open(database.url, POOL);
const single = await SingleInsert.open(database.url);
const raw = await RawCeiling.open(database.url);

type Append = (prepared: PreparedAppend) => Promise<unknown>;
const ours: Append = ({ request }) => store.append(request);
/** No read model, no timers, no ids of the provider. */
const logAlone: Append = ({ request }) => store.append({ ...request, document: null });
const SIDES: Readonly<Record<Side, Append>> = {
  ours,
  log: logAlone,
  emmett: (prepared) => emmett.append(prepared),
  insert: (prepared) => single.append(prepared),
};
type Side = 'ours' | 'log' | 'emmett' | 'insert';

const measure = async (side: Side, callers: number, seconds: number, lives: readonly TaskLife[]) =>
  closedLoop(callers, seconds, lives.values(), SIDES[side]);

say('warming up');
const toWarmUp = makeLives(WARM_UP_SECONDS * APPENDS_PER_SECOND[64]!);
await measure('ours', 64, WARM_UP_SECONDS, toWarmUp);
await measure('log', 64, WARM_UP_SECONDS, makeLives(WARM_UP_SECONDS * APPENDS_PER_SECOND[64]!));
await measure('emmett', 64, WARM_UP_SECONDS, toWarmUp);
await measure('insert', 1, WARM_UP_SECONDS, toWarmUp);
await raw.run(WARM_UP_SECONDS, toWarmUp);

interface Line {
  readonly callers: number;
  readonly ours: LoopResult;
  readonly log: LoopResult;
  readonly emmett: LoopResult;
  readonly ratio: number;
}
const lines: Line[] = [];
const inserts: LoopResult[] = [];
const ceilings: number[] = [];
for (const callers of CALLERS) {
  const results: Record<Side, LoopResult[]> = { ours: [], log: [], emmett: [], insert: inserts };
  const sides: Side[] = callers === 1 ? ['emmett', 'insert', 'log', 'ours'] : ['emmett', 'log', 'ours'];
  for (let round = 0; round < ROUNDS; round += 1) {
    // The same appends for every side.
    const lives = makeLives(SECONDS * APPENDS_PER_SECOND[callers]!);
    // Except that ours is one log: the second time they would be repeats.
    const others = makeLives(SECONDS * APPENDS_PER_SECOND[callers]!);
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const result = await measure(side, callers, SECONDS, side === 'log' ? others : lives);
      results[side].push(result);
      const { appendsPerSecond, p50, p99 } = result;
      say(`${callers} callers, ${side}: ${thousands(appendsPerSecond)} /s, p50 ${ms(p50)} p99 ${ms(p99)} ms`);
    }
    if (callers === CALLERS.at(-1)) {
      const { appendsPerSecond } = await raw.run(SECONDS, lives);
      ceilings.push(appendsPerSecond);
      say(`raw SQL: ${thousands(appendsPerSecond)} /s`);
    }
  }
  const [mine, theirs] = [mean(results.ours), mean(results.emmett)];
  const ratio = mine.appendsPerSecond / theirs.appendsPerSecond;
  lines.push({ callers, ours: mine, log: mean(results.log), emmett: theirs, ratio });
}

const machine = await machineOf(database.pool);
await Promise.all([store.close(), emmett.close(), single.close(), raw.close()]);
await database.close();

const insert = mean(inserts);
const [alone] = lines;
const most = lines.at(-1)!;
const ceiling = average(ceilings);
const goals = [
  { name: '64 callers, times emmett', goal: 8, is: lines.find(({ callers }) => callers === 64)!.ratio },
  { name: '256 callers, times emmett', goal: 10, is: most.ratio },
  { name: '256 callers, share of raw SQL', goal: 0.35, is: most.ours.appendsPerSecond / ceiling },
  { name: '1 caller, p50 in INSERTs (at most)', goal: 1.3, is: alone!.ours.p50 / insert.p50 },
];

if (isJson) {
  const options = { seconds: SECONDS, rounds: ROUNDS, pool: POOL };
  const report = {
    at: new Date().toISOString(),
    machine,
    options,
    lines,
    insert,
    rawPerSecond: ceiling,
    goals,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
} else {
  const times = ({ p50, p95, p99 }: LoopResult): string => [p50, p95, p99].map(ms).join(' / ');
  process.stdout.write(
    table(
      [
        'callers',
        'ours /s',
        'emmett /s',
        'ratio',
        'log alone /s',
        'ratio',
        'ours p50 / p95 / p99, ms',
        'emmett p50 / p95 / p99, ms',
      ],
      lines.map((line) => [
        String(line.callers),
        thousands(line.ours.appendsPerSecond),
        thousands(line.emmett.appendsPerSecond),
        line.ratio.toFixed(1),
        thousands(line.log.appendsPerSecond),
        (line.log.appendsPerSecond / line.emmett.appendsPerSecond).toFixed(1),
        times(line.ours),
        times(line.emmett),
      ]),
    ),
  );
  process.stdout.write(
    `\nOne INSERT with commit: ${thousands(insert.appendsPerSecond)} /s, p50 / p95 / p99 ${times(insert)} ms\n` +
      `The same rows without checks: ${thousands(ceiling)} appends /s\n\n`,
  );
  process.stdout.write(
    table(
      ['', 'is', 'goal'],
      goals.map(({ name, goal, is }) => [name, is.toFixed(2), String(goal)]),
    ),
  );
}

function mean(results: readonly LoopResult[]): LoopResult {
  const of = (key: keyof LoopResult): number => average(results.map((result) => result[key]));
  return {
    appendsPerSecond: of('appendsPerSecond'),
    eventsPerSecond: of('eventsPerSecond'),
    p50: of('p50'),
    p95: of('p95'),
    p99: of('p99'),
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
