import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { chown, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ServiceAccount } from './service-account.js';

/*
 * The server lives exactly as long as somebody uses it, counted by the kernel.
 *
 * Each start makes a named pipe. A small shell, in a session of its own (so that Ctrl-C and a closed terminal do not
 * reach it), runs the server and reads the pipe, into which nobody ever writes. Every process that uses the server
 * keeps the pipe open for writing. When the last of them closes it, or dies in whatever way, the shell reads the end of
 * the file and stops the server in order (SIGINT: open transactions are rolled back, a checkpoint is written).
 *
 * A wait that ends with more than 128 was interrupted by a signal to the shell, or the server was killed by one: only the
 * first leaves something to wait for.
 */

const SCRIPT = `
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
{ while read -r _ <&3; do :; done; kill -INT "$server"; } &
watcher=$!
exec 3<&-
trap : HUP INT TERM
while wait "$server"; [ $? -gt 128 ] && kill -0 "$server" 2>/dev/null; do :; done
kill "$watcher" 2>/dev/null
`;

const PREFIX = 'users-';
/** A setting of no meaning to the server: its command line, kept in postmaster.opts, tells others which pipe is its. */
const SETTING = 'genledger.pipe';

/** Our being counted as a user of the server. */
export interface Hold {
  /** File name of the pipe. */
  readonly pipe: string;
  /** Gives it back, once. When no others remain, the server has begun to stop. */
  release(): { readonly othersRemain: boolean };
  /** Removes the pipe, once the server is gone: the process that made it may have left before us. */
  remove(): Promise<void>;
}

/** Runs the server with us as its first user. `ended` resolves when it is gone, for whatever reason. */
export const startKept = async (
  home: string,
  command: readonly string[],
  options: { readonly account: ServiceAccount; readonly env: Record<string, string>; readonly log: number },
): Promise<{ readonly hold: Hold; readonly ended: Promise<void> }> => {
  const name = PREFIX + randomBytes(6).toString('hex');
  const pipe = join(home, name);
  await promisify(execFile)('mkfifo', ['-m', '600', pipe]);
  if (options.account.uid !== undefined) await chown(pipe, options.account.uid, options.account.gid);
  // Opening one end waits for the other. Opening both at once does not, and lets the two opens after it through.
  const both = openSync(pipe, constants.O_RDWR);
  const reading = openSync(pipe, constants.O_RDONLY);
  const writing = openSync(pipe, constants.O_WRONLY);
  closeSync(both);
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...command, '-c', `${SETTING}=${name}`], {
    ...options.account,
    cwd: '/',
    env: options.env,
    detached: true,
    stdio: [reading, options.log, options.log],
  });
  closeSync(reading);
  child.unref();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => rm(pipe, { force: true }));
  return { hold: holdOf(home, name, writing), ended };
};

/** Joins the users of the server that runs on this data; null when nobody watches over it any more. */
export const joinKept = async (home: string, data: string): Promise<Hold | null> => {
  const name = await pipeOf(data);
  if (name === null) return null;
  const writing = openForWriting(join(home, name));
  return writing === null ? null : holdOf(home, name, writing);
};

/** The pipe of the server that was the last to take possession of the data. */
export const pipeOf = async (data: string): Promise<string | null> => {
  const started = await readFile(join(data, 'postmaster.opts'), 'utf8').catch(() => '');
  return new RegExp(`"${SETTING}=(${PREFIX}[0-9a-f]+)"`).exec(started)?.[1] ?? null;
};

/** Removes what starts that were killed left behind. A pipe younger than a minute may belong to a start under way. */
export const removeOldPipes = async (home: string): Promise<void> => {
  for (const name of await readdir(home)) {
    if (!name.startsWith(PREFIX)) continue;
    const pipe = join(home, name);
    const found = await stat(pipe).catch(() => null);
    if (found === null || Date.now() - found.mtimeMs < 60_000) continue;
    const writing = openForWriting(pipe);
    if (writing === null) await rm(pipe, { force: true });
    else closeSync(writing);
  }
};

const holdOf = (home: string, pipe: string, writing: number): Hold => ({
  pipe,
  release: () => {
    const reading = open(join(home, pipe), constants.O_RDONLY);
    closeSync(writing);
    // No pipe: the server ended before us.
    if (reading === null) return { othersRemain: false };
    try {
      // Nobody ever writes. The end of the file says that there is no writer, "would block" that there still is one.
      readSync(reading, Buffer.alloc(1));
      return { othersRemain: false };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      return { othersRemain: true };
    } finally {
      closeSync(reading);
    }
  },
  remove: () => rm(join(home, pipe), { force: true }),
});

/** Null when nobody reads the pipe, or there is none. */
const openForWriting = (pipe: string): number | null => open(pipe, constants.O_WRONLY);

const open = (pipe: string, end: number): number | null => {
  try {
    return openSync(pipe, end | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENXIO' || code === 'ENOENT') return null;
    throw error;
  }
};
