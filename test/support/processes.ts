import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LOADER = new URL('./typescript.mjs', import.meta.url).href;

/** A real process that runs one of our TypeScript files and talks in lines of JSON. */
export interface Script {
  readonly child: ChildProcess;
  /** The next line it writes. @throws when it ends instead, with what it wrote to its error output. */
  next<T>(): Promise<T>;
  /** Writes a line to its input. */
  say(line: string): void;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
}

/** In a process group of its own, as a shell starts its jobs: `process.kill(-pid, 'SIGINT')` is Ctrl-C. */
export const runScript = (
  script: URL,
  args: readonly string[],
  as: { uid?: number; gid?: number } = {},
): Script => {
  const child = spawn(
    process.execPath,
    ['--import', LOADER, '--enable-source-maps', fileURLToPath(script), ...args],
    { cwd: '/', env: { PATH: process.env.PATH }, detached: true, ...as, stdio: 'pipe' },
  );
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.stdin.on('error', () => undefined); // it was killed
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit').then(() => undefined);
  return {
    child,
    ended,
    say: (line) => void child.stdin.write(`${line}\n`),
    next: async <T>() => {
      const line = await lines.next();
      if (line.done === true) throw new Error(`the process ended: ${complaint}`);
      return JSON.parse(line.value) as T;
    },
  };
};

/** True while a process has this pid; one that has ended and that nobody has reaped does not count. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** Resolves when the process is gone, which nobody else can tell us: it is not our child. */
export const gone = async (pid: number, withinMs = 10_000): Promise<void> => {
  const deadline = performance.now() + withinMs;
  while (isRunning(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} is still there after ${withinMs} ms`);
    await pause(10);
  }
};
