import { Command } from '@nestjs/cqrs';
import { type CallbackSignature, type CallbackVerdict } from '../../domain/task.events.js';
import { type Cause } from '../../stream/task-repository.js';

export interface RecordedCallback {
  readonly verdict: CallbackVerdict;
  /** False beyond the limit of recorded callbacks: nothing was stored. */
  readonly isRecorded: boolean;
}

/** Records what arrived on a callback URL whose token was valid, before anything is made of it. */
export class ReceiveCallback extends Command<RecordedCallback> {
  constructor(
    readonly taskId: string,
    readonly attempt: number,
    readonly body: Buffer,
    /** Selected headers, bounded. */
    readonly headers: Readonly<Record<string, string>>,
    readonly cause: Cause,
    /** What its signature headers are worth; null: not checked. */
    readonly signature: CallbackSignature | null = null,
  ) {
    super();
  }
}
