import { FAULTS, isFaultName, type FaultDefinition, type FaultName } from './fault-catalogue.js';

/** A fault that is switched on. */
export interface FaultSetting {
  readonly name: FaultName;
  /** As the catalogue says; empty when the fault takes none. */
  readonly value: string;
  /** In how many of the cases it strikes, 0 to 1. */
  readonly probability: number;
  /** It is off after having struck so often; null: no limit. */
  readonly times: number | null;
}

/** A fault that nobody knows or whose value is badly written. The message names every one of them and what is allowed. */
export class FaultSyntaxError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'FaultSyntaxError';
  }
}

const FLAG = /^([a-z0-9-]+?)(?:=(.*?))?(?:@(\d+(?:\.\d+)?|\.\d+)|\s*x(\d+))?$/s;

/**
 * Reads `NAME[=VALUE][@PROBABILITY|xN]`, one per text: `submit=drop@0.05`, `status=503x3`, `fail=No such luck`, `callback-never`.
 *
 * @throws FaultSyntaxError with all problems at once
 */
export const parseFaults = (texts: readonly string[]): FaultSetting[] => {
  const problems: string[] = [];
  const settings: FaultSetting[] = [];
  for (const text of texts) {
    const result = parseFault(text.trim());
    if (typeof result === 'string') problems.push(result);
    else settings.push(result);
  }
  if (problems.length > 0) throw new FaultSyntaxError(problems);
  return settings;
};

const parseFault = (text: string): FaultSetting | string => {
  const [, name = '', value = '', probability, times] = FLAG.exec(text) ?? [];
  if (!isFaultName(name)) {
    return `Unknown fault "${text}". Known are: ${Object.keys(FAULTS).join(', ')}.`;
  }
  const definition: FaultDefinition = FAULTS[name];
  if (!definition.accepts(value)) {
    return `Fault "${name}" got "${value}" and wants ${definition.value ?? 'no value'}: ${definition.does}.`;
  }
  if (probability !== undefined && Number(probability) > 1) {
    return `Fault "${name}" got the probability ${probability} and wants 0 to 1.`;
  }
  return {
    name,
    value,
    probability: probability === undefined ? 1 : Number(probability),
    times: times === undefined ? null : Number(times),
  };
};

/** The text that `parseFaults` reads back (but for a failure message that itself ends like `x2` or `@0.5`). */
export const formatFault = ({ name, value, probability, times }: FaultSetting): string =>
  name +
  (value === '' ? '' : `=${value}`) +
  (probability < 1 ? `@${probability}` : '') +
  (times === null ? '' : `x${times}`);
