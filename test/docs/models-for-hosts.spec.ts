import { blocksOf, readPage } from './pages.js';

const EXAMPLE = 'test/integration/kinds/example';

/** The page names rooms as a package would; the compiled files say where they lie. */
const asPackage = (source: string): string =>
  source.replace(
    /'(?:\.\.\/)+src\/(?:shared\/)?([a-z-]+)\/index\.js'/g,
    (_path, room: string) => `'genledger/${room}'`,
  );

it('docs/models-for-hosts.md shows the example that host-models.spec.ts compiles and runs, word by word', () => {
  const files = ['house.models.ts', 'scent.kind.ts', 'host.module.ts'];
  expect(blocksOf(readPage('docs/models-for-hosts.md'), 'ts')).toEqual(
    files.map((file) => asPackage(readPage(`${EXAMPLE}/${file}`))),
  );
});
