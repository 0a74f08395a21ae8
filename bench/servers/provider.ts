import { startSimulator } from '../../src/simulator/index.js';

/* The provider for benchmarks: as slow to answer as one far away, and it knows the tasks that were seeded. */
const [port] = process.argv.slice(2) as [string];
await startSimulator({
  port: Number(port),
  speed: 1,
  submitLatencyMs: 500,
  statusLatencyMs: 200,
  recallTasks: true,
  ledgerLimit: 0,
  taskLimit: 1_000,
});
process.stdout.write('ready\n');
