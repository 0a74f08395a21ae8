import { registerDecorator } from 'class-validator';
import { checkParts } from './check-object.js';
import { type FieldSpec } from './class-spec.js';
import { Findings } from './findings.js';
import { isMissing } from './presence.js';
import { type DtoClass, STRICT } from './value-type.js';

/**
 * Makes class-validator judge a field as our checker does: one constraint per code, and one for what is inside. Every
 * constraint leaves alone what another one reports.
 */
export const registerField = (dto: object, { name, type, required }: FieldSpec): void => {
  const constraint = (code: string, message: string, validate: (value: unknown) => boolean) =>
    registerDecorator({
      name: code,
      target: dto as DtoClass,
      propertyName: name,
      validator: { validate, defaultMessage: () => message },
    });
  const isAbsent = (value: unknown) => (required ? isMissing(value, type) : value === undefined);

  if (required) {
    constraint(
      'required',
      `${name} is required and must be ${type.words}.`,
      (value) => !isMissing(value, type),
    );
  }
  for (const code of type.codes) {
    constraint(
      code,
      `${name} must be ${type.words}.`,
      (value) => isAbsent(value) || type.flaw(value, STRICT) !== code,
    );
  }
  if (type.inside) {
    constraint(
      'parts',
      `A part of ${name} is wrong.`,
      (value) => isAbsent(value) || partsAreRight(type, value),
    );
  }
};

const partsAreRight = (type: FieldSpec['type'], value: unknown): boolean => {
  if (type.flaw(value, STRICT) === 'type') return true;
  const findings = new Findings(STRICT);
  checkParts(type, value, '', findings);
  return findings.violations.length === 0;
};
