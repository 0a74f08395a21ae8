import { randomBytes } from 'node:crypto';
import { chmod, chown, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataDirectoryError } from './database.errors.js';

/**
 * Makes DATA_DIR if it is missing.
 *
 * Files in it that are private carry mode 0600 themselves. The folder is 0700, but 0711 when root makes it: the
 * embedded server then runs as another user, who must be able to pass through.
 */
export const ensureDataDirectory = async (dataDir: string): Promise<void> => {
  try {
    await mkdir(dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  } catch (error) {
    throw new DataDirectoryError(dataDir, error);
  }
};

/**
 * The content of a private file in DATA_DIR, made by `make` when there is none yet.
 *
 * Written once and whole: of two processes asking at the same moment both get the text of one of them. The file has
 * mode 0600 and, when root makes it, the owner of the folder, so that the folder's owner can start the server later.
 */
export const ensureSecret = async (dataDir: string, name: string, make: () => string): Promise<string> => {
  await ensureDataDirectory(dataDir);
  const path = join(dataDir, name);
  try {
    return (await readPrivate(path)) ?? (await writeOnce(path, make()));
  } catch (error) {
    throw new DataDirectoryError(path, error);
  }
};

const readPrivate = async (path: string): Promise<string | null> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  if (text.trim() === '') throw new Error('the file is empty; delete it to have a new one made');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
};

const writeOnce = async (path: string, text: string): Promise<string> => {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${text}\n`, { mode: 0o600, flag: 'wx', flush: true });
    if (isRoot()) {
      const folder = await stat(dirname(path));
      await chown(draft, folder.uid, folder.gid);
    }
    // link, not rename: it refuses when another process was first.
    await link(draft, path);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readPrivate(path)) ?? text;
  } finally {
    await rm(draft, { force: true });
  }
};

export const isRoot = (): boolean => process.getuid?.() === 0;
