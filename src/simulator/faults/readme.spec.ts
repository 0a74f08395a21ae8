import { readFileSync } from 'node:fs';
import { FAULTS } from './fault-catalogue.js';

describe('the table of faults in the README', () => {
  it('says what the catalogue says', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = readme
      .split('\n')
      .filter((line) => /^\| `[a-z-]+` +\| (`| {2})/.test(line) && line.split(/(?<!\\)\|/).length === 6)
      .map((line) =>
        line
          .split(/(?<!\\)\|/)
          .slice(1, 5)
          .map((cell) =>
            cell
              .trim()
              .replaceAll('\\|', '|')
              .replace(/^`(.*)`$/, '$1'),
          ),
      );
    expect(rows).toEqual(
      Object.entries(FAULTS).map(([name, { value, when, does }]) => [name, value ?? '', when, does]),
    );
  });
});
