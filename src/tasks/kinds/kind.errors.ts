import { GenledgerError } from '../../shared/errors.js';
import { type Violation } from '../ports.js';

export interface NearModel {
  readonly model: string;
  readonly domain: string;
}

/** No registered model has this name. */
export class UnknownModelError extends GenledgerError {
  constructor(
    readonly model: string,
    readonly near: readonly NearModel[],
  ) {
    const hint =
      near.length > 0 ? ` Near names: ${near.map((n) => `${n.model} (${n.domain})`).join(', ')}.` : '';
    super('unknown_model', 'invalid', `There is no model "${short(model)}".${hint} See GET /v1/models.`, {
      details: { near },
    });
  }
}

/** The model exists, but not in the domain it was submitted to. */
export class WrongDomainError extends GenledgerError {
  constructor(
    readonly model: string,
    readonly domain: string,
    readonly rightDomain: string,
  ) {
    super(
      'unknown_model',
      'invalid',
      `The model "${model}" belongs to the domain "${rightDomain}", not "${domain}". Submit it to /v1/${rightDomain}/tasks.`,
      { details: { near: [{ model, domain: rightDomain }] } },
    );
  }
}

/** The request is not valid; all violations at once. */
export class InvalidRequestError extends GenledgerError {
  constructor(readonly violations: readonly Violation[]) {
    super(
      'invalid_request',
      'invalid',
      violations.length === 1
        ? violations[0]!.message
        : `The request has ${violations.length} problems, see errors.`,
      { details: { errors: violations } },
    );
  }
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
