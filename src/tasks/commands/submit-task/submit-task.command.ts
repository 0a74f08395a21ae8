import { Command } from '@nestjs/cqrs';
import { type JsonObject } from '../../../shared/json.js';
import { type Priority } from '../../domain/priority.js';
import { type TaskView } from '../../read-model/task-view.js';
import { type Cause } from '../../stream/task-repository.js';

/** A request to generate something, as it came in. */
export interface TaskRequest {
  readonly model: string;
  readonly input: unknown;
  readonly metadata: JsonObject | null;
  readonly notifyUrl: string | null;
  /** Default `normal`. */
  readonly priority?: Priority;
}

export interface SubmittedTask {
  readonly task: TaskView;
  /** The idempotency key had been used for the same request: this is that task. */
  readonly isReplay: boolean;
}

/**
 * Accepts an intent and answers when it is durable.
 *
 * The same (owner, idempotency key) is the same task for ever, under concurrency and across restarts.
 */
export class SubmitTask extends Command<SubmittedTask> {
  constructor(
    readonly owner: string,
    readonly domain: string,
    readonly request: TaskRequest,
    /** The body as received, for the fingerprint. */
    readonly body: unknown,
    readonly idempotencyKey: string | null,
    readonly cause: Cause,
  ) {
    super();
  }
}
