import { GenledgerError } from '../shared/errors.js';

/** One variable that cannot be used as it is. */
export interface ConfigurationProblem {
  readonly variable: string;
  /** What was read, or null when it is not set. Never the value of a secret. */
  readonly got: string | null;
  /** What would be accepted: completes the sentence "it must be …". */
  readonly wants: string;
}

/** The environment cannot be used. Carries every problem at once, so that it is mended in one go. */
export class ConfigurationError extends GenledgerError {
  constructor(readonly problems: readonly ConfigurationProblem[]) {
    const count = problems.length === 1 ? '1 setting' : `${problems.length} settings`;
    super(
      'configuration_invalid',
      'invalid',
      [`${count} cannot be used:`, ...problems.map(sentence)].join('\n  '),
      {
        details: { problems },
      },
    );
  }
}

const sentence = ({ variable, got, wants }: ConfigurationProblem): string =>
  `${variable} is ${got ?? 'not set'}; it must be ${wants}.`;
