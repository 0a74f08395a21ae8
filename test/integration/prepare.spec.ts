import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * scripts/prepare.mjs in a project of its own, with an npm and a compiler that note that they were called and do what the
 * real ones do to the folder. The real ones are tried by whoever clones the project.
 */

const PREPARE = fileURLToPath(new URL('../../scripts/prepare.mjs', import.meta.url));

const NPM = `
const fs = require('fs');
fs.appendFileSync('calls', 'npm ' + process.argv[2] + '\\n');
if (fs.existsSync('offline')) { console.error('ENOTFOUND registry'); process.exit(1); }
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules/@nestjs/cli/bin', { recursive: true });
fs.cpSync('compiler.cjs', 'node_modules/@nestjs/cli/bin/nest.js');
fs.cpSync('package-lock.json', 'node_modules/.package-lock.json');
`;

const COMPILER = `
const fs = require('fs');
fs.appendFileSync('calls', 'nest ' + process.argv[2] + '\\n');
if (fs.readFileSync('src/main.ts', 'utf8').includes('wrong')) { console.error('TS1234: wrong'); process.exit(2); }
fs.rmSync('dist', { recursive: true, force: true });
fs.mkdirSync('dist');
`;

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'prepare-'));
  await mkdir(join(project, 'scripts'));
  await mkdir(join(project, 'src'));
  await cp(PREPARE, join(project, 'scripts', 'prepare.mjs'));
  await write('npm.cjs', NPM);
  await write('compiler.cjs', COMPILER);
  await write('src/main.ts', '1');
  await write('package.json', '{}');
  await write('package-lock.json', lockFile('1.0.0'));
});

afterEach(() => rm(project, { recursive: true }));

const write = (path: string, content: string) => writeFile(join(project, path), content);
const lockFile = (version: string) =>
  JSON.stringify({
    packages: {
      '': {},
      'node_modules/one': { version },
      'node_modules/two': { version: '1', optional: true },
    },
  });

const prepare = (...args: string[]): Promise<{ code: number | null; said: string; ms: number }> =>
  new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, [join(project, 'scripts', 'prepare.mjs'), ...args], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, npm_execpath: join(project, 'npm.cjs') },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('close', (code) => resolve({ code, said, ms: performance.now() - started }));
  });

/** What was called since the last look. */
const calls = async (): Promise<string[]> => {
  const noted = await readFile(join(project, 'calls'), 'utf8').catch(() => '');
  await rm(join(project, 'calls'), { force: true });
  return noted.split('\n').filter((line) => line !== '');
};

it('installs and builds in a fresh clone, and says so in a line each', async () => {
  const { code, said } = await prepare();
  expect(code).toBe(0);
  expect(await calls()).toEqual(['npm ci', 'nest build']);
  expect(said.trim().split('\n')).toEqual([
    expect.stringContaining('Installing'),
    expect.stringContaining('Building'),
  ]);
});

it('does nothing, silently, the second time', async () => {
  await prepare();
  await calls();
  expect(await prepare()).toMatchObject({ code: 0, said: '' });
  expect(await calls()).toEqual([]);
});

it.each([
  ['a source file', 'src/main.ts', '2', ['nest build']],
  ['a new source file', 'src/other.ts', '2', ['nest build']],
  ['a setting of the compiler', 'tsconfig.json', '{}', ['nest build']],
  ['a locked version', 'package-lock.json', lockFile('1.0.1'), ['npm ci', 'nest build']],
  ['a spec, which is not built', 'src/main.spec.ts', '2', []],
])('notices %s', async (_, path, content, expected) => {
  await prepare();
  await calls();
  await write(path, content);
  expect((await prepare()).code).toBe(0);
  expect(await calls()).toEqual(expected);
});

it('builds when dist was deleted, installs when node_modules was', async () => {
  await prepare();
  await calls();
  await rm(join(project, 'dist'), { recursive: true });
  await prepare();
  expect(await calls()).toEqual(['nest build']);
  await rm(join(project, 'node_modules'), { recursive: true });
  await prepare();
  expect(await calls()).toEqual(['npm ci']);
});

it('is content with packages that were installed by hand, without network', async () => {
  await prepare();
  await calls();
  await rm(join(project, 'node_modules', '.genledger-installed'));
  await write('offline', '');
  expect((await prepare()).code).toBe(0);
  expect(await calls()).toEqual([]);
});

it('tells what npm said when there is no network, and tries again next time', async () => {
  await write('offline', '');
  const { code, said } = await prepare();
  expect(code).toBe(1);
  expect(said).toMatch(/Is the registry reachable\?[^]*ENOTFOUND registry/);
  await rm(join(project, 'offline'));
  expect((await prepare()).code).toBe(0);
});

it('tells what the compiler said, also when it is to be quiet', async () => {
  await write('src/main.ts', 'wrong');
  const { code, said } = await prepare('--quiet');
  expect(code).toBe(1);
  expect(said).not.toContain('Building');
  expect(said).toContain('TS1234: wrong');
});

it('lets two at once take turns: the second finds everything done', async () => {
  const both = await Promise.all([prepare(), prepare()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(await calls()).toEqual(['npm ci', 'nest build']);
});

it('does not wait for one that was killed', async () => {
  const dead = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => dead.on('exit', resolve));
  await write('.prepare.lock', String(dead.pid));
  expect((await prepare()).code).toBe(0);
});
