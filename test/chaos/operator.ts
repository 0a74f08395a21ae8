import { setTimeout as pause } from 'node:timers/promises';
import { type TaskTableRow } from './database.js';

const RESUME_EVERY_MS = 1_000;

/** Does what an operator does: ends pauses of the account, resumes held tasks, and sends again what may have been sent. */
export class Operator {
  resumed = 0;
  readonly resubmitted = new Set<string>();
  private isOffDuty = false;

  constructor(
    private readonly url: string,
    /** By owner. */
    private readonly keys: ReadonlyMap<string, string>,
  ) {}

  /** While things are broken: the account is paused by a refused key, and somebody finds that it works. */
  async watch(): Promise<void> {
    while (!this.isOffDuty) {
      await this.resumeAccount();
      await pause(RESUME_EVERY_MS);
    }
  }

  endWatch(): void {
    this.isOffDuty = true;
  }

  async resumeAccount(): Promise<void> {
    const [owner] = this.keys.keys();
    await this.post('/v1/account/resume', owner!);
  }

  async resume({ id, owner }: TaskTableRow): Promise<void> {
    if (await this.post(`/v1/tasks/${id}/resume`, owner)) this.resumed += 1;
  }

  /** Accepts in words that it may be paid twice. */
  async resubmit({ id, owner }: TaskTableRow): Promise<void> {
    const risk = { accept_duplicate_risk: true, reason: 'the provider knows nothing of it' };
    if (await this.post(`/v1/tasks/${id}/resubmit`, owner, risk)) this.resubmitted.add(id);
  }

  private async post(path: string, owner: string, body?: object): Promise<boolean> {
    try {
      const response = await fetch(this.url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.keys.get(owner)}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(5_000),
      });
      await response.text();
      return response.ok;
    } catch {
      return false;
    }
  }
}
