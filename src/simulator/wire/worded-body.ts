import { type FaultScope } from '../faults/fault-switches.js';
import { type TaskData } from './task-body.js';

/** Which phase an alias belongs to. */
const ALIASES: Readonly<Record<string, string>> = {
  pending: 'not_started',
  queued: 'not_started',
  processing: 'running',
  success: 'finished',
  cancelled: 'failed',
  canceled: 'failed',
};

/**
 * The body as it goes over the wire: `{code, data}`, in whatever odd form the faults of kind `answer` want it.
 * `wrapped` false leaves the envelope off, as some callbacks do.
 */
export const wordedBody = (data: TaskData, faults: FaultScope, wrapped = true): unknown => {
  const worded = { ...data };

  const { status } = worded;
  const words = typeof status === 'string' ? faults.strike('word') : undefined;
  if (words !== undefined) worded['status'] = reworded(status as string, words.split('+'));

  const credits = faults.strike('credits');
  if (credits !== undefined && typeof worded['credits_amount'] === 'number') {
    worded['credits_amount'] =
      credits === 'text' ? `${worded['credits_amount']}` : worded['credits_amount'] + 0.5;
  }

  const place = faults.strike('files');
  if (place !== undefined && 'files' in worded) {
    worded['output'] = { files: worded['files'] };
    if (place === 'output') delete worded['files'];
  }

  for (const field of faults.strike('omit')?.split('+') ?? []) delete worded[fullName(field)];
  for (const field of faults.strike('null')?.split('+') ?? []) worded[fullName(field)] = null;

  const code = faults.strike('code');
  if (!wrapped || faults.strike('envelope') !== undefined) return worded;
  if (code === 'none') return { data: worded };
  return { code: code === '0' ? 0 : code === 'text' ? '200' : 200, data: worded };
};

const fullName = (field: string): string => (field === 'credits' ? 'credits_amount' : field);

const reworded = (status: string, words: readonly string[]): string =>
  words.find((word) => (ALIASES[word] ?? 'running') === status) ?? status;
