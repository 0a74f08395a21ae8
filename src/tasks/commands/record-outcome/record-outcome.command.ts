import { Command } from '@nestjs/cqrs';
import { type Task } from '../../domain/task.state.js';
import { type SubmitOutcome } from '../../ports.js';

/** Records what came of an attempt, in whatever state the task is by now. */
export class RecordOutcome extends Command<Task> {
  constructor(
    readonly taskId: string,
    readonly attempt: number,
    readonly outcome: SubmitOutcome,
  ) {
    super();
  }
}
