import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { ensureSecret } from '../data-directory.js';
import { findBinaries } from './binaries.js';
import { defaultStagingRoot, ensureData, findHome, USER, type Home } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import { joinKept, removeOldPipes, type Hold } from './keeper.js';
import { isServing, readPostmaster, removeMisleadingPidFile, type Postmaster } from './postmaster.js';
import { freePort, lastPort, launch } from './server-process.js';

export interface EmbeddedPostgresOptions {
  /** Holds the database (in `postgres`) and its password. */
  readonly dataDir: string;
  /** False gives up surviving a power cut, for data nobody wants to keep. Default: true. */
  readonly durable?: boolean;
  /** Where data and binaries go when the server's user cannot reach them where they are; only as root. */
  readonly stagingRoot?: string;
  /** The only port that will do. Default: the one of the last time, or a free one. */
  readonly port?: number;
  /** How long start and stop may take. Default: 120 s, which leaves room for recovery after a crash under load. */
  readonly timeoutMs?: number;
}

export interface EmbeddedDatabase {
  /** Connection string, password included. */
  readonly url: string;
  readonly info: {
    /** The folder with data and log. */
    readonly home: string;
    readonly logFile: string;
    readonly port: number;
    readonly pid: number;
    /** False when a server was running already and is now shared. */
    readonly startedHere: boolean;
  };
  /** False when it has died, or somebody else has stopped it. */
  isRunning(): Promise<boolean>;
  /**
   * Gives the server back. Whoever is the last to do so waits for its orderly end; `stopped` says whether that was us.
   * A second call returns the outcome of the first.
   */
  stop(): Promise<{ readonly stopped: boolean }>;
}

/**
 * A real PostgreSQL for this folder, started now or joined when one is running.
 *
 * Any number of processes may share it, such as the server and command lines beside it. It runs until the last of them
 * is gone, in whatever order they come and go, and ends with them even after `kill -9`. It listens on the loopback
 * address only, on a port it keeps while that is free, and asks for the password kept in `dataDir`.
 *
 * @throws EmbeddedPostgresError when it cannot be had; the message says why and what to do.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedDatabase> => {
  if (process.platform === 'win32')
    throw new EmbeddedPostgresError('The embedded PostgreSQL does not run on Windows.');
  const dataDir = resolve(options.dataDir);
  const durable = options.durable ?? true;
  const timeoutMs = options.timeoutMs ?? 120_000;
  const stagingRoot = options.stagingRoot ?? (await defaultStagingRoot());

  const home = await findHome(dataDir, stagingRoot);
  const binaries = await findBinaries(home.account, stagingRoot);
  const password = await ensureSecret(dataDir, 'postgres-password', () =>
    randomBytes(24).toString('base64url'),
  );
  await ensureData(home, binaries, password, durable);

  const access: Access = { home, password, timeoutMs };
  const deadline = performance.now() + timeoutMs;
  const failures: string[] = [];
  // Look again after each step: meanwhile others start, join and stop the same server. When two start one at once,
  // PostgreSQL lets one of the two live, and who started the other joins.
  while (performance.now() < deadline) {
    const running = await look(home);
    if (running?.state === 'ready') {
      const joined = await join(access, running);
      if (joined !== null) return joined;
    } else if (running === null) {
      await removeOldPipes(home.path);
      await removeMisleadingPidFile(home.data);
      const port = options.port ?? (failures.length === 0 ? await lastPort(home) : await freePort());
      const launched = await launch(home, binaries, { durable, port, deadline });
      if (launched.kind === 'ready') return admit(access, launched.server, launched.hold, true);
      if (launched.kind === 'ended' && (await look(home)) === null) failures.push(launched.said);
      if (failures.length === 3) {
        throw new EmbeddedPostgresError(
          `PostgreSQL in ${home.path} ends at start: ${lastLines(failures[2]!)}`,
        );
      }
    }
    await pause(20);
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL in ${home.path} was not ready after ${timeoutMs} ms; its log is ${home.log}.`,
  );
};

interface Access {
  readonly home: Home;
  readonly password: string;
  readonly timeoutMs: number;
}

const look = async (home: Home): Promise<Postmaster | null> => {
  try {
    return await readPostmaster(home.data);
  } catch (error) {
    const { message } = error as Error;
    throw new EmbeddedPostgresError(`${home.data} cannot be read: ${message}. Is it another user's?`, error);
  }
};

/** Null when that server is about to end. */
const join = async (access: Access, running: Postmaster): Promise<EmbeddedDatabase | null> => {
  const hold = await joinKept(access.home.path, access.home.data);
  if (hold === null) {
    // Its last user has just gone; or its keeper was killed, and then nobody but us would ever stop it.
    process.kill(running.pid, 'SIGINT');
    return null;
  }
  try {
    return await admit(access, running, hold, false);
  } catch (error) {
    hold.release();
    // Between our look and our connection it began to stop.
    if ((await look(access.home))?.state !== 'ready') return null;
    throw error;
  }
};

const admit = async (
  { home, password, timeoutMs }: Access,
  server: Postmaster,
  hold: Hold,
  startedHere: boolean,
): Promise<EmbeddedDatabase> => {
  const url = (database: string) => `postgresql://${USER}:${password}@127.0.0.1:${server.port}/${database}`;
  await ensureDatabase(url('postgres'));
  const stop = async (): Promise<{ stopped: boolean }> => {
    if (hold.release().othersRemain) return { stopped: false };
    const deadline = performance.now() + timeoutMs;
    while (await isServing(server.pid, home.data)) {
      if (performance.now() > deadline) {
        throw new EmbeddedPostgresError(
          `PostgreSQL (pid ${server.pid}) did not stop within ${timeoutMs} ms; see ${home.log}.`,
        );
      }
      await pause(10);
    }
    await hold.remove();
    return { stopped: true };
  };
  let stopping: ReturnType<typeof stop> | undefined;
  return {
    url: url(USER),
    info: { home: home.path, logFile: home.log, port: server.port, pid: server.pid, startedHere },
    isRunning: () => isServing(server.pid, home.data),
    stop: () => (stopping ??= stop()),
  };
};

const ensureDatabase = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // a lost connection fails the query, which says it
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [USER]);
    if (rowCount === 0) await client.query(`create database ${USER}`);
  } catch (error) {
    // Another process made it in between.
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await client.end();
  }
};

const lastLines = (text: string): string => text.split('\n').slice(-4).join(' | ');
