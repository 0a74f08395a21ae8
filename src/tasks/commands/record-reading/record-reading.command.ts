import { Command } from '@nestjs/cqrs';
import { type Task } from '../../domain/task.state.js';
import { type StatusReading } from '../../ports.js';
import { type LookNote } from '../../read-model/task-document.js';

/** Records what the provider's status said of one of a task's attempts, and the verdict when it is one. */
export class RecordReading extends Command<{ task: Task; isNews: boolean }> {
  constructor(
    readonly taskId: string,
    readonly attempt: number,
    readonly providerTaskId: string,
    readonly reading: StatusReading,
    /** `status`, or `status+detail`. */
    readonly source: string,
    /** A detail was asked for and could not be read. */
    readonly isPartial: boolean,
    /** The callback event that made us look; null for a planned look. */
    readonly causationId: string | null,
    /** Database time of the look. */
    readonly now: Date,
    readonly look: LookNote,
  ) {
    super();
  }
}
