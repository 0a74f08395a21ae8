import { isJsonObject, type JsonObject } from '../json.js';
import { checkObject } from './check-object.js';
import { specOf } from './class-spec.js';
import { type Condition, type Leaf } from './condition.js';
import { FieldReader } from './field-reader.js';
import { Findings, type FoundReference, step, type Violation } from './findings.js';
import { exceeds } from './json-limits.js';
import { schemaDocumentOf } from './json-schema.js';
import { type CheckOptions, type DtoClass } from './value-type.js';

/**
 * How far we know that APIDot serves the model: written in its docs or examples; only in the source of its web site; its
 * family is listed and the exact id comes from PoYo, the sibling service; or no trace at APIDot at all.
 */
export type Availability = 'apidot-documented' | 'apidot-client-code' | 'apidot-family-listed' | 'poyo-only';

export interface ModeResult {
  /** `text` stands for an answer in words (lyrics, a persona's id), which is no file. */
  readonly fileType: string;
  /** How many of them a complete answer has; a name means the value of that field, null that nobody publishes it. */
  readonly count: number | string | null;
}

/** One way of using a model. */
export interface Mode<T extends object = object> {
  readonly mode: string;
  readonly input: DtoClass<T>;
  /** The mode applies when this holds; the first that fits wins. Left out by models of one mode. */
  readonly when?: Condition;
  readonly example: T;
  readonly result: ModeResult;
  /** When this mode is less well known than its model. */
  readonly availability?: Availability;
  /** The input with the fields and values that only PoYo has, offered together with the models that only PoYo has. */
  readonly atPoyo?: DtoClass;
}

export interface Model {
  /** The name on the wire. */
  readonly model: string;
  readonly family: string;
  readonly availability: Availability;
  readonly modes: readonly Mode[];
}

/** States a mode; the compiler holds the example against the class. */
export const mode = <T extends object>(
  name: string,
  input: DtoClass<T>,
  rest: Omit<Mode<NoInfer<T>>, 'mode' | 'input'>,
): Mode => ({ mode: name, input, ...rest });

/** States models of one family that are equally available: names on the wire with their modes. */
export const defineFamily = (
  family: string,
  availability: Availability,
  models: Readonly<Record<string, readonly Mode[]>>,
): readonly Model[] =>
  Object.entries(models).map(([model, modes]) => ({ model, family, availability, modes }));

export type Verdict =
  | {
      readonly valid: true;
      readonly mode: string;
      /** 0 for an answer in words. */
      readonly expectedFiles: number | null;
      /** Finished without any file is no failure: the answer is in words, or nobody publishes how its files are named. Default false. */
      readonly mayLackFiles?: boolean;
      readonly references: readonly FoundReference[];
    }
  | { readonly valid: false; readonly violations: readonly Violation[] };

/** A model as the core takes it. */
export interface CheckedModel {
  readonly model: string;
  readonly family: string;
  readonly availability: Availability;
  readonly modes: readonly {
    readonly mode: string;
    readonly inputSchema: JsonObject;
    readonly exampleInput: JsonObject;
    readonly result: ModeResult;
  }[];
  check(input: unknown): Verdict;
}

/** Where the input stands in a request body. */
const ROOT = '/input';

/**
 * Makes the check of a model. It reads the input and never changes it, never throws, and its time grows with the size of
 * the input at most.
 *
 * @throws TypeError when the model has no mode, or a mode's example is not accepted as that mode
 */
export const checkedModel = (model: Model, options: CheckOptions): CheckedModel => {
  if (model.modes.length === 0) throw new TypeError(`The model ${model.model} has no mode.`);
  for (const { mode, example } of model.modes) {
    const verdict = check(model, example, options);
    if (!verdict.valid || verdict.mode !== mode) {
      const reason = verdict.valid
        ? `it is taken as ${verdict.mode}`
        : verdict.violations.map(({ message }) => message).join(' ');
      throw new TypeError(`The example of ${mode} of the model ${model.model} is none: ${reason}`);
    }
  }
  return checkedFrom(model, options);
};

const checkedFrom = (model: Model, options: CheckOptions): CheckedModel => ({
  model: model.model,
  family: model.family,
  availability: model.availability,
  modes: model.modes.map(({ mode, input, when, example, result }) => ({
    mode,
    inputSchema: schemaDocumentOf(input, when),
    exampleInput: example as JsonObject,
    result,
  })),
  check: (input) => {
    try {
      return check(model, input, options);
    } catch {
      // JSON cannot get here: only an object whose getters or traps throw.
      return refused('type', 'input must be a plain JSON object.');
    }
  },
});

const check = (model: Model, input: unknown, options: CheckOptions): Verdict => {
  if (!isJsonObject(input)) return refused('type', 'input must be a JSON object.');
  const excess = exceeds(input);
  if (excess)
    return refused(
      excess,
      `input is ${excess === 'too_deep' ? 'nested too deeply' : 'too large'}; no model takes that much.`,
    );

  const chosen = model.modes.find(
    ({ when, input: dto }) => !when || when.holds(new FieldReader(specOf(dto).fields, input)),
  );
  if (!chosen) return { valid: false, violations: noMode(model, input, options) };

  const findings = inspect(chosen, input, options);
  if (findings.violations.length > 0) return { valid: false, violations: findings.violations };
  return {
    valid: true,
    mode: chosen.mode,
    expectedFiles: filesOf(chosen, input),
    mayLackFiles: chosen.result.fileType === WORDS || chosen.result.count === null,
    references: findings.references,
  };
};

const inspect = ({ input: dto }: Mode, input: object, options: CheckOptions): Findings => {
  const findings = new Findings(options);
  checkObject(dto, input, ROOT, findings);
  return findings;
};

const refused = (code: string, message: string): Verdict => ({
  valid: false,
  violations: [{ pointer: ROOT, code, message }],
});

/** No mode fits: says so at the field that selects the mode, and adds what is wrong in every mode. */
const noMode = (model: Model, input: object, options: CheckOptions): readonly Violation[] => {
  const modes = model.modes.map(({ mode, when }) => `${mode} (when ${when!.words})`).join(', ');
  const violation: Violation = {
    pointer: ROOT + step(selectingField(model, input)),
    code: 'no_mode',
    message: `No mode of ${model.model} fits. There are: ${modes}.`,
  };
  const [first, ...others] = model.modes.map((mode) => inspect(mode, input, options).violations);
  const always = first!.filter(({ pointer, code }) =>
    others.every((violations) =>
      violations.some((other) => other.pointer === pointer && other.code === code),
    ),
  );
  return [violation, ...always];
};

/** The first field of which no mode's question is answered with yes; else the first field that is asked about. */
const selectingField = (model: Model, input: object): string => {
  const answers = model.modes.flatMap(({ when, input: dto }) => {
    const reader = new FieldReader(specOf(dto).fields, input);
    return when!.leaves.map((leaf: Leaf) => ({ field: leaf.field, yes: leaf.holds(reader) }));
  });
  const undecided = answers.find(({ field }) => !answers.some((other) => other.field === field && other.yes));
  return (undecided ?? answers[0]!).field;
};

/** The type of a result that is no file. */
const WORDS = 'text';

const filesOf = ({ input: dto, result }: Mode, input: object): number | null => {
  if (result.fileType === WORDS) return 0;
  if (typeof result.count !== 'string') return result.count;
  const value = new FieldReader(specOf(dto).fields, input).value(result.count);
  return typeof value === 'number' ? value : null;
};
