import { load, type LoadResult } from '../support/load.js';
import { cpuMicroseconds, serverCpuMicroseconds } from '../support/processes.js';
import { startProfile } from '../support/profiler.js';
import { openStage, type Side } from './stage.js';
import { type Subject } from './subjects.js';

/** Of one side under one load. */
export interface Measured extends LoadResult {
  /** Microseconds of processor time per request: server, PostgreSQL, load generator. */
  readonly cpu: readonly number[];
}

export interface Line {
  readonly name: string;
  readonly connections: number;
  readonly goal: number;
  readonly sides: Readonly<Partial<Record<Side, Measured>>>;
}

export interface MeasureOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly profile: boolean;
  readonly say: (line: string) => void;
}

/** Each side, before it is measured: the compiler of the language, caches and pools need their time. */
const WARM_UP_SECONDS = 5;

/** All sides under one load, in rounds that alternate their order, on a stage of their own. */
export const measure = async (subject: Subject, options: MeasureOptions): Promise<Line> => {
  const { connections, say } = options;
  const { seconds, rounds } = subject.slices ?? options;
  const warmUp = Math.min(WARM_UP_SECONDS, seconds);
  const title = `${subject.name}, ${connections} connections`;
  const stage = await openStage({ ...subject.stage, inspect: options.profile });
  try {
    const requests = await subject.open(stage, warmUp + rounds * seconds);
    // What the seeding left behind is cleared away first, or it would be while somebody is measured.
    await stage.pool.query('vacuum (analyze)');
    await stage.pool.query('checkpoint');
    const sides = Object.keys(requests.next) as Side[];
    const results = new Map<Side, Measured[]>(sides.map((side) => [side, []]));

    const run = async (side: Side, time: number, profileName: string | null): Promise<Measured> => {
      const { at, pid } = stage.servers[side];
      if (side === 'ours') await requests.prepare?.();
      const profile =
        profileName === null || stage.profilerPort === null ? null : await startProfile(stage.profilerPort);
      const spent = (): readonly number[] => [
        cpuMicroseconds(pid),
        serverCpuMicroseconds(stage.postmaster),
        cpuMicroseconds(process.pid),
      ];
      const before = spent();
      const result = await load({ url: at, seconds: time, connections, next: requests.next[side]! });
      const cpu = spent().map((after, i) => (after - before[i]!) / (result.requestsPerSecond * time));
      if (profileName !== null) await profile?.stop(profileName);
      if (result.errors > 0 || result.non2xx > 0)
        say(`${title}, ${side}: ${result.errors} errors, ${result.non2xx} refusals ${result.refusal ?? ''}`);
      return { ...result, cpu };
    };

    for (const side of sides) await run(side, warmUp, null);
    for (let round = 0; round < rounds; round++) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const file = `${subject.name.replaceAll(/[ ,]+/g, '-')}-${connections}-${round}.cpuprofile`;
        const result = await run(side, seconds, side === 'ours' ? file : null);
        results.get(side)!.push(result);
        const [server, postgres, generator] = result.cpu.map((us) => us.toFixed(0));
        say(
          `${title}, ${side}: ${Math.round(result.requestsPerSecond)}/s p50 ${result.p50} p97.5 ${result.p97} p99 ${result.p99} ms; ` +
            `us of processor time per request: server ${server}, PostgreSQL ${postgres}, load generator ${generator}`,
        );
      }
    }
    const remark = requests.remark?.() ?? null;
    if (remark !== null) say(`${title}: ${remark}`);
    return {
      name: subject.name,
      connections,
      goal: subject.goal,
      sides: Object.fromEntries([...results].map(([side, all]) => [side, mean(all)])),
    };
  } finally {
    await stage.close();
  }
};

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const mean = (results: readonly Measured[]): Measured => ({
  requestsPerSecond: average(results.map((r) => r.requestsPerSecond)),
  p50: average(results.map((r) => r.p50)),
  p97: average(results.map((r) => r.p97)),
  p99: average(results.map((r) => r.p99)),
  errors: average(results.map((r) => r.errors)),
  non2xx: average(results.map((r) => r.non2xx)),
  refusal: results.find((r) => r.refusal !== null)?.refusal ?? null,
  cpu: results[0]!.cpu.map((_, i) => average(results.map((r) => r.cpu[i]!))),
});
