import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithUs } from './end-with-us.js';

const LOADER = new URL('../support/typescript.mjs', import.meta.url).href;
const SCRIPT = fileURLToPath(new URL('./provider.process.ts', import.meta.url));

/** As far as the checks look into the provider's ledger. */
export interface ProviderSubmit {
  readonly text: string;
  readonly taskId: string | null;
  readonly callbackUrl: string | null;
  readonly answer: string | null;
  readonly fault: string | null;
}

export interface ProviderCallback {
  readonly url: string;
  readonly body: string;
  readonly status: number | null;
  readonly reason: string;
}

export interface ProviderLedger {
  readonly submits: readonly ProviderSubmit[];
  readonly callbacks: readonly ProviderCallback[];
  readonly credits: { readonly charged: number };
  readonly counts: { readonly reads: number };
}

/** The provider as a process of its own, steered over its control routes. */
export class ProviderProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(port: number, seed: number, speed: number): Promise<ProviderProcess> {
    const child = spawn(
      process.execPath,
      ['--import', LOADER, SCRIPT, String(port), String(seed), String(speed)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    endWithUs(child);
    await once(child.stdout, 'data');
    return new ProviderProcess(child, `http://127.0.0.1:${port}`);
  }

  ledger(): Promise<ProviderLedger> {
    return this.control('GET', 'ledger');
  }

  async setFaults(faults: readonly string[]): Promise<void> {
    await this.control('PUT', 'faults', { faults });
  }

  /** Ends a task that would never end. */
  async finish(taskId: string): Promise<void> {
    const { status } = await this.control<{ status: string }>('GET', `tasks/${taskId}`);
    if (status !== 'finished' && status !== 'failed') await this.control('POST', `tasks/${taskId}/finish`);
  }

  /** Sends the callback of its present state once more. */
  async redeliver(taskId: string): Promise<void> {
    await this.control('POST', `tasks/${taskId}/redeliver`);
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private async control<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/_simulator/${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}
