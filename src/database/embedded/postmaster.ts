import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a running server says of itself in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  /** 0 until it listens. */
  readonly port: number;
  readonly state: 'starting' | 'ready' | 'stopping';
}

/** The live server of a data folder, or null. A file left behind by a killed one is null, whoever has its pid now. */
export const readPostmaster = async (data: string): Promise<Postmaster | null> => {
  // Lines: pid, data folder, start time, port, socket folder, address, shared memory, state.
  const lines = await readPidFile(data);
  const pid = Number(lines[0]);
  if (!isPid(pid) || !(await isServing(pid, data))) return null;
  return { pid, port: Number(lines[3] ?? 0), state: stateOf(lines[7]?.trim()) };
};

/**
 * Removes a pid file whose server is gone while another process of the same user has its pid, as happens soon in a
 * container. PostgreSQL would take that process for the server and refuse to start; all other left files it sees through.
 */
export const removeMisleadingPidFile = async (data: string): Promise<void> => {
  const pid = Number((await readPidFile(data))[0]);
  if (isPid(pid) && isAlive(pid) && !(await isServing(pid, data))) await rm(join(data, 'postmaster.pid'));
};

const readPidFile = async (data: string): Promise<string[]> => {
  try {
    return (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

const isPid = (pid: number): boolean => Number.isInteger(pid) && pid > 0;

const stateOf = (word: string | undefined): Postmaster['state'] =>
  word === 'ready' || word === 'stopping' ? word : 'starting';

/** Is that process the server of this data? One that has ended is not, even while nobody has reaped it. */
export const isServing = async (pid: number, data: string): Promise<boolean> => {
  if (!isAlive(pid)) return false;
  // A server's working folder is its data.
  const folder = await workingFolder(pid);
  return folder !== null && folder === (await realpath(data));
};

const workingFolder = async (pid: number): Promise<string | null> => {
  if (process.platform === 'linux') return readlink(`/proc/${pid}/cwd`).catch(() => null);
  const { stdout } = await promisify(execFile)('lsof', ['-a', '-p', String(pid), '-d', 'cwd', '-Fn']).catch(
    () => ({
      stdout: '',
    }),
  );
  return /^n(.*)$/m.exec(stdout)?.[1] ?? null;
};

/** True while any process has this pid, also another user's. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
