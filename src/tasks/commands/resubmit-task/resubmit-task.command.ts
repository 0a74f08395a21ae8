import { Command } from '@nestjs/cqrs';
import { type Cause } from '../../stream/task-repository.js';

/**
 * One more attempt although an earlier one may have been paid. Every known provider id is read first: what turns out to
 * be finished is adopted, and nothing is sent.
 */
export class ResubmitTask extends Command<void> {
  constructor(
    readonly taskId: string,
    /** Whose task it must be; null: anybody's. */
    readonly owner: string | null,
    /** Why, in the words of whoever accepts the risk. */
    readonly reason: string,
    /** For `UNCONFIRMED_POLICY=resubmit`: the moment at which it was the task's turn. Null: somebody asks. */
    readonly policyAt: Date | null,
    readonly cause: Cause,
  ) {
    super();
  }
}
