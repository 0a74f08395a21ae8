import { parseArgs } from 'node:util';
import { runFuzz } from './run-fuzz.js';

/*
 * Usage: npm run fuzz -- [--requests 20000] [--seed N] [--json]
 *
 * Exit code 1 on an answer of 5xx, on none at all, on an event stored by a refused request, and when memory grows.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    json: { type: 'boolean', default: false },
  },
});
const report = await runFuzz({ requests: Number(values.requests), seed: Number(values.seed) }, 'dist');
const lines = [
  ...Object.entries(report.figures).map(([name, value]) => `  ${name.padEnd(30)} ${value}`),
  '',
  ...report.findings.slice(0, 30).map((finding) => `  ${finding}`),
  `  seed ${values.seed}: ${report.findings.length === 0 ? 'nothing found.' : `${report.findings.length} findings.`}`,
];
process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : `${lines.join('\n')}\n`);
process.exitCode = report.findings.length === 0 ? 0 : 1;
