import { Inject, Injectable } from '@nestjs/common';
import { type ForeignReference } from '../ports.js';
import { TaskReader } from '../read-model/task-reader.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { InvalidRequestError } from './kind.errors.js';

/** Provider ids inside an input must come from the owner's own succeeded tasks: nobody works on another's media. */
@Injectable()
export class ReferenceCheck {
  constructor(
    private readonly reader: TaskReader,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {}

  /** @throws InvalidRequestError naming every reference that is not the owner's */
  async assertOwned(owner: string, references: readonly ForeignReference[]): Promise<void> {
    if (references.length === 0 || this.options.allowForeignProviderIds) return;
    const checked = await Promise.all(
      references.map(async (reference) => ({ reference, isOwned: await this.isOwned(owner, reference) })),
    );
    const foreign = checked.filter(({ isOwned }) => !isOwned);
    if (foreign.length === 0) return;
    throw new InvalidRequestError(
      foreign.map(({ reference }) => ({
        pointer: reference.pointer,
        code: 'foreign_reference',
        message: `This ${reference.kind} id does not come from a succeeded task of yours.`,
      })),
    );
  }

  private async isOwned(owner: string, { kind, value }: ForeignReference): Promise<boolean> {
    // Audio and persona ids appear only inside results; which task made them is not recorded by id.
    if (kind !== 'task') return false;
    const { tasks } = await this.reader.list(
      { owner, providerTaskId: value, statuses: ['succeeded'] },
      1,
      null,
    );
    return tasks.length > 0;
  }
}
