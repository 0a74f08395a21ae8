import { Command } from '@nestjs/cqrs';
import { type Cause } from '../../stream/task-repository.js';

/** The client gives up a task. Ends it for the client; the provider cannot be stopped. */
export class CancelTask extends Command<void> {
  constructor(
    readonly taskId: string,
    /** Whose task it must be; null: anybody's. */
    readonly owner: string | null,
    readonly cause: Cause,
  ) {
    super();
  }
}
