import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { endWithUs } from './end-with-us.js';

/** All tries of a start together. A machine that has other things to do needs its time. */
const READY_WITHIN_MS = 300_000;
const RETRY_MS = 300;
/** A start that works, however slowly, is waited for; one that did nothing at all for so long hangs. */
const HANGS_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 1_000;
/** Waiting for a connection is not working; what the event loop needs to look at a clock is less. */
const LEAST_WORK_MS = 50;

/** A replica that did not come up again, with what its last tries said. */
export class ReplicaDownError extends Error {}

/** A server process that is started again whenever it was killed, until it is told to stop. */
export class Replica {
  private child: ChildProcess | null = null;
  private expected = false;
  private said = '';
  private isFrozen = false;
  /** Ends that nobody asked for, once it had been ready. */
  readonly deaths: string[] = [];
  /** Starts that did nothing any more and were given up, with what they had said. */
  readonly hungStarts: string[] = [];
  starts = 0;
  longestStartMs = 0;
  private isUp = false;
  private startingSince: number | null = null;

  constructor(
    private readonly program: readonly string[],
    private readonly environment: Readonly<Record<string, string | undefined>>,
    private readonly cwd: string,
  ) {}

  get pid(): number {
    return this.child!.pid!;
  }

  /**
   * Resolves when it serves. A start that fails, because there is no database just then, is tried again.
   *
   * @throws ReplicaDownError
   */
  async start(): Promise<void> {
    const startedAt = performance.now();
    this.startingSince = startedAt;
    const tries: string[] = [];
    while (!(await this.tryToStart(startedAt + READY_WITHIN_MS))) {
      tries.push(this.said.slice(-2_000));
      if (performance.now() > startedAt + READY_WITHIN_MS)
        throw new ReplicaDownError(
          `not up after ${tries.length} tries in ${READY_WITHIN_MS} ms, the last two said:\n${tries.slice(-2).join('\n---\n')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    this.startingSince = null;
    this.longestStartMs = Math.max(this.longestStartMs, performance.now() - startedAt);
  }

  /** For how long it has been on its way up; null when it is up, or not being started. */
  get startingForMs(): number | null {
    return this.startingSince === null ? null : performance.now() - this.startingSince;
  }

  /** In words, for a report. */
  get condition(): string {
    const state = this.isFrozen ? 'frozen' : this.isUp ? 'up' : 'not up';
    return `${state}, ${this.starts} starts, said last: ${this.said.slice(-1_000) || 'nothing'}`;
  }

  async kill(): Promise<void> {
    this.expected = true;
    await this.end('SIGKILL');
  }

  /** Sends SIGTERM and answers the exit code. */
  stop(): Promise<number | null> {
    this.expected = true;
    if (this.isFrozen) this.thaw();
    return this.end('SIGTERM');
  }

  freeze(): void {
    this.isFrozen = true;
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.isFrozen = false;
    this.child?.kill('SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    const [code] = await exited;
    return code;
  }

  private tryToStart(deadline: number): Promise<boolean> {
    this.starts += 1;
    this.said = '';
    this.expected = false;
    const child = spawn(process.execPath, this.program, {
      cwd: this.cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    endWithUs(child);
    return new Promise((resolve) => {
      const giveUp = (why: string): void => {
        this.hungStarts.push(`${why}: ${this.said.slice(-2_000) || 'it had said nothing'}`);
        child.kill('SIGKILL');
      };
      const stopWatching = watchForHang(child.pid!, deadline, giveUp);
      const listen = (chunk: Buffer): void => {
        this.said = (this.said + chunk.toString()).slice(-20_000);
        if (this.isUp || !this.said.includes('Genledger is ready')) return;
        this.isUp = true;
        stopWatching();
        resolve(true);
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.once('exit', (code, signal) => {
        stopWatching();
        if (this.isUp && !this.expected)
          this.deaths.push(`ended with ${signal ?? code}: ${this.said.slice(-1_000)}`);
        this.isUp = false;
        resolve(false);
      });
    });
  }
}

/** Tells once when a process has used no processor time for long, or the deadline is over. */
const watchForHang = (pid: number, deadline: number, tell: (why: string) => void): (() => void) => {
  let worked = 0;
  let workedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const used = processorTimeMs(pid);
    if (used === null || used - worked >= LEAST_WORK_MS) [worked, workedAt] = [used ?? worked, now];
    const isIdle = now - workedAt > HANGS_AFTER_MS;
    if (!isIdle && now < deadline) return;
    clearInterval(timer);
    tell(isIdle ? `a start did nothing for ${HANGS_AFTER_MS} ms` : 'a start was too slow');
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
};

/** Of a process, as Linux counts it; null where nobody tells. */
const processorTimeMs = (pid: number): number | null => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
};
