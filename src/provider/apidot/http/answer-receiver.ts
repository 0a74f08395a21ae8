import { type IncomingHttpHeaders } from 'node:http';
import { type Dispatcher } from 'undici';
import { type StartGate } from './start-gate.js';

/** The longest answer we read. A status answer has a few kilobytes; more than this is a fault or an attack. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** What came back: a whole answer (no bytes: longer than we read), or what there was of one when it broke off. */
export type Reception =
  | {
      readonly kind: 'whole';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly bytes: Buffer | null;
    }
  | {
      readonly kind: 'broken';
      readonly status: number | null;
      /** Null: the call was given up. */
      readonly error: Error | null;
    };

/**
 * Takes the answer to one request as undici reads it from the socket, without the streams, signals and header objects of
 * `fetch`, which cost several times as much as the call itself.
 *
 * undici says `onRequestStart` when the connection (with TLS, where there is any) stands and before it writes the first
 * byte; aborting there writes nothing. That is where the gate is asked.
 */
export class AnswerReceiver implements Dispatcher.DispatchHandler {
  /** Settles once, and never rejects. */
  readonly reception: Promise<Reception>;
  private settle!: (reception: Reception) => void;
  private isOver = false;
  private controller: Dispatcher.DispatchController | null = null;
  private head: { readonly status: number; readonly headers: IncomingHttpHeaders } | null = null;
  private readonly chunks: Buffer[] = [];
  private length = 0;

  constructor(private readonly gate: StartGate) {
    this.reception = new Promise((resolve) => (this.settle = resolve));
  }

  /** The time is over: what did not start never will, what is under way is cut off. */
  giveUp(): void {
    this.end({ kind: 'broken', status: this.head?.status ?? null, error: null });
    this.controller?.abort(new Error('The call was given up.'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isOver || !this.gate.open())
      controller.abort(new Error('The request was not allowed to start.'));
    else this.controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Informational ones precede the answer.
    if (status >= 200) this.head = { status, headers };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.length += chunk.length;
    if (this.length <= MAX_ANSWER_BYTES) {
      this.chunks.push(chunk);
    } else {
      this.end({ kind: 'whole', ...this.head!, bytes: null });
      controller.abort(new Error('The answer is longer than what is read of one.'));
    }
  }

  onResponseEnd(): void {
    this.end({ kind: 'whole', ...this.head!, bytes: Buffer.concat(this.chunks, this.length) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end({ kind: 'broken', status: this.head?.status ?? null, error });
  }

  private end(reception: Reception): void {
    this.isOver = true;
    this.settle(reception);
  }
}
