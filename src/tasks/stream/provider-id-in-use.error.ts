import { GenledgerError } from '../../shared/errors.js';

/** The provider named an id that belongs to another of our tasks. */
export class ProviderIdInUseError extends GenledgerError {
  constructor(cause: unknown) {
    super(
      'provider_id_in_use',
      'conflict',
      'The provider named a task id that is bound to another task already.',
      { cause },
    );
  }
}

const UNIQUE_VIOLATION = '23505';
const BOUND_ONCE = 'task_provider_id_bound_once';

/** Finds the broken constraint behind an error of the log, however deep it was wrapped. */
export const providerIdBoundTwice = (error: unknown): ProviderIdInUseError | null => {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code, constraint } = cause as { code?: string; constraint?: string };
    if (code === UNIQUE_VIOLATION && constraint === BOUND_ONCE) return new ProviderIdInUseError(error);
  }
  return null;
};
