import { setTimeout as pause } from 'node:timers/promises';
import { type Wish } from './plan.js';

/** What a client was promised. */
export interface Accepted {
  readonly wish: Wish;
  readonly marker: string;
  readonly idempotencyKey: string;
  readonly taskId: string;
}

const PATIENCE_MS = 4_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 3_000;
/** What a client may be told while things are broken. */
const PASSING = new Set([429, 503]);

/** Clients as they should be: an idempotency key for each intent, and the same request again until it is answered. */
export class Clients {
  readonly accepted: Accepted[] = [];
  /** Promises that were broken in front of a client. */
  readonly violations: string[] = [];
  /** Answers by status; `none` with the reason where there was none. */
  readonly answers = new Map<string, number>();
  private readonly startedAt = performance.now();

  constructor(
    private readonly url: string,
    private readonly keys: readonly string[],
    private readonly runName: string,
  ) {}

  /** Resolves when every wish was accepted. */
  async submitAll(wishes: readonly Wish[]): Promise<void> {
    await Promise.all(wishes.map((wish) => this.submit(wish)));
  }

  private async submit(wish: Wish): Promise<void> {
    await this.until(wish.atMs);
    const marker = `${this.runName}-${wish.number}-`;
    const submits = [this.untilAccepted(wish, marker)];
    if (wish.isDoubled) submits.push(this.untilAccepted(wish, marker));
    const ids = await Promise.all(submits);
    const [taskId] = ids;
    if (taskId == null) return;
    if (new Set(ids).size > 1) this.violations.push(`${marker} got two tasks: ${ids.join(', ')}`);
    this.accepted.push({ wish, marker, idempotencyKey: keyOf(marker), taskId });
    if (wish.cancelAfterMs === null) return;
    await pause(wish.cancelAfterMs);
    await this.call('POST', `/v1/tasks/${taskId}/cancel`, wish);
  }

  /** Null when the answer was one that must never come. */
  private async untilAccepted(wish: Wish, marker: string): Promise<string | null> {
    const body = { model: wish.model, input: { prompt: `${marker} a picture` }, priority: wish.priority };
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(LONGEST_PAUSE_MS, wait * 2)) {
      const answer = await this.call('POST', '/v1/image/tasks', wish, body, keyOf(marker));
      if (answer?.status === 202) return (JSON.parse(answer.text) as { id: string }).id;
      if (answer !== null && !PASSING.has(answer.status)) {
        this.violations.push(`${marker} was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
        return null;
      }
      await pause(wait);
    }
  }

  private async call(
    method: string,
    path: string,
    wish: Wish,
    body?: object,
    idempotencyKey?: string,
  ): Promise<{ status: number; text: string } | null> {
    try {
      const response = await fetch(this.url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.keys[wish.owner]}`,
          ...(body && { 'content-type': 'application/json' }),
          ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await response.text();
      this.count(String(response.status));
      return { status: response.status, text };
    } catch (error) {
      this.count(`none, ${reasonOf(error)}`);
      return null;
    }
  }

  private count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }

  private async until(atMs: number): Promise<void> {
    const left = this.startedAt + atMs - performance.now();
    if (left > 0) await pause(left);
  }
}

/** A code where there is one: `ECONNREFUSED`, `UND_ERR_SOCKET`, `TimeoutError`. */
const reasonOf = (error: unknown): string => {
  const { name, cause } = error as Error;
  return (cause as { code?: string } | undefined)?.code ?? name;
};

const keyOf = (marker: string): string => `key-${marker}`;
