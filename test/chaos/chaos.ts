import { exitOnSignals } from './end-with-us.js';
import { runOptionsFrom } from './plan.js';
import { runChaos } from './run-chaos.js';

/*
 * Usage: npm run chaos -- [--tasks 1000] [--minutes 2] [--seed N] [--replicas 3] [--json]
 *
 * Exit code 1 on any broken promise. The same seed makes the same plan.
 */
exitOnSignals();
const { isJson, ...options } = runOptionsFrom(process.argv.slice(2));
const report = await runChaos(options, 'dist', (line) => void process.stderr.write(`${line}\n`));

const row = ([name, value]: [string, number | string]): string => `  ${name.padEnd(70)} ${value}`;
const lines = [
  ...Object.entries(report.figures).map(row),
  '',
  ...Object.entries(report.promises).map(([promise, breaches]) =>
    row([promise, breaches === 0 ? 'kept' : `BROKEN ${breaches} times`]),
  ),
  '',
  ...report.findings.slice(0, 50).map(({ promise, what }) => `  ${promise}: ${what}`),
  `  seed ${options.seed}: ${report.isKept ? 'every promise was kept.' : 'promises were BROKEN.'}`,
];
process.stdout.write(isJson ? `${JSON.stringify(report, null, 2)}\n` : `${lines.join('\n')}\n`);
process.exitCode = report.isKept ? 0 : 1;
