import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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
export const cpuMicroseconds = (pid: number): number => {
  const used = statOf(pid);
  return used ? (used.user + used.system) * MICROSECONDS_PER_TICK : 0;
};

/** The same of a process and all that it started itself, such as the sessions of a database, ended ones too. */
export const cpuMicrosecondsOfFamily = (pid: number): number => {
  const own = statOf(pid);
  if (!own) return 0;
  const children = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && statOf(Number(name))?.parent === pid)
    .reduce((sum, name) => sum + cpuMicroseconds(Number(name)), 0);
  return (own.user + own.system + own.ended) * MICROSECONDS_PER_TICK + children;
};

interface Stat {
  readonly parent: number;
  /** Ticks. */
  readonly user: number;
  readonly system: number;
  /** Of children that have ended. */
  readonly ended: number;
}

/** Null for a process that is gone, and where there is no /proc. */
const statOf = (pid: number): Stat | null => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').map(Number);
    return { parent: fields[1]!, user: fields[11]!, system: fields[12]!, ended: fields[13]! + fields[14]! };
  } catch {
    return null;
  }
};
