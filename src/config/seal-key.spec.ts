import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSealKey } from './seal-key.js';

const PEM = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'seal-key-'))));
afterEach(() => rm(folder, { recursive: true }));

it('is the key itself', () => {
  expect(readSealKey({ pem: PEM })).toBe(PEM);
});

it('is read from its file', async () => {
  await writeFile(join(folder, 'key.pem'), PEM);
  expect(readSealKey({ path: join(folder, 'key.pem') })).toBe(PEM);
});

it('is refused when the file is absent or holds something else, without showing what was given', async () => {
  expect(() => readSealKey({ path: join(folder, 'hunter2') })).toThrow(/cannot be read \(ENOENT\)/);
  expect(() => readSealKey({ path: join(folder, 'hunter2') })).not.toThrow('hunter2');
  await writeFile(join(folder, 'key.pem'), 'hunter2');
  expect(() => readSealKey({ path: join(folder, 'key.pem') })).toThrow('holds something else');
});
