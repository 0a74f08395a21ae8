import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, lstat, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureDataDirectory, ensureSecret, isRoot } from '../data-directory.js';
import { type Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import { canUse, serviceAccount, type ServiceAccount } from './service-account.js';

export const USER = 'genledger';

/** Everything PostgreSQL needs from outside. Not our environment: that one holds secrets. */
export const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };

/** Where an embedded server keeps its things, and as whom it runs. */
export interface Home {
  /** Owned by the account, mode 0700: data, log, pipes. */
  readonly path: string;
  readonly data: string;
  readonly log: string;
  readonly account: ServiceAccount;
}

/**
 * `DATA_DIR/postgres`; or, when root starts it below a folder that the server's user cannot enter, a folder below
 * `stagingRoot`, whose name is kept in `DATA_DIR/postgres-location`, so that it is found again even when DATA_DIR moves.
 */
export const findHome = async (dataDir: string, stagingRoot: string): Promise<Home> => {
  await ensureDataDirectory(dataDir);
  const inside = join(dataDir, 'postgres');
  const moved = await readFile(join(dataDir, LOCATION), 'utf8').catch(() => null);
  if (moved !== null) return existing(moved.trim(), dataDir);
  const account = await serviceAccount(inside);
  if (await canUse(account, dataDir)) return make(inside, account);
  return existing(await stage(dataDir, stagingRoot, account), dataDir);
};

const LOCATION = 'postgres-location';

const homeAt = (path: string, account: ServiceAccount): Home => ({
  path,
  data: join(path, 'data'),
  log: join(path, 'server.log'),
  account,
});

const make = async (path: string, account: ServiceAccount): Promise<Home> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (account.uid !== undefined) await chown(path, account.uid, account.gid);
  return homeAt(path, account);
};

const existing = async (path: string, dataDir: string): Promise<Home> => {
  // An empty database in place of the lost one would look like success.
  if ((await stat(path).catch(() => null)) === null) {
    throw new EmbeddedPostgresError(
      `The database of ${dataDir} was kept in ${path}, which is gone. Bring it back, or delete ` +
        `${join(dataDir, LOCATION)} to begin with an empty one.`,
    );
  }
  return homeAt(path, await serviceAccount(path));
};

const stage = async (dataDir: string, stagingRoot: string, account: ServiceAccount): Promise<string> => {
  await secureStagingRoot(stagingRoot);
  const project = basename(dirname(dataDir)).replace(/[^A-Za-z0-9_-]/g, '') || 'data';
  const path = join(stagingRoot, `${project}-${randomBytes(6).toString('hex')}`);
  await make(path, account);
  const chosen = await ensureSecret(dataDir, LOCATION, () => path);
  // Another process was first.
  if (chosen !== path) await rmdir(path);
  return chosen;
};

/** Nobody but root may be able to put something else in the place of data or binaries. */
const secureStagingRoot = async (stagingRoot: string): Promise<void> => {
  await mkdir(stagingRoot, { recursive: true, mode: 0o755 });
  const found = await lstat(stagingRoot);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new EmbeddedPostgresError(`${stagingRoot} is not a folder that only root can write to.`);
  }
};

/**
 * `/var/lib/genledger`, which survives, unlike the temporary folders that many systems clean by age; `/var/tmp` where
 * `/var/lib` cannot be written.
 */
export const defaultStagingRoot = async (): Promise<string> => {
  const lasting = '/var/lib/genledger';
  if (!isRoot()) return lasting;
  return mkdir(lasting, { recursive: true, mode: 0o755 }).then(
    () => lasting,
    () => '/var/tmp/genledger',
  );
};

/** Makes the data folder if it is missing; refuses one of another major version. Safe from two processes at once. */
export const ensureData = async (
  home: Home,
  binaries: Binaries,
  password: string,
  durable: boolean,
): Promise<void> => {
  const version = await readFile(join(home.data, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version === null) return initialise(home, binaries, password, durable);
  if (Number.parseInt(version, 10) !== binaries.major) {
    throw new EmbeddedPostgresError(
      `The data in ${home.data} was written by PostgreSQL ${version.trim()}, and ${binaries.major} is installed. ` +
        'Dump it with the former version and restore it, or move it away to begin with an empty database.',
    );
  }
};

/** Made beside and renamed: a folder named `data` is always whole. Who comes second drops theirs. */
const initialise = async (
  home: Home,
  binaries: Binaries,
  password: string,
  durable: boolean,
): Promise<void> => {
  const draft = `${home.data}-${randomBytes(6).toString('hex')}`;
  const passwordFile = `${draft}.password`;
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (home.account.uid !== undefined) await chown(passwordFile, home.account.uid, home.account.gid);
    await promisify(execFile)(
      binaries.initdb,
      [
        `--pgdata=${draft}`,
        `--username=${USER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The same order of texts on every machine, whatever locales it has.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(durable ? [] : ['--no-sync']),
      ],
      { ...home.account, cwd: '/', env: ENVIRONMENT },
    );
    await rename(draft, home.data);
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    throw new EmbeddedPostgresError(
      `The data folder ${home.data} could not be made: ${(stderr ?? '').trim() || (error as Error).message}.`,
      error,
    );
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
};
