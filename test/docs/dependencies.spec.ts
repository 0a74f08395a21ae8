import { codeIn, readPage, rowsOf, sectionOf } from './pages.js';

const page = readPage('docs/dependencies.md');
const manifest = JSON.parse(readPage('package.json')) as Record<string, Record<string, string>>;

describe('docs/dependencies.md', () => {
  it.each([
    ['## At run time', 'dependencies'],
    ['## For development', 'devDependencies'],
  ])('%s: every package of %s with a reason, and no other', (chapter, group) => {
    const rows = rowsOf(sectionOf(page, chapter));
    expect(rows.map(([name]) => codeIn(name)).sort()).toEqual(Object.keys(manifest[group]!).sort());
    expect(rows.filter(([, reason]) => !reason)).toEqual([]);
  });
});
