import { closeSync, fchownSync, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Binaries } from './binaries.js';
import { ENVIRONMENT, type Home } from './cluster.js';
import { pipeOf, startKept, type Hold } from './keeper.js';
import { readPostmaster, type Postmaster } from './postmaster.js';

/** What came of starting a server process. */
export type Launch =
  | { readonly kind: 'ready'; readonly server: Postmaster; readonly hold: Hold }
  /** It ended by itself: another one was first, the port is taken, the data is broken … */
  | { readonly kind: 'ended'; readonly said: string }
  | { readonly kind: 'late' };

export interface LaunchOptions {
  readonly durable: boolean;
  readonly port: number;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
}

/** In bytes; a longer one is begun anew at the next start. */
const LONGEST_LOG = 10_000_000;

/** Starts a server on the data and waits until it takes connections or is gone. */
export const launch = async (home: Home, binaries: Binaries, options: LaunchOptions): Promise<Launch> => {
  const before = await stat(home.log).then(
    ({ size }) => size,
    () => 0,
  );
  const written = before > LONGEST_LOG ? 0 : before;
  const log = openSync(home.log, written === before ? 'a' : 'w', 0o600);
  // Its owner may be the one who starts the server next time.
  if (home.account.uid !== undefined) fchownSync(log, home.account.uid, home.account.gid);
  const { hold, ended } = await startKept(home.path, commandLine(home, binaries, options), {
    account: home.account,
    env: ENVIRONMENT,
    log,
  }).finally(() => closeSync(log));

  let over = false;
  void ended.then(() => (over = true));
  while (!over && performance.now() < options.deadline) {
    const server = await readPostmaster(home.data);
    // A ready server with another pipe is the one that was first; ours will end.
    if (server?.state === 'ready' && (await pipeOf(home.data)) === hold.pipe)
      return { kind: 'ready', server, hold };
    await Promise.race([ended, pause(10)]);
  }
  hold.release();
  if (!over) return { kind: 'late' };
  const said = await readFile(home.log).catch(() => Buffer.alloc(0));
  return { kind: 'ended', said: said.subarray(written).toString('utf8').trim() };
};

const commandLine = (home: Home, binaries: Binaries, { durable, port }: LaunchOptions): string[] => {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Statements and the values in them are personal data: neither goes to the log with an error.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return [
    binaries.postgres,
    '-D',
    home.data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
};

/** The port of the last start, so that a connection string somebody wrote down keeps working; else a free one. */
export const lastPort = async (home: Home): Promise<number> => {
  const started = await readFile(join(home.data, 'postmaster.opts'), 'utf8').catch(() => '');
  const port = Number(/"port=(\d+)"/.exec(started)?.[1]);
  return port > 0 ? port : freePort();
};

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
