import { type ProviderStatus } from '../../../tasks/index.js';

/**
 * The provider's words for the state of a task. `not_started`, `running`, `finished` and `failed` are documented; the
 * others were seen in clients of the provider or of its sibling.
 */
const STATUS_WORDS: ReadonlyMap<string, ProviderStatus> = new Map([
  ['not_started', 'pending'],
  ['pending', 'pending'],
  ['queued', 'pending'],
  ['running', 'running'],
  ['processing', 'running'],
  ['finished', 'finished'],
  ['success', 'finished'],
  ['failed', 'failed'],
  ['cancelled', 'failed'],
  ['canceled', 'failed'],
] as const);

/** An unknown word is `pending`: the task is looked at again, nothing is concluded from it. */
export const readStatusWord = (raw: string): { status: ProviderStatus; knownWord: boolean } => {
  const status = STATUS_WORDS.get(raw.trim().toLowerCase());
  return { status: status ?? 'pending', knownWord: status !== undefined };
};
