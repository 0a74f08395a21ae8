import { startSimulator } from '../../src/simulator/index.js';
import { type ProviderOptions } from './provider-options.js';

/*
 * The provider for benchmarks: answers as late as it is told, and knows the tasks that were seeded.
 *
 * Usage: provider.ts PORT OPTIONS
 */
const [port, options] = process.argv.slice(2) as [string, string];
await startSimulator({
  port: Number(port),
  speed: 1,
  ...(JSON.parse(options) as ProviderOptions),
  recallTasks: true,
  ledgerLimit: 0,
  taskLimit: 1_000,
});
process.stdout.write('ready\n');
