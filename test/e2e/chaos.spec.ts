import { runChaos } from '../chaos/run-chaos.js';

/*
 * The chaos run, short: one seed, and the same promises as the long one (`npm run chaos`).
 */
it('three replicas, killed, frozen and without a database now and then, lose nothing and pay nothing twice', async () => {
  const options = { tasks: 150, minutes: 0.2, seed: 7, replicas: 3 };
  const report = await runChaos(options, 'src', () => undefined);
  expect(report.findings).toEqual([]);
  expect(report.figures).toMatchObject({ 'tasks accepted': 150 });
}, 150_000);
