import { parseArgs } from 'node:util';
import { PRIORITIES, type Priority } from '../../src/tasks/domain/priority.js';
import { type Random, seededRandom } from './random.js';

/*
 * What a run will do, decided before it begins and by its seed alone.
 */

export interface RunOptions {
  readonly tasks: number;
  /** How long clients submit and things are broken; the settling comes after. */
  readonly minutes: number;
  readonly seed: number;
  readonly replicas: number;
}

export const runOptionsFrom = (argv: readonly string[]): RunOptions & { readonly isJson: boolean } => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      tasks: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      replicas: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'tasks' | 'minutes' | 'seed' | 'replicas'): number => {
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < 0)
      throw new Error(`--${name} must be a number, not ${values[name]}.`);
    return value;
  };
  return {
    tasks: number('tasks'),
    minutes: number('minutes'),
    seed: number('seed'),
    replicas: number('replicas'),
    isJson: values.json,
  };
};

/** Something that is broken at a moment, counted from the start of the run. */
export type Strike = { readonly atMs: number } & (
  | { readonly kind: 'kill'; readonly replica: number; readonly downMs: number }
  | { readonly kind: 'freeze'; readonly replica: number; readonly forMs: number }
  | { readonly kind: 'stop-postgres'; readonly downMs: number }
);

/** What a client wants. */
export interface Wish {
  readonly number: number;
  readonly atMs: number;
  readonly owner: number;
  readonly model: string;
  readonly priority: Priority;
  /** Sent twice at the same time. */
  readonly isDoubled: boolean;
  /** Cancelled this long after it was accepted; null: never. */
  readonly cancelAfterMs: number | null;
}

export interface Plan {
  readonly options: RunOptions;
  readonly lengthMs: number;
  readonly strikes: readonly Strike[];
  readonly wishes: readonly Wish[];
  /** For the provider, in the words of its catalogue. */
  readonly faults: readonly string[];
  readonly providerSeed: number;
}

export const OWNERS = 2;

/** @param leaseMs frozen replicas sleep about that long, some shorter, some longer */
export const planOf = (options: RunOptions, leaseMs: number): Plan => {
  const random = seededRandom(options.seed);
  const lengthMs = options.minutes * 60_000;
  return {
    options,
    lengthMs,
    strikes: strikesOf(random, options, lengthMs, leaseMs),
    wishes: Array.from({ length: options.tasks }, (_, number) => ({
      number,
      atMs: (number / options.tasks) * lengthMs * 0.9,
      owner: Math.floor(random() * OWNERS),
      model: MODELS[Math.floor(random() * MODELS.length)]!,
      priority: PRIORITIES[number % PRIORITIES.length]!,
      isDoubled: random() < 0.1,
      cancelAfterMs: random() < 0.03 ? random() * 2_000 : null,
    })),
    faults: faultsOf(random),
    providerSeed: Math.floor(random() * 2 ** 31),
  };
};

/** Both take nothing but a prompt. */
const MODELS = ['gpt-image-2', 'nano-banana'] as const;

/** Replicas and PostgreSQL are struck in a rhythm of their own, so that now and then both are away. */
const strikesOf = (random: Random, options: RunOptions, lengthMs: number, leaseMs: number): Strike[] => {
  const strikes: Strike[] = [];
  for (const atMs of moments(random, lengthMs, 1_000, 2_500)) {
    const replica = Math.floor(random() * options.replicas);
    if (random() < 0.55) strikes.push({ atMs, kind: 'kill', replica, downMs: random() * 2_000 });
    else strikes.push({ atMs, kind: 'freeze', replica, forMs: leaseMs * (0.3 + random() * 1.5) });
  }
  for (const atMs of moments(random, lengthMs, 3_000, 8_000))
    strikes.push({ atMs, kind: 'stop-postgres', downMs: random() * 1_000 });
  return strikes.sort((a, b) => a.atMs - b.atMs);
};

/** Until the length is over, so far apart. */
function* moments(random: Random, lengthMs: number, atLeastMs: number, atMostMs: number): Generator<number> {
  const next = (): number => atLeastMs + random() * (atMostMs - atLeastMs);
  for (let atMs = next(); atMs < lengthMs; atMs += next()) yield atMs;
}

/** Every fault of the provider's catalogue that concerns us; each run weighs them otherwise. */
const faultsOf = (random: Random): string[] =>
  FAULTS.map(([fault, probability]) => `${fault}@${(probability * (0.5 + random())).toFixed(4)}`);

const FAULTS: readonly (readonly [fault: string, probability: number])[] = [
  ['submit=429', 0.02],
  ['submit=429:1', 0.01],
  ['submit=500', 0.01],
  ['submit=500+created', 0.015],
  ['submit=503/html+created', 0.01],
  ['submit=408', 0.005],
  ['submit=drop', 0.015],
  ['submit=drop+nothing', 0.01],
  ['submit=reset', 0.015],
  ['submit=hang', 0.01],
  ['submit=garbage', 0.01],
  ['submit=truncated', 0.005],
  ['submit=empty', 0.005],
  ['submit=redirect', 0.005],
  ['submit=400', 0.01],
  ['submit=422/detail-list', 0.005],
  ['submit=401', 0.002],
  ['submit=402/in-200', 0.004],
  ['submit=403', 0.002],
  ['submit=403/html', 0.004],
  ['submit=slow:400', 0.03],
  ['submit=trickle:5', 0.01],
  ['submit-id=none', 0.005],
  ['submit-id=empty', 0.004],
  ['submit-id=number', 0.004],
  ['submit-id=unusable', 0.004],
  ['submit-id=other', 0.004],
  ['error-with-id', 0.01],
  ['status=500', 0.02],
  ['status=429', 0.01],
  ['status=404', 0.01],
  ['status=401', 0.002],
  ['status=drop', 0.02],
  ['status=reset', 0.01],
  ['status=hang', 0.005],
  ['status=garbage', 0.01],
  ['status=truncated', 0.005],
  ['status=empty', 0.005],
  ['status=slow:300', 0.03],
  ['status-id=other', 0.005],
  ['status-id=none', 0.005],
  ['fail=The picture was refused', 0.03],
  ['duration=never', 0.01],
  ['count=0', 0.01],
  ['late-files=2', 0.02],
  ['flip=1', 0.005],
  ['envelope=none', 0.02],
  ['code=0', 0.02],
  ['code=text', 0.01],
  ['files=output', 0.02],
  ['files=both', 0.02],
  ['omit=credits_amount', 0.01],
  ['null=progress', 0.01],
  ['credits=text', 0.01],
  ['word=pending+processing+success', 0.02],
  ['word=dreaming', 0.005],
  ['callback-never', 0.05],
  ['callback-early', 0.02],
  ['callback-delay=60000', 0.05],
  ['callback-shape=flat', 0.2],
  ['callback-signature=wrong', 0.02],
  ['callback-repeat=2', 0.05],
  ['callback-replay=60000', 0.05],
  ['callback-state=failed', 0.02],
  ['callback-state=finished', 0.02],
  ['callback-state=running', 0.02],
  ['callback-files=false', 0.02],
  ['callback-id=other', 0.02],
  ['callback-id=none', 0.01],
  ['callback-malformed=html', 0.01],
  ['callback-malformed=no-status', 0.01],
  ['callback-forged=finished', 0.03],
  ['callback-forged=failed', 0.03],
];
