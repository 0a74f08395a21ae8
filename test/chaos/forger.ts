import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Accepted } from './clients.js';

const EVERY_MS = 200;

/** Posts verdicts to callback URLs of real tasks with tokens that nobody gave out. Forgeries with a right token are the provider's. */
export class Forger {
  /** How many were sent, and how many were taken for real. */
  sent = 0;
  believed = 0;
  private isStopped = false;

  constructor(
    private readonly url: string,
    private readonly accepted: readonly Accepted[],
  ) {}

  async run(): Promise<void> {
    while (!this.isStopped) {
      await pause(EVERY_MS);
      const target = this.accepted.at(-1);
      if (target) await this.forge(target.taskId).catch(() => undefined);
    }
  }

  stop(): void {
    this.isStopped = true;
  }

  private async forge(taskId: string): Promise<void> {
    const token = randomBytes(32).toString('base64url');
    const verdict = {
      task_id: 'task-forged',
      status: 'finished',
      files: [{ file_url: 'https://forged.example/x.png' }],
    };
    this.sent += 1;
    const response = await fetch(`${this.url}/v1/callbacks/apidot/${taskId}/1/${token}`, {
      method: 'POST',
      body: JSON.stringify(verdict),
      signal: AbortSignal.timeout(2_000),
    });
    if (response.ok) this.believed += 1;
  }
}
