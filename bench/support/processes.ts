import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Started {
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts a program and resolves when its output contains the text that says it is ready. */
export const start = (
  args: readonly string[],
  readyText: string,
  environment: Record<string, string> = {},
): Promise<Started> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const listen = (chunk: Buffer): void => {
      if (said.length < 100_000) said += chunk.toString();
      if (said.includes(readyText)) resolve({ child, stop: () => stopped(child) });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}:\n${said}`)));
  });

const stopped = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

const MICROSECONDS_PER_TICK = 10_000;

/** Processor time that a process has used so far, in its own code and in the kernel's for it. Linux only, else 0. */
export const cpuMicroseconds = (pid: number): number => ticksOf(pid, 11) * MICROSECONDS_PER_TICK;

/** The same of a PostgreSQL: of all its processes, also of those that have ended. */
export const serverCpuMicroseconds = (postmaster: number): number => {
  if (process.platform !== 'linux') return 0;
  const running = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
    .split(' ')
    .filter(Boolean);
  const ticks = running.reduce((sum, pid) => sum + ticksIfRunning(pid), ticksOf(postmaster, 13));
  return ticks * MICROSECONDS_PER_TICK;
};

const ticksIfRunning = (pid: string): number => {
  try {
    return ticksOf(pid, 11);
  } catch {
    return 0; // it has ended in between
  }
};

/** User and system time stand one behind the other. */
const ticksOf = (pid: number | string, field: number): number => {
  if (process.platform !== 'linux') return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[field]) + Number(fields[field + 1]);
};
