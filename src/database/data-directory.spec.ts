import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateKey } from 'node:crypto';
import { ensureSecret } from './data-directory.js';
import { ensureSecrets } from './secrets.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'data-directory-'))));
afterEach(() => rm(folder, { recursive: true }));

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('a secret', () => {
  it('is made once, in a folder that need not exist yet', async () => {
    const dataDir = join(folder, 'deep', 'data');
    expect(await ensureSecret(dataDir, 'one', () => 'first')).toBe('first');
    expect(await ensureSecret(dataDir, 'one', () => 'second')).toBe('first');
  });

  it('is readable by its owner alone, also when somebody had opened it up', async () => {
    await ensureSecret(folder, 'one', () => 'x');
    expect(await modeOf(join(folder, 'one'))).toBe(0o600);
    await chmod(join(folder, 'one'), 0o644);
    await ensureSecret(folder, 'one', () => 'x');
    expect(await modeOf(join(folder, 'one'))).toBe(0o600);
  });

  it('is the same for all who ask at once', async () => {
    let made = 0;
    const asked = Array.from({ length: 20 }, () =>
      ensureSecret(folder, 'one', () => `number ${(made += 1)}`),
    );
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect(await readdir(folder)).toEqual(['one']);
  });

  it('that is empty is not taken for one', async () => {
    await writeFile(join(folder, 'one'), '\n');
    await expect(ensureSecret(folder, 'one', () => 'x')).rejects.toMatchObject({
      code: 'data_directory_unusable',
      message: expect.stringContaining('delete it to have a new one made') as string,
    });
  });

  it('that cannot be read says which file it is', async () => {
    await mkdir(join(folder, 'one'));
    await expect(ensureSecret(folder, 'one', () => 'x')).rejects.toThrow(
      `${join(folder, 'one')} cannot be used: EISDIR`,
    );
  });
});

it('the secrets of a server are what their users expect, and stay the same', async () => {
  const secrets = await ensureSecrets(folder);
  expect(secrets.callbackSecret.length).toBeGreaterThanOrEqual(32);
  expect(Buffer.from(secrets.encryptionKey, 'base64')).toHaveLength(32);
  expect(createPrivateKey(secrets.sealKey).asymmetricKeyType).toBe('ed25519');
  expect(await ensureSecrets(folder)).toEqual(secrets);
});
