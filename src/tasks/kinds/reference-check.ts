import { Inject, Injectable } from '@nestjs/common';
import { type ForeignReference, type Violation } from '../ports.js';
import { ProviderIds } from '../read-model/provider-ids.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { InvalidRequestError } from './kind.errors.js';

/** Provider ids inside an input must come from the owner's own succeeded tasks: nobody works on another's media. */
@Injectable()
export class ReferenceCheck {
  constructor(
    private readonly ids: ProviderIds,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {}

  /** @throws InvalidRequestError naming every reference that is not known to be the owner's */
  async assertOwned(owner: string, references: readonly ForeignReference[]): Promise<void> {
    if (references.length === 0 || this.options.allowForeignProviderIds) return;
    const of = (kind: ForeignReference['kind']) =>
      references.filter((reference) => reference.kind === kind).map(({ value }) => value);
    const [tasks, tracks] = await Promise.all([
      this.ids.ofTasks(owner, of('task')),
      this.ids.ofFiles(owner, of('audio')),
    ]);
    const owned = { task: tasks, audio: tracks, persona: NONE };
    const foreign = references.filter(({ kind, value }) => !owned[kind].has(value));
    if (foreign.length > 0) throw new InvalidRequestError(foreign.map(violation));
  }
}

/** The provider tells a persona's id beside its result files, not as one of them, so no task is on record with it. */
const NONE: ReadonlySet<string> = new Set();

const violation = ({ pointer, kind }: ForeignReference): Violation => ({
  pointer,
  ...(kind === 'persona'
    ? {
        code: 'unprovable_reference',
        message:
          'No record tells whose persona this is, so a persona id is refused. An operator can let ids pass unchecked (ALLOW_FOREIGN_PROVIDER_IDS).',
      }
    : {
        code: 'foreign_reference',
        message: `This ${kind} id does not come from a succeeded task of yours.`,
      }),
});
