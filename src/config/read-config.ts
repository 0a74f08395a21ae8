import { configOf, type Config } from './config.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration.error.js';
import { brokenRules, warningsOf } from './rules.js';
import { type Setting } from './setting.js';
import { GROUPS, type Values } from './settings.js';

/** Variables and their texts. One that is empty or blank counts as not set, as a compose file writes it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `database`: for what only reads or migrates the database, and so can do without secrets. */
export type ConfigUse = 'server' | 'database';

/**
 * The whole configuration, frozen through and through. Pure: nothing but the arguments counts.
 *
 * @throws ConfigurationError with every problem at once.
 */
export const readConfig = (environment: Environment, use: ConfigUse = 'server'): Config => {
  const problems: ConfigurationProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [variable, setting] of Object.values(GROUPS).flatMap((group) => Object.entries(group))) {
    const { value, problem } = readOne(variable, setting, environment[variable]?.trim());
    if (problem === undefined) values[variable] = value;
    else problems.push(problem);
  }
  problems.push(...brokenRules(values, use));
  if (problems.length > 0) throw new ConfigurationError(problems);
  // Complete, as there was no problem.
  const complete = values as unknown as Values;
  return deepFreeze(configOf(complete, warningsOf(complete)));
};

const readOne = (
  variable: string,
  setting: Setting<unknown>,
  given: string | undefined,
): { value?: unknown; problem?: ConfigurationProblem } => {
  const text = given === undefined || given === '' ? setting.default : given;
  if (text === null) return { value: null };
  const value = setting.parse(text);
  if (value !== undefined) return { value };
  const got = setting.secret
    ? `something of ${text.length} characters (a secret, not shown)`
    : JSON.stringify(text);
  return { problem: { variable, got, wants: setting.wants } };
};

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
};
