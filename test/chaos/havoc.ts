import { setTimeout as pause } from 'node:timers/promises';
import { type Installation } from './installation.js';
import { type Plan, type Strike } from './plan.js';
import { ReplicaDownError } from './replica.js';

export interface HavocCounts {
  kills: number;
  freezes: number;
  postgresStops: number;
  /** Strikes at a target that was not ready for one. */
  skipped: number;
}

export interface Havoc extends HavocCounts {
  /** Replicas that did not come up again; they are left alone. */
  readonly down: readonly string[];
}

/**
 * Carries out the strikes of a plan. What a strike breaks it also mends, before it ends. Strikes at different targets overlap;
 * a target that is still broken, or was mended a moment ago, is passed over, and so is the last replica while the others are
 * slow to come back, so that a busy machine gets something done.
 * Resolves when everything works again, but for replicas that do not come up: those are named.
 */
export const wreakHavoc = async (installation: Installation, plan: Plan): Promise<Havoc> => {
  const down: string[] = [];
  const counts: HavocCounts = { kills: 0, freezes: 0, postgresStops: 0, skipped: 0 };
  const startedAt = performance.now();
  const restingUntil = new Map<string, number>();
  const all: Promise<void>[] = [];
  for (const strike of plan.strikes) {
    await pause(Math.max(0, startedAt + strike.atMs - performance.now()));
    const target = 'replica' in strike ? `replica ${strike.replica}` : 'postgres';
    const struckAt = performance.now();
    if (struckAt < (restingUntil.get(target) ?? 0) || isTooMuch(strike, installation)) {
      counts.skipped += 1;
      continue;
    }
    restingUntil.set(target, Infinity);
    const mended = carryOut(installation, strike, counts).then(
      () => {
        const mendedAt = performance.now();
        restingUntil.set(target, mendedAt + (mendedAt - struckAt));
      },
      (error: unknown) => {
        if (!(error instanceof ReplicaDownError)) throw error;
        down.push(`${target}: ${error.message}`);
      },
    );
    // Awaited in the end, and an error must not end the process before.
    mended.catch(() => undefined);
    all.push(mended);
  }
  await pause(Math.max(0, startedAt + plan.lengthMs - performance.now()));
  await Promise.all(all);
  return { ...counts, down };
};

/** A start that takes longer than this shows a busy machine. */
const SLOW_START_MS = 5_000;

/**
 * All replicas may be away at once. But where starts take long, kills come faster than replicas, and nobody would be served
 * for minutes: then the last one is left alone.
 */
const isTooMuch = (strike: Strike, { replicas }: Installation): boolean => {
  if (strike.kind !== 'kill') return false;
  const others = replicas.filter((_, n) => n !== strike.replica);
  const starting = others.map(({ startingForMs }) => startingForMs).filter((ms) => ms !== null);
  return starting.length === others.length && starting.some((ms) => ms > SLOW_START_MS);
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
