/**
 * What one Jest run owns: a folder for its Postgres and a name that all its databases begin with. Workers learn both from
 * the environment. The server itself is started by the first spec that wants a database (see postgres.ts), so that a run
 * of unit specs starts none.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const PREFIX = 'genledger-test-';

export const begin = async () => {
  const base = await temporaryFolder();
  await removeLeftovers(base);
  const run = randomBytes(4).toString('hex');
  const folder = join(base, `${PREFIX}${process.pid}-${run}`);
  await mkdir(folder);
  // When root runs the tests, Postgres runs as another user and must be able to pass.
  await chmod(folder, 0o711);
  process.env.GENLEDGER_TEST_FOLDER = folder;
  process.env.GENLEDGER_TEST_RUN = run;
};

export const end = async () => {
  const { GENLEDGER_TEST_FOLDER: folder, GENLEDGER_TEST_RUN: run, TEST_DATABASE_URL: given } = process.env;
  if (given) await dropDatabases(given, `genledger_test_${run}_`);
  await remove(folder);
};

/** The system's folder for temporary files, unless only root can enter it. */
const temporaryFolder = async () => {
  if (process.getuid?.() !== 0) return tmpdir();
  for (let folder = tmpdir(); folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return '/tmp';
  }
  return tmpdir();
};

/** Of runs that were killed: their server has ended with them, their folder has not. */
const removeLeftovers = async (base) => {
  for (const name of await readdir(base)) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) await remove(join(base, name)).catch(() => undefined);
  }
};

const remove = async (folder) => {
  await stopServer(join(folder, 'data', 'postgres', 'data'));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
};

/** At once and without a checkpoint: nobody wants the data. */
const stopServer = async (data) => {
  const pid = Number((await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);
  if (!(pid > 1) || !isAlive(pid)) return;
  process.kill(pid, 'SIGQUIT');
  while (isAlive(pid)) await pause(10);
};

const dropDatabases = async (url, prefix) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [
    prefix,
  ]);
  for (const { datname } of rows) await client.query(`drop database if exists "${datname}" with (force)`);
  await client.end();
};

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};
