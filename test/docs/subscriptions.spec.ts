import { blocksOf, readPage } from './pages.js';

const EXAMPLE = 'test/integration/event-store/subscriptions-example';

/** The page names rooms as a package would; the compiled files say where they lie. */
const asPackage = (source: string): string =>
  source
    .replace(/'(?:\.\.\/)+src\/event-store\/testing\/index\.js'/g, "'genledger/testing'")
    .replace(/'(?:\.\.\/)+src\/([a-z-]+)\/index\.js'/g, (_path, room: string) => `'genledger/${room}'`);

it('docs/subscriptions.md shows the example that subscriptions-module.spec.ts compiles and runs, word by word', () => {
  const files = ['daily-counts.ts', 'host.module.ts', 'daily-counts.check.ts'];
  expect(blocksOf(readPage('docs/subscriptions.md'), 'ts')).toEqual(
    files.map((file) => asPackage(readPage(`${EXAMPLE}/${file}`))),
  );
});
