import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ID_SOURCE, type IdSource } from '../../../shared/ids.js';
import { type JsonObject } from '../../../shared/json.js';
import { OwnerQuotas } from '../../quotas/owner-quotas.js';
import { Backlog } from '../../saga/backlog.js';
import { decideSubmit, repeatedIntent, type Intent } from '../../domain/decide-submission.js';
import { USUAL_PRIORITY } from '../../domain/priority.js';
import { type Task } from '../../domain/task.state.js';
import { InvalidRequestError } from '../../kinds/kind.errors.js';
import { KindRegistry } from '../../kinds/kind-registry.js';
import { ReferenceCheck } from '../../kinds/reference-check.js';
import { rowOf } from '../../read-model/task-row.js';
import { TaskReader } from '../../read-model/task-reader.js';
import { viewOf } from '../../read-model/task-view.js';
import { KeyedDigest } from '../../sealing/keyed-digest.js';
import { TaskRepository } from '../../stream/task-repository.js';
import { fingerprintLike, fingerprintOf, metadataDigests } from './fingerprint.js';
import { SubmitTask, type SubmittedTask } from './submit-task.command.js';
import { idOfIdempotencyKey } from './task-id.js';

@CommandHandler(SubmitTask)
export class SubmitTaskHandler implements ICommandHandler<SubmitTask> {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly reader: TaskReader,
    private readonly kinds: KindRegistry,
    private readonly references: ReferenceCheck,
    private readonly backlog: Backlog,
    private readonly quotas: OwnerQuotas,
    private readonly digest: KeyedDigest,
    @Inject(ID_SOURCE) private readonly nextId: IdSource,
  ) {}

  async execute(command: SubmitTask): Promise<SubmittedTask> {
    const { owner, idempotencyKey, domain, body } = command;
    const id = idempotencyKey === null ? this.nextId() : idOfIdempotencyKey(owner, idempotencyKey);
    // Before validation and load shedding: an upgrade of the catalogue must not refuse an honest retry.
    const earlier = idempotencyKey === null ? null : await this.tasks.recall(id);
    if (earlier) {
      repeatedIntent(earlier, fingerprintLike(earlier.fingerprint, this.digest, domain, body));
      return { task: (await this.reader.find(id))!, isReplay: true };
    }
    const intent = await this.check(command);
    await this.backlog.assertRoom();
    const { task, isFirstHand } = await this.quotas.within(owner, () =>
      this.tasks.execute(id, (existing) => decideSubmit(existing, intent), command.cause, { owner }),
    );
    // Another request with the same key may have been first by a hair.
    return isFirstHand
      ? { task: freshView(task, intent), isReplay: false }
      : { task: (await this.reader.find(id))!, isReplay: true };
  }

  private async check(command: SubmitTask): Promise<Intent> {
    const { owner, domain, request } = command;
    const { model } = this.kinds.modelOf(domain, request.model);
    const verdict = model.check(request.input);
    if (!verdict.valid) throw new InvalidRequestError(verdict.violations);
    await this.references.assertOwned(owner, verdict.references);
    return {
      domain,
      model: request.model,
      mode: verdict.mode,
      fingerprint: fingerprintOf(this.digest, domain, command.body),
      idempotencyKey: command.idempotencyKey,
      expectedFiles: verdict.expectedFiles,
      mayLackFiles: verdict.mayLackFiles ?? false,
      priority: request.priority ?? USUAL_PRIORITY,
      metadataDigests: metadataDigests(this.digest, owner, request.metadata),
      input: request.input as JsonObject,
      metadata: request.metadata,
      notifyUrl: request.notifyUrl,
    };
  }
}

/** What was just stored, without reading it back: the projection is a pure function of the same state. */
const freshView = (task: Task, intent: Intent): SubmittedTask['task'] =>
  viewOf(rowOf(task), { intent: { input: intent.input, metadata: intent.metadata }, outcome: null }, null);
