import { type Gates } from '../ledger/gates.js';
import { type Ledger } from '../ledger/ledger.js';
import { type CallbackRecord } from '../ledger/records.js';
import { SimulatorControlError } from '../simulator-control.error.js';
import { type SimulatorSettings } from '../simulator.options.js';
import { type DueQueue } from '../tasks/due-queue.js';
import { type SimulatedTask } from '../tasks/simulated-task.js';
import { inventedFiles } from '../wire/task-body.js';
import { callbackMessage, type CallbackMessage, type Lie } from './callback-message.js';
import { CallbackPost } from './post.js';

export interface CallbackSenderParts {
  readonly settings: SimulatorSettings;
  readonly ledger: Ledger;
  readonly gates: Gates;
  readonly queue: DueQueue;
  readonly now: () => number;
  readonly baseUrl: () => string;
  /** An id that is not the given one. */
  readonly otherId: (id: string) => string;
}

type Reason = CallbackRecord['reason'];

/**
 * Delivers callbacks. The message is fixed when the delivery is decided; a retry repeats it, headers included.
 *
 * Each verdict leads to at most one delivery with its copies and replay; what is sent by hand is neither retried nor subject to
 * `callback-never`.
 */
export class CallbackSender {
  private readonly post: CallbackPost;

  constructor(private readonly parts: CallbackSenderParts) {
    this.post = new CallbackPost(parts.settings.callbacks.timeoutMs);
  }

  /** The verdict of a task, as its faults want it. Resolves when the first try has been answered or has failed. */
  async deliverVerdict(task: SimulatedTask): Promise<void> {
    const { faults, callbackUrl } = task;
    if (callbackUrl === null || faults.strike('callback-never') !== undefined) return;
    const { queue } = this.parts;
    const message = this.message(task, {});
    const delay = Number(faults.strike('callback-delay') ?? 0);
    const repeat = faults.strike('callback-repeat');
    const replay = faults.strike('callback-replay');

    const first = new Promise<void>((sent) => {
      const send = (): void => {
        void this.attempt(task, callbackUrl, message, 'verdict').then(() => sent());
        for (let copy = 0; copy < Number(repeat === '' ? 1 : (repeat ?? 0)); copy += 1) {
          void this.attempt(task, callbackUrl, message, 'repeat');
        }
      };
      if (delay > 0) queue.after(this.scaled(delay), send);
      else send();
    });
    if (replay !== undefined) {
      queue.after(
        this.scaled(delay + Number(replay)),
        () => void this.attempt(task, callbackUrl, message, 'replay'),
      );
    }
    await first;
  }

  /** A false callback besides the true one: this status, and invented files when it is a success. */
  async deliverForgery(task: SimulatedTask, status: string): Promise<void> {
    const { callbackUrl } = task;
    if (callbackUrl === null) return;
    const files = status === 'finished' ? inventedFiles(task, this.parts.baseUrl()) : [];
    await this.attempt(task, callbackUrl, this.message(task, { status, files }), 'forged');
  }

  /**
   * One try, now.
   *
   * @throws SimulatorControlError when neither the task nor the call names a URL
   */
  async sendByHand(task: SimulatedTask, lie: Lie, url = task.callbackUrl): Promise<CallbackRecord> {
    if (url === null)
      throw new SimulatorControlError(`Task ${task.id} was submitted without a callback_url.`);
    return this.try(task, url, this.message(task, lie), 'manual', 1);
  }

  close(): void {
    this.post.close();
  }

  private message(task: SimulatedTask, lie: Lie): CallbackMessage {
    const { settings, baseUrl, now, otherId } = this.parts;
    return callbackMessage(task, lie, {
      settings: settings.callbacks,
      baseUrl: baseUrl(),
      now: now(),
      otherId: otherId(task.id),
    });
  }

  /** A try that is followed by others as long as the answer is not 2xx and pauses are left. */
  private async attempt(
    task: SimulatedTask,
    url: string,
    message: CallbackMessage,
    reason: Reason,
    attempt = 1,
  ): Promise<void> {
    const { status } = await this.try(task, url, message, reason, attempt);
    if (status !== null && status >= 200 && status < 300) return;
    const pause = this.parts.settings.callbacks.retryDelaysMs[attempt - 1];
    if (pause === undefined) return;
    this.parts.queue.after(
      this.scaled(pause),
      () => void this.attempt(task, url, message, reason, attempt + 1),
    );
  }

  private async try(
    task: SimulatedTask,
    url: string,
    message: CallbackMessage,
    reason: Reason,
    attempt: number,
  ): Promise<CallbackRecord> {
    const { gates, ledger, now } = this.parts;
    await gates.pass('callback', { text: task.text, taskId: task.id });
    const at = now();
    ledger.enter('callback');
    const result = await this.post.send(url, message);
    ledger.leave('callback');
    const { id: taskId, text } = task;
    return ledger.write('callbacks', { at, taskId, text, url, reason, attempt, ...message, ...result });
  }

  private scaled(providerMs: number): number {
    return providerMs / this.parts.settings.speed;
  }
}
