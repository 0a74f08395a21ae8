import { setTimeout as pause } from 'node:timers/promises';
import { type Installation } from './installation.js';
import { type Plan, type Strike } from './plan.js';
import { type Replica, ReplicaDownError } from './replica.js';

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
 * a target that is still broken, or was mended a moment ago, is passed over, and so are the last replica, and
 * PostgreSQL, while replicas are slow to come back, so that a busy machine gets something done.
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
    if (struckAt < (restingUntil.get(target) ?? 0) || isTooMuch(strike, installation.replicas)) {
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

/** A start that takes longer than this shows a busy machine; one that takes so much longer may need PostgreSQL all the time. */
const SLOW_START_MS = 5_000;
const VERY_SLOW_START_MS = 20_000;

/**
 * All replicas may be away at once. But where starts take long, strikes come faster than replicas: kills take the last one,
 * and each stop of PostgreSQL makes the starts under way begin again, so that nobody is served for minutes. Then the last
 * replica is left alone, and PostgreSQL until there is one.
 */
export const isTooMuch = (strike: Strike, replicas: readonly Pick<Replica, 'startingForMs'>[]): boolean => {
  if (strike.kind === 'freeze') return false;
  const others = replicas.filter((_, n) => strike.kind !== 'kill' || n !== strike.replica);
  const starting = others.map(({ startingForMs }) => startingForMs).filter((ms) => ms !== null);
  if (strike.kind === 'stop-postgres' && starting.some((ms) => ms > VERY_SLOW_START_MS)) return true;
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
