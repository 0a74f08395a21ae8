import { setTimeout as pause } from 'node:timers/promises';
import { type Installation } from './installation.js';
import { type Plan, type Strike } from './plan.js';

export interface HavocCounts {
  kills: number;
  freezes: number;
  postgresStops: number;
  /** Strikes at a target that was not ready for one. */
  skipped: number;
}

/**
 * Carries out the strikes of a plan. What a strike breaks it also mends, before it ends. Strikes at different targets overlap;
 * a target that is still broken, or was mended a moment ago, is passed over, so that a slow machine gets something done.
 * Resolves when everything works again.
 */
export const wreakHavoc = async (installation: Installation, plan: Plan): Promise<HavocCounts> => {
  const counts: HavocCounts = { kills: 0, freezes: 0, postgresStops: 0, skipped: 0 };
  const startedAt = performance.now();
  const restingUntil = new Map<string, number>();
  const all: Promise<void>[] = [];
  for (const strike of plan.strikes) {
    await pause(Math.max(0, startedAt + strike.atMs - performance.now()));
    const target = 'replica' in strike ? `replica ${strike.replica}` : 'postgres';
    const struckAt = performance.now();
    if (struckAt < (restingUntil.get(target) ?? 0)) {
      counts.skipped += 1;
      continue;
    }
    restingUntil.set(target, Infinity);
    const mended = carryOut(installation, strike, counts).then(() => {
      const mendedAt = performance.now();
      restingUntil.set(target, mendedAt + (mendedAt - struckAt));
    });
    all.push(mended);
  }
  await pause(Math.max(0, startedAt + plan.lengthMs - performance.now()));
  await Promise.all(all);
  return counts;
};

const carryOut = async (installation: Installation, strike: Strike, counts: HavocCounts): Promise<void> => {
  switch (strike.kind) {
    case 'kill': {
      const replica = installation.replicas[strike.replica]!;
      counts.kills += 1;
      await replica.kill();
      await pause(strike.downMs);
      return replica.start();
    }
    case 'freeze': {
      const replica = installation.replicas[strike.replica]!;
      counts.freezes += 1;
      replica.freeze();
      await pause(strike.forMs);
      return replica.thaw();
    }
    case 'stop-postgres':
      counts.postgresStops += 1;
      await installation.stopPostgres();
      await pause(strike.downMs);
      return installation.startPostgres();
  }
};
