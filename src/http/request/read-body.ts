import {
  getMetadataStorage,
  type ValidationArguments,
  validateSync,
  type ValidationError,
} from 'class-validator';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { nearestNames } from '../../shared/nearest-names.js';
import { InvalidRequestError, type Violation } from '../../tasks/index.js';

/** What class-validator calls its checks, and the codes callers see. Others keep their name. */
const CODES: Readonly<Record<string, string>> = {
  isDefined: 'required',
  isString: 'type',
  isObject: 'type',
  isIn: 'enum',
  equals: 'enum',
};

/** The violation that says most comes first: what is missing has no wrong type as well. */
const RANK = ['isDefined', 'isString', 'isObject'];

const MOST_UNKNOWN = 50;

/**
 * A JSON body as an instance of a class, and everything that is wrong with it.
 *
 * Only declared fields are copied, by name, so no key of a request ever reaches a prototype. Pointers begin at the root of
 * the body.
 */
export const readBody = <T extends object>(
  Body: new () => T,
  json: unknown,
): { body: T; violations: Violation[] } => {
  const body = new Body();
  if (!isJsonObject(json))
    return { body, violations: [{ pointer: '', code: 'type', message: 'The body must be a JSON object.' }] };
  const fields = fieldsOf(Body);
  const target = body as Record<string, unknown>;
  for (const field of fields) if (Object.hasOwn(json, field)) target[field] = json[field];
  return { body, violations: [...validateBody(body), ...unknownFields(json, fields)] };
};

/** The same for bodies with nothing to add to what is wrong with them. @throws InvalidRequestError */
export const checkedBody = <T extends object>(Body: new () => T, json: unknown): T => {
  const { body, violations } = readBody(Body, json);
  if (violations.length > 0) throw new InvalidRequestError(violations);
  return body;
};

/** A body that passes its checks one by one needs no executor, which gathers what is declared anew for each. */
const validateBody = (body: object): Violation[] =>
  checksOf(body.constructor).every((passes) => passes(body))
    ? []
    : validateSync(body, { validationError: { target: false, value: false } }).map(toViolation);

const toViolation = ({ property, constraints = {} }: ValidationError): Violation => {
  const names = Object.keys(constraints);
  const name = RANK.find((ranked) => names.includes(ranked)) ?? names[0]!;
  return { pointer: `/${property}`, code: CODES[name] ?? name, message: constraints[name]! };
};

const unknownFields = (json: JsonObject, fields: readonly string[]): Violation[] =>
  Object.keys(json)
    .filter((name) => !fields.includes(name))
    .slice(0, MOST_UNKNOWN)
    .map((name) => ({
      pointer: `/${shortened(name).replaceAll('~', '~0').replaceAll('/', '~1')}`,
      code: 'unknown_field',
      message: `${shortened(name)} is not a field here; ${hint(name, fields)}`,
    }));

const hint = (name: string, fields: readonly string[]): string => {
  const [near] = nearestNames(name, fields, 1);
  if (near !== undefined) return `did you mean ${near}?`;
  return fields.length === 0 ? 'the body has no fields.' : `the fields are ${fields.join(', ')}.`;
};

const shortened = (name: string): string => (name.length > 100 ? `${name.slice(0, 100)}…` : name);

type Check = (body: object) => boolean;

interface Declared {
  readonly fields: readonly string[];
  readonly checks: readonly Check[];
}

const declared = new Map<unknown, Declared>();

const fieldsOf = (Body: object): readonly string[] => declaredBy(Body).fields;
const checksOf = (Body: object): readonly Check[] => declaredBy(Body).checks;

const declaredBy = (Body: object): Declared => {
  let known = declared.get(Body);
  if (!known) declared.set(Body, (known = readDeclared(Body as new () => object)));
  return known;
};

type DeclaredRule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** About the value itself. Checks of items, of nested objects, or made at times only, are left to the executor. */
const isPlain = ({ type, each, validateIf }: DeclaredRule): boolean =>
  (type === 'customValidation' || type === 'isDefined') && !each && validateIf === undefined;

/** What class-validator was told of a class: a conditional of a field decides whether its other checks are made. */
const readDeclared = (Body: new () => object): Declared => {
  const storage = getMetadataStorage();
  const all = storage.getTargetValidationMetadatas(Body, '', false, false);
  const fields = [...new Set(all.map(({ propertyName }) => propertyName))];
  const checks = fields.map((field): Check => {
    const own = all.filter(({ propertyName }) => propertyName === field);
    const conditions = own.filter(({ type }) => type === 'conditionalValidation');
    const rules = own
      .filter(({ type }) => type !== 'conditionalValidation')
      .map((rule) => ({ rule, validators: storage.getTargetValidatorConstraints(rule.constraintCls) }));
    return (body) => {
      const value = (body as Record<string, unknown>)[field];
      if (
        !conditions.every(({ constraints }) =>
          (constraints[0] as (object: object, value: unknown) => boolean)(body, value),
        )
      )
        return true;
      return rules.every(({ rule, validators }) => {
        const { constraints = [] } = rule;
        const args: ValidationArguments = {
          targetName: Body.name,
          property: field,
          object: body,
          value,
          constraints,
        };
        return isPlain(rule) && validators.every(({ instance }) => instance.validate(value, args) === true);
      });
    };
  });
  return { fields, checks };
};
