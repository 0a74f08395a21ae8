import { Command } from '@nestjs/cqrs';

/** The process that made an attempt's call has been silent for longer than its lease: the outcome is unknown. */
export class RecordLeaseEnd extends Command<void> {
  constructor(
    readonly taskId: string,
    /** Database time. */
    readonly now: Date,
  ) {
    super();
  }
}
