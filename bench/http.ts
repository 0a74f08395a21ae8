import 'reflect-metadata';
import { cpus, totalmem } from 'node:os';
import { measure, type Line } from './http/measure.js';
import { SUBJECTS } from './http/subjects.js';
import { processorTimes, rates } from './http/tables.js';

/*
 * Submit, callback intake and task reads under load, against a bare Fastify server that makes one INSERT (or SELECT) per
 * request. Both sides use the same PostgreSQL (fsync on), the same load generator, the same numbers of connections, in the
 * same run; the order of the sides alternates from round to round. Our worker is on. A third side, a server that groups its
 * INSERTs and does nothing else, shows what group commit alone can bring.
 *
 * Usage: npm run bench:http -- [--seconds 10] [--rounds 2] [--connections 64,256] [--only submit] [--profile] [--json]
 */
const given = (name: string): string | undefined => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
};
const SECONDS = Number(given('seconds') ?? 10);
const ROUNDS = Number(given('rounds') ?? 2);
/** Few, and as many as a batch likes best: what is written together shares its costs. */
const CONNECTIONS = (given('connections') ?? '64,256').split(',').map(Number);

const lines: Line[] = [];
for (const subject of SUBJECTS.filter(({ name }) => name.startsWith(given('only') ?? ''))) {
  for (const connections of CONNECTIONS) {
    const line = await measure(subject, {
      seconds: SECONDS,
      rounds: ROUNDS,
      connections,
      profile: process.argv.includes('--profile'),
      say: (text) => void process.stderr.write(`${text}\n`),
    });
    lines.push(line);
  }
}

if (process.argv.includes('--json')) {
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  process.stdout.write(
    `${JSON.stringify({ at: new Date().toISOString(), machine, seconds: SECONDS, rounds: ROUNDS, lines })}\n`,
  );
} else process.stdout.write(rates(lines) + processorTimes(lines));
process.exit();
