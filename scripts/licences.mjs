/**
 * Licences of everything that npm would install, from the lockfile: `npm run licences -s`. With `--check` it prints only
 * what is not allowed, and ends with 1 when there is something.
 */
import { readFileSync } from 'node:fs';

/** Licences that ask for no more than to be named. What is only used for development may also be content under CC BY. */
const ALLOWED = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'Zlib',
  'CC0-1.0',
]);
const ALLOWED_FOR_DEVELOPMENT = new Set([...ALLOWED, 'CC-BY-4.0']);

/** `A AND B` needs both, `A OR B` one of them. */
const isAllowed = (licence, allowed) => {
  const text = licence.replace(/^\((.*)\)$/, '$1');
  if (text.includes(' OR ')) return text.split(' OR ').some((part) => isAllowed(part, allowed));
  return text.split(' AND ').every((part) => allowed.has(part));
};

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const packages = Object.entries(lock.packages)
  .filter(([path]) => path !== '')
  .map(([path, { version, license = 'none', dev = false }]) => ({
    name: `${path.replace(/^.*node_modules\//, '')}@${version}`,
    license,
    dev,
  }));
const refused = packages.filter(
  ({ license, dev }) => !isAllowed(license, dev ? ALLOWED_FOR_DEVELOPMENT : ALLOWED),
);

if (process.argv.includes('--check')) {
  for (const { name, license } of refused) console.log(`${name}: ${license}`);
} else {
  const groups = new Map();
  for (const one of packages) {
    const group = `${one.license}${one.dev ? ' (development)' : ''}`;
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  for (const [licence, members] of [...groups].sort(([a], [b]) => a.localeCompare(b)))
    console.log(
      `${licence}, ${members.length}:\n  ${members
        .map(({ name }) => name)
        .sort()
        .join('\n  ')}`,
    );
}
process.exitCode = refused.length > 0 ? 1 : 0;
