import { step } from './findings.js';
import { type Rule } from './rule.js';
import { type DtoClass, type ValueType } from './value-type.js';

/** One field of a class, as its decorator states it. */
export interface FieldSpec {
  readonly name: string;
  readonly type: ValueType;
  readonly required: boolean;
  /** What the provider is known to assume when the field is absent. Read by rules, never added to an input. */
  readonly default?: unknown;
  /** A sentence for the schema. */
  readonly about?: string;
}

/** All that is declared on a class and its base classes. */
export interface ClassSpec {
  readonly fields: ReadonlyMap<string, FieldSpec>;
  /** The same in order, each with its step of a JSON pointer: made once, because every check needs them. */
  readonly steps: readonly (readonly [step: string, field: FieldSpec])[];
  readonly rules: readonly Rule[];
  /** Names that are no fields and are refused with a reason of their own. */
  readonly refused: ReadonlyMap<string, string>;
}

const declaredFields = new WeakMap<object, Map<string, FieldSpec>>();
const declaredRules = new WeakMap<object, Rule[]>();
const resolved = new WeakMap<object, ClassSpec>();

export const declareField = (dto: object, field: FieldSpec): void => {
  let fields = declaredFields.get(dto);
  if (!fields) declaredFields.set(dto, (fields = new Map<string, FieldSpec>()));
  fields.set(field.name, field);
};

/** Decorators of a class run from the last to the first, so each rule goes to the front. */
export const declareRule = (dto: object, rule: Rule): void => {
  const rules = declaredRules.get(dto);
  if (rules) rules.unshift(rule);
  else declaredRules.set(dto, [rule]);
};

/**
 * What a class declares, base classes first. A field declared again replaces the one of the base class; rules add up.
 *
 * @throws TypeError when the class has no field, or a rule speaks of a field that the class does not have
 */
export const specOf = (dto: DtoClass): ClassSpec => {
  let spec = resolved.get(dto);
  if (!spec) resolved.set(dto, (spec = resolve(dto)));
  return spec;
};

const resolve = (dto: DtoClass): ClassSpec => {
  const lineage: object[] = [];
  for (
    let at: unknown = dto;
    typeof at === 'function' && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  )
    lineage.unshift(at);

  const fields = new Map<string, FieldSpec>(
    lineage.flatMap((each) => [...(declaredFields.get(each)?.entries() ?? [])]),
  );
  if (fields.size === 0) throw new TypeError(`${dto.name} declares no field.`);
  const rules = lineage.flatMap((each) => declaredRules.get(each) ?? []);
  for (const rule of rules) {
    const unknown = rule.needs.find((name) => !fields.has(name.split(/\[\]\.|\./)[0]!));
    if (unknown)
      throw new TypeError(
        `A ${rule.code} rule of ${dto.name} speaks of "${unknown}", which is not a field of it.`,
      );
  }
  const refused = new Map(
    rules.flatMap((rule) =>
      (rule.refuses ?? []).filter((name) => !fields.has(name)).map((name) => [name, rule.because] as const),
    ),
  );
  const steps = [...fields.values()].map((field) => [step(field.name), field] as const);
  return { fields, steps, rules, refused };
};
