import { Command } from '@nestjs/cqrs';
import { type Cause } from '../../stream/task-repository.js';

/** The provider account works again, says an operator: one task goes first, the others follow as they are accepted. */
export class ResumeAccount extends Command<void> {
  constructor(readonly cause: Cause) {
    super();
  }
}
