import { Command } from '@nestjs/cqrs';
import { type Cause } from '../../stream/task-repository.js';

/** Destroys the data key of a task that has ended, and every copy of its personal parts. Again: nothing more happens. */
export class EraseTask extends Command<void> {
  constructor(
    readonly taskId: string,
    /** Whose task it must be; null: anybody's, for operators. */
    readonly owner: string | null,
    /** Kept as a keyed digest only; null for none. */
    readonly reason: string | null,
    readonly cause: Cause,
  ) {
    super();
  }
}
