import { Command } from '@nestjs/cqrs';

/** Lets a task notice what only a clock brings: overdue, the end of an unconfirmed wait. */
export class PassTime extends Command<void> {
  constructor(
    readonly taskId: string,
    /** Database time. */
    readonly now: Date,
  ) {
    super();
  }
}
