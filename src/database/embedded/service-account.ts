import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isRoot } from '../data-directory.js';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';

/** Whom the server runs as: ids for `spawn`, or nothing to run as ourselves. PostgreSQL refuses to run as root. */
export type ServiceAccount = { readonly uid: number; readonly gid: number } | Record<string, never>;

const run = promisify(execFile);
const NAME = 'postgres';

/**
 * As an ordinary user: ourselves. As root: the owner of the existing data, so that data made by an ordinary user stays
 * theirs; else the system's `postgres` user, which is created when there is none.
 */
export const serviceAccount = async (home: string): Promise<ServiceAccount> => {
  if (!isRoot()) return {};
  const owner = await stat(home).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return (await lookUp()) ?? (await create());
};

/** May this account enter the folder, or run the program, at the path? Asked of the system, which knows all its rules. */
export const canUse = async (account: ServiceAccount, path: string): Promise<boolean> => {
  try {
    await run('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...account, cwd: '/', env: {} });
    return true;
  } catch {
    return false;
  }
};

const lookUp = async (): Promise<ServiceAccount | null> => {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, NAME])));
    return { uid: Number(uid!.stdout), gid: Number(gid!.stdout) };
  } catch {
    return null;
  }
};

const create = async (): Promise<ServiceAccount> => {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', NAME]);
  } catch (error) {
    // Another process may have created it in between.
    const created = await lookUp();
    if (created !== null) return created;
    throw new EmbeddedPostgresError(
      `PostgreSQL does not run as root, and the user "${NAME}" to run it as could not be created. ` +
        `Create that user, or start as an ordinary user.`,
      error,
    );
  }
  const account = await lookUp();
  if (account === null)
    throw new EmbeddedPostgresError(`The user "${NAME}" was created but cannot be found.`);
  return account;
};
