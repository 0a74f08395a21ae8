import 'reflect-metadata';
import { cpus } from 'node:os';
import { imageKind } from '../src/image/index.js';
import { musicKind } from '../src/music/index.js';
import { type Kind, type ModelDefinition } from '../src/tasks/index.js';
import { threeDKind } from '../src/three-d/index.js';
import { videoKind } from '../src/video/index.js';
import { HOSTILE } from '../test/fixtures/models/hostile.js';
import { byHand, BY_HAND_MODEL } from './support/validation-by-hand.js';

/*
 * How long the check of an input takes: the examples of all models, per domain; what is made to be slow; and one model
 * beside the same checks written out by hand. One process, one thread, no I/O.
 *
 * Usage: npm run bench:validation -- [--seconds 2] [--rounds 5] [--json]
 */
const option = (name: string, fallback: number): number => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : Number(process.argv[index + 1]);
};
const SECONDS = option('seconds', 2);
const ROUNDS = option('rounds', 5);
const isJson = process.argv.includes('--json');

/** Median time of one check; no request may wait longer for it. */
const GOAL_MICROSECONDS = 50;

interface Check {
  readonly input: unknown;
  readonly run: (input: unknown) => { readonly valid: boolean };
}

/** A request brings an object of its own, as `JSON.parse` makes it. */
const COPIES = 64;
const copiesOf = (input: object): unknown[] => {
  const text = JSON.stringify(input);
  return Array.from({ length: COPIES }, () => JSON.parse(text) as unknown);
};

const checksOf = ({ models }: Kind): Check[] =>
  models.flatMap((model) =>
    model.modes.flatMap(({ exampleInput }) => copiesOf(exampleInput).map(checkBy(model))),
  );

const checkBy =
  (model: ModelDefinition) =>
  (input: unknown): Check => ({ input, run: (value) => model.check(value) });

/** Checks per second over so many seconds, in shuffled order: requests of one kind do not come in a row. */
const throughput = (checks: readonly Check[], seconds: number): number => {
  const order = shuffled(checks);
  const end = performance.now() + seconds * 1_000;
  const start = performance.now();
  let done = 0;
  let now = start;
  while (now < end) {
    for (const { run, input } of order) if (!run(input).valid) throw new Error('An example was refused.');
    done += order.length;
    now = performance.now();
  }
  return (done / (now - start)) * 1_000;
};

/** Times of single checks in microseconds, sorted. */
const times = (checks: readonly Check[], rounds: number): Float64Array => {
  const taken = new Float64Array(checks.length * rounds);
  let at = 0;
  for (let round = 0; round < rounds; round++) {
    for (const { run, input } of shuffled(checks)) {
      const start = process.hrtime.bigint();
      run(input);
      taken[at++] = Number(process.hrtime.bigint() - start) / 1_000;
    }
  }
  return taken.sort();
};

const shuffled = <T>(items: readonly T[]): T[] => {
  const order = [...items];
  for (let index = order.length - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order;
};

const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

const domains = [imageKind, videoKind, musicKind, threeDKind]
  .map((kindOf) => kindOf({ catalogue: 'all' }))
  .map((kind) => {
    const checks = checksOf(kind);
    throughput(checks, SECONDS / 2);
    const perSecond = throughput(checks, SECONDS);
    const sorted = times(checks, ROUNDS);
    return {
      domain: kind.domain,
      inputs: checks.length / COPIES,
      perSecond: Math.round(perSecond),
      medianUs: quantile(sorted, 0.5),
      p99Us: quantile(sorted, 0.99),
    };
  });

// The same checks by hand, side by side in alternating order.
const model = imageKind().models.find(({ model: name }) => name === BY_HAND_MODEL)!;
const inputs = copiesOf(model.modes[0]!.exampleInput);
const sides = {
  declared: inputs.map(checkBy(model)),
  byHand: inputs.map((input): Check => ({ input, run: byHand })),
};
const results: Record<keyof typeof sides, number[]> = { declared: [], byHand: [] };
for (const side of ['declared', 'byHand'] as const) throughput(sides[side], SECONDS / 2);
for (let round = 0; round < ROUNDS; round++) {
  const order = round % 2 === 0 ? (['byHand', 'declared'] as const) : (['declared', 'byHand'] as const);
  for (const side of order) results[side].push(throughput(sides[side], SECONDS / 2));
}
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const comparison = {
  model: BY_HAND_MODEL,
  declaredPerSecond: Math.round(mean(results.declared)),
  byHandPerSecond: Math.round(mean(results.byHand)),
  ratio: mean(results.declared) / mean(results.byHand),
};

/** The slowest of the inputs that are made to be slow, each the best of a few tries. */
const hostile = (): { readonly what: string; readonly model: string; readonly ms: number } => {
  let worst = { what: '', model: '', ms: 0 };
  for (const { models } of [imageKind, videoKind, musicKind, threeDKind].map((kindOf) =>
    kindOf({ catalogue: 'all' }),
  )) {
    for (const model of models) {
      const fields = new Set(
        model.modes.flatMap(({ inputSchema }) => Object.keys(inputSchema.properties as object)),
      );
      for (const [what, value] of Object.entries(HOSTILE)) {
        for (const field of fields) {
          const input = { ...model.modes[0]!.exampleInput, [field]: value };
          let ms = Infinity;
          for (let attempt = 0; attempt < 5 && ms > worst.ms; attempt++) {
            const start = performance.now();
            model.check(input);
            ms = Math.min(ms, performance.now() - start);
          }
          if (ms > worst.ms) worst = { what: `${what} as ${field}`, model: model.model, ms };
        }
      }
    }
  }
  return worst;
};
const worst = hostile();

const slowest = Math.max(...domains.map(({ medianUs }) => medianUs));
if (isJson) {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  const report = {
    at: new Date().toISOString(),
    machine,
    goalUs: GOAL_MICROSECONDS,
    domains,
    worst,
    comparison,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
} else {
  process.stdout.write(
    '| | inputs | checks /s | median, us | p99, us |\n| --- | ---: | ---: | ---: | ---: |\n',
  );
  for (const { domain, inputs: count, perSecond, medianUs, p99Us } of domains) {
    const cells = [domain, count, perSecond.toLocaleString('en-GB'), medianUs.toFixed(1), p99Us.toFixed(1)];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
  process.stdout.write(
    `\n${comparison.model}: ${comparison.declaredPerSecond.toLocaleString('en-GB')} checks /s, ` +
      `by hand ${comparison.byHandPerSecond.toLocaleString('en-GB')}, ratio ${comparison.ratio.toFixed(2)}\n` +
      `slowest hostile input ${worst.ms.toFixed(1)} ms (${worst.what}, ${worst.model})\n` +
      `slowest median ${slowest.toFixed(1)} us, goal below ${GOAL_MICROSECONDS} us\n`,
  );
}
process.exitCode = slowest < GOAL_MICROSECONDS ? 0 : 1;
