import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEnvironment } from './load-environment.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'environment-'))));
afterEach(() => rm(folder, { recursive: true }));

it('reads .env, and lets the real environment win', async () => {
  await writeFile(join(folder, '.env'), '# a comment\nPORT=1\nHOST="::1"\n');
  expect(loadEnvironment(folder, { PORT: '2', OTHER: 'x' })).toEqual({ HOST: '::1', PORT: '2', OTHER: 'x' });
});

it('does without .env', () => {
  expect(loadEnvironment(folder, { PORT: '2' })).toEqual({ PORT: '2' });
});

it('does not change the process', async () => {
  await writeFile(join(folder, '.env'), 'NEVER_SET_BY_ANYBODY=1\n');
  loadEnvironment(folder);
  expect(process.env).not.toHaveProperty('NEVER_SET_BY_ANYBODY');
});

it('refuses a .env that cannot be read', async () => {
  await mkdir(join(folder, '.env'));
  expect(() => loadEnvironment(folder, {})).toThrow(/\.env is not readable .*it must be readable, or absent/);
});
