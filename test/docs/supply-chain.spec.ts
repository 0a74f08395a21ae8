import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { codeIn, readPage, ROOT, rowsOf, sectionOf } from './pages.js';

interface Manifest {
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

/** CycloneDX, as far as it is read here. */
interface Bill {
  readonly metadata: { readonly component: object };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly hashes?: readonly object[];
    readonly licenses?: readonly object[];
  }[];
}

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      { version?: string; dev?: boolean; resolved?: string; integrity?: string; hasInstallScript?: boolean }
    >
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

  it('stands in the bill of materials, whole: what runs in production, each with digest and licence', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/sbom.mjs'], {
      cwd: ROOT,
      maxBuffer: 64 * 1024 * 1024,
    });
    const { metadata, components } = JSON.parse(stdout) as Bill;
    expect(metadata.component).toMatchObject({ name: 'genledger' });
    const inProduction = installed
      .filter(([, { dev }]) => !dev)
      .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`);
    const named = components.map(({ 'bom-ref': reference }) => reference);
    expect([...new Set(named)].sort()).toEqual([...new Set(inProduction)].sort());
    expect(components.filter(({ hashes = [], licenses = [] }) => !hashes.length || !licenses.length)).toEqual(
      [],
    );
  });
});
