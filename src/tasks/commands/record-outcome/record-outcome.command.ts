import { Command } from '@nestjs/cqrs';
import { type Task } from '../../domain/task.state.js';
import { type SubmitOutcome } from '../../ports.js';

/**
 * Records what came of an attempt, in whatever state the task is by now.
 *
 * Null when the log does not know the task any more: what was created is kept for the report of orphans.
 */
export class RecordOutcome extends Command<Task | null> {
  constructor(
    readonly taskId: string,
    readonly attempt: number,
    readonly outcome: SubmitOutcome,
  ) {
    super();
  }
}
