import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** How long a start may take; the machine may be busy and PostgreSQL recovering. A try that takes long is given up. */
const READY_WITHIN_MS = 180_000;
const TRY_MS = 45_000;
const RETRY_MS = 300;

/** A server process that is started again whenever it was killed, until it is told to stop. */
export class Replica {
  private child: ChildProcess | null = null;
  private expected = false;
  private said = '';
  private isFrozen = false;
  /** Ends that nobody asked for, once it had been ready. */
  readonly deaths: string[] = [];
  /** Tries that were given up, with what they had said. */
  readonly slowStarts: string[] = [];
  starts = 0;

  constructor(
    private readonly program: readonly string[],
    private readonly environment: Readonly<Record<string, string | undefined>>,
    private readonly cwd: string,
  ) {}

  get pid(): number {
    return this.child!.pid!;
  }

  /** Resolves when it serves. A start that fails, because there is no database just then, is tried again. */
  async start(): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await this.tryToStart())) {
      if (performance.now() > deadline)
        throw new Error(`A replica did not start:\n${this.said.slice(-2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
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

  private tryToStart(): Promise<boolean> {
    this.starts += 1;
    this.said = '';
    this.expected = false;
    const child = spawn(process.execPath, this.program, {
      cwd: this.cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    return new Promise((resolve) => {
      let isReady = false;
      const patience = setTimeout(() => {
        this.slowStarts.push(`not ready after ${TRY_MS} ms: ${this.said.slice(-2_000)}`);
        child.kill('SIGKILL');
      }, TRY_MS);
      const listen = (chunk: Buffer): void => {
        this.said = (this.said + chunk.toString()).slice(-20_000);
        if (isReady || !this.said.includes('Genledger is ready')) return;
        isReady = true;
        clearTimeout(patience);
        resolve(true);
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.once('exit', (code, signal) => {
        clearTimeout(patience);
        if (isReady && !this.expected)
          this.deaths.push(`ended with ${signal ?? code}: ${this.said.slice(-1_000)}`);
        resolve(false);
      });
    });
  }
}
