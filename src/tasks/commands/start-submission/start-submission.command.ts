import { Command } from '@nestjs/cqrs';

/**
 * Records that an attempt is about to call the provider. Answers the attempt's number, or null when the call must not be
 * made: the task no longer waits, somebody else was first, or something came after the call was planned (a callback of an
 * earlier attempt: what it names is looked at first).
 */
export class StartSubmission extends Command<number | null> {
  constructor(
    readonly taskId: string,
    readonly callback: boolean,
    /** Version of the task that the call was planned for. Null: whatever it is now. */
    readonly plannedFor: number | null,
  ) {
    super();
  }
}
