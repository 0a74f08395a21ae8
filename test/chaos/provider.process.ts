import { startSimulator } from '../../src/simulator/index.js';

/* The provider of a run: remembers everything, calls back with patience, and outlives every other process. */
const [port, seed, speed] = process.argv.slice(2).map(Number) as [number, number, number];
await startSimulator({
  port,
  seed,
  speed,
  submitLatencyMs: 20,
  statusLatencyMs: 5,
  ledgerLimit: 1_000_000,
  taskLimit: 1_000_000,
  callbacks: { retryDelaysMs: [30_000, 120_000, 300_000], timeoutMs: 5_000 },
});
process.stdout.write('ready\n');
