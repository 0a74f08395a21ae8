import { Command } from '@nestjs/cqrs';
import { type TaskResumed } from '../../domain/task.events.js';
import { type Cause } from '../../stream/task-repository.js';

/** Sends a held task back to the queue. Touches this task only, not the account. */
export class ResumeTask extends Command<void> {
  constructor(
    readonly taskId: string,
    /** Whose task it must be; null: anybody's. */
    readonly owner: string | null,
    readonly because: TaskResumed['data']['because'],
    readonly cause: Cause,
  ) {
    super();
  }
}
