import { Command } from '@nestjs/cqrs';

/**
 * Records that an attempt is about to call the provider. Answers the attempt's number, or null when the call must not be
 * made: the task no longer waits, or somebody else was first.
 */
export class StartSubmission extends Command<number | null> {
  constructor(
    readonly taskId: string,
    readonly callback: boolean,
  ) {
    super();
  }
}
