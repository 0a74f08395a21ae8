import { Inject, Injectable, Optional } from '@nestjs/common';
import { GenledgerError } from '../../shared/errors.js';
import { nearestNames } from '../../shared/nearest-names.js';
import { type Kind, type ModelDefinition } from '../ports.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { UnknownModelError, WrongDomainError } from './kind.errors.js';

/** A kind or model that was registered twice or by halves: the application does not start. */
export class KindRegistrationError extends GenledgerError {
  constructor(message: string) {
    super('kind_registration', 'bug', message);
  }
}

/**
 * The kinds of media this process knows. Domain modules register themselves when Nest starts and a host application
 * names its own in the options of the tasks; the core has no list.
 */
@Injectable()
export class KindRegistry {
  private readonly kinds = new Map<string, Kind>();
  private readonly models = new Map<string, { kind: Kind; model: ModelDefinition }>();

  /** @throws KindRegistrationError when a kind of the options makes no sense */
  constructor(@Optional() @Inject(TASKS_OPTIONS) { kinds = [] }: Pick<TasksOptions, 'kinds'> = {}) {
    for (const kind of kinds) this.register(kind);
  }

  /**
   * Adds a kind. Model names are unique over all kinds.
   *
   * @throws KindRegistrationError naming the kind or model that is there already, or what is missing
   */
  register(kind: Kind): void {
    if (this.kinds.has(kind.domain)) {
      throw new KindRegistrationError(
        `The kind "${kind.domain}" is registered twice; import its module once.`,
      );
    }
    if (kind.models.length === 0) {
      throw new KindRegistrationError(`The kind "${kind.domain}" brings no model; register at least one.`);
    }
    for (const [name, value] of Object.entries(kind.timing)) {
      if (!(value > 0))
        throw new KindRegistrationError(
          `The kind "${kind.domain}" has ${name} ${value}; it must be above 0.`,
        );
    }
    for (const model of kind.models) {
      const other = this.models.get(model.model);
      if (other) {
        throw new KindRegistrationError(
          `The model "${model.model}" of kind "${kind.domain}" is registered already, by kind "${other.kind.domain}".`,
        );
      }
      this.models.set(model.model, { kind, model });
    }
    this.kinds.set(kind.domain, kind);
  }

  /** All kinds in order of registration. */
  all(): readonly Kind[] {
    return [...this.kinds.values()];
  }

  has(domain: string): boolean {
    return this.kinds.has(domain);
  }

  /**
   * The kind of a stored task. A task outlives the catalogue: when its kind is no longer registered the answer is
   * undefined and the caller uses cautious defaults.
   */
  find(domain: string): Kind | undefined {
    return this.kinds.get(domain);
  }

  /** A model by its name on the wire, whatever its kind. */
  findModel(model: string): { kind: Kind; model: ModelDefinition } | undefined {
    return this.models.get(model);
  }

  /**
   * The model of that name in that domain.
   *
   * @throws UnknownModelError with the nearest names, best first
   * @throws WrongDomainError when the model belongs to another domain
   */
  modelOf(domain: string, model: string): { kind: Kind; model: ModelDefinition } {
    const found = this.models.get(model);
    if (!found) {
      const near = nearestNames(model, [...this.models.keys()]);
      throw new UnknownModelError(
        model,
        near.map((name) => ({ model: name, domain: this.models.get(name)!.kind.domain })),
      );
    }
    if (found.kind.domain !== domain) throw new WrongDomainError(model, domain, found.kind.domain);
    return found;
  }
}
