import { runFuzz } from '../chaos/run-fuzz.js';

/*
 * The fuzz run, short (`npm run fuzz` is the long one).
 */
it('odd requests to every route: no 5xx, no hang, and nothing stored by what was refused', async () => {
  const { findings, figures } = await runFuzz({ requests: 1_500, seed: 11 }, 'src');
  expect(findings).toEqual([]);
  expect(figures.requests).toBeGreaterThanOrEqual(1_500);
}, 120_000);
