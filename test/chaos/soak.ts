import { parseArgs } from 'node:util';
import { exitOnSignals } from './end-with-us.js';
import { runSoak } from './run-soak.js';

/*
 * Usage: npm run soak -- [--minutes 10] [--rate LIVES_PER_SECOND] [--json]
 *
 * Exit code 1 when memory grows, on an answer of 5xx or another that was not wanted, and when something accepted is lost.
 */
exitOnSignals();
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const positive = (name: 'minutes' | 'rate', text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new Error(`--${name} must be a positive number, not ${text}.`);
  return value;
};
const report = await runSoak(
  {
    minutes: positive('minutes', values.minutes),
    rate: values.rate === undefined ? null : positive('rate', values.rate),
  },
  'dist',
  (line) => void process.stderr.write(`${line}\n`),
);
const lines = [
  ...Object.entries(report.figures).map(([name, value]) => `  ${name.padEnd(35)} ${value}`),
  ...report.growth.map(
    ({ name, grewMiB, meanMiB }) =>
      `  ${`${name} memory, second half`.padEnd(35)} ${meanMiB} MiB, ${grewMiB < 0 ? '' : '+'}${grewMiB} MiB`,
  ),
  '',
  ...report.findings.slice(0, 30).map((finding) => `  ${finding}`),
  `  ${report.findings.length === 0 ? 'nothing was lost, refused or grew.' : `${report.findings.length} findings.`}`,
];
process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : `${lines.join('\n')}\n`);
process.exitCode = report.findings.length === 0 ? 0 : 1;
