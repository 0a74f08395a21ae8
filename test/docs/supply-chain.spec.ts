import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { codeIn, readPage, ROOT, rowsOf, sectionOf } from './pages.js';

interface Manifest {
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { resolved?: string; integrity?: string; hasInstallScript?: boolean; link?: boolean }>
  >;
}

const manifest = JSON.parse(readPage('package.json')) as Manifest;
const lock = JSON.parse(readPage('package-lock.json')) as Lock;
const installed = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('What npm installs', () => {
  it('names no place to fetch from, so the configured registry is the only one, and has a digest of each content', () => {
    const strange = installed.filter(
      ([, { resolved, integrity }]) => resolved !== undefined || !/^sha512-/.test(integrity ?? ''),
    );
    expect(strange).toEqual([]);
  });

  it('runs at its installation only what docs/dependencies.md says, and package.json allows', () => {
    const names = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    const rows = rowsOf(sectionOf(readPage('docs/dependencies.md'), '## Install scripts'));
    expect(rows.map(([name]) => codeIn(name)).sort()).toEqual([...new Set(names)].sort());
    const said = rows.map(([name, runs]) => [codeIn(name), runs]);
    expect(said).toEqual(said.map(([name]) => [name, manifest.allowScripts[name!] ? 'yes' : 'no']));
  });

  it('has licences that are allowed', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/licences.mjs', '--check'], {
      cwd: ROOT,
    });
    expect(stdout).toBe('');
  });
});
