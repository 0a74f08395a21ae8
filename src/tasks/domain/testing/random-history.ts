import fc from 'fast-check';
import { type ProviderStatus, type StatusReading, type SubmitOutcome } from '../../ports.js';
import { HOUR, MINUTE, SECOND } from './durations.js';
import { type Life } from './life.js';
import { ANSWERS, files, read, report, unread } from './provider-words.js';

/*
 * What two processes, a slow provider, forged callbacks and a hasty operator can do to a task. Actions are plain data, so
 * that the shortest history that breaks a rule can be read.
 */

/** What is said of an id. */
interface Word {
  readonly status: ProviderStatus;
  readonly files: number;
}

type Silence = Extract<StatusReading, { kind: 'unread' }>['class'];

export type Action =
  | { readonly do: 'start' }
  | { readonly do: 'answer'; readonly back: number; readonly outcome: SubmitOutcome }
  | { readonly do: 'callback'; readonly back: number; readonly id: string; readonly word: Word | null }
  | { readonly do: 'callback of a lost attempt'; readonly id: string; readonly word: Word | null }
  | { readonly do: 'look'; readonly says: Word | Silence; readonly checks: number }
  | { readonly do: 'wait'; readonly ms: number }
  | {
      readonly do:
        'lease end' | 'clock' | 'cancel' | 'erase' | 'resume' | 'resubmit' | 'policy resubmit' | 'recover';
    };

export interface RandomHistory {
  readonly expectedFiles: number | null;
  readonly unconfirmedPolicy: 'hold' | 'resubmit';
  readonly actions: readonly Action[];
}

const said = (id: string, { status, files: count }: Word): ReturnType<typeof report> =>
  report(id, status, {
    files: status === 'finished' ? files(count) : [],
    hasWords: status === 'finished' && count > 0,
    credits: status === 'finished' ? 4.5 : null,
  });

export const readingOf =
  (says: Word | Silence) =>
  (id: string): StatusReading =>
    typeof says === 'string' ? unread(says) : read(said(id, says));

export const perform = (life: Life, action: Action): void => {
  const number = (back: number): number => life.task.attempts.length - back;
  switch (action.do) {
    case 'start':
      return void life.start();
    case 'answer':
      return void life.outcome(number(action.back), action.outcome);
    case 'callback':
      return void life.called(number(action.back), action.word && said(action.id, action.word));
    case 'callback of a lost attempt':
      return void life.calledUnknown(action.word && said(action.id, action.word));
    case 'recover':
      return void life.recover();
    case 'look':
      return void life.look(readingOf(action.says), action.checks);
    case 'wait':
      return life.pass(action.ms);
    case 'lease end':
      return void life.leaseEnd();
    case 'clock':
      return void life.clock();
    case 'cancel':
      return life.cancel();
    case 'erase':
      return life.erase();
    case 'resume':
      return life.resume();
    case 'resubmit':
      return life.resubmit();
    case 'policy resubmit':
      return life.policyResubmit();
  }
};

/** How many attempts back from the newest: mostly none. */
const back = fc.constantFrom(0, 0, 0, 1, 2);
const id = fc.constantFrom('p-1', 'p-2', 'p-3', 'p-foreign');
const word = fc.record<Word>({
  status: fc.constantFrom<ProviderStatus[]>('pending', 'running', 'finished', 'failed'),
  files: fc.integer({ min: 0, max: 2 }),
});
const silence = fc.constantFrom<Silence[]>('timeout', 'not_found', 'server_error', 'not_asked');
const outcome: fc.Arbitrary<SubmitOutcome> = fc.oneof(
  { weight: 3, arbitrary: id.map(ANSWERS.accepted) },
  { weight: 3, arbitrary: fc.constant(ANSWERS.unknown()) },
  fc.constantFrom(
    ANSWERS.deferred('rate_limited'),
    ANSWERS.deferred('breaker_open'),
    ANSWERS.deferred('not_sent'),
  ),
  fc.constant(ANSWERS.rejected()),
  fc.constantFrom(ANSWERS.held('insufficient_credits'), ANSWERS.held('provider_auth')),
);
const ms = fc.constantFrom(SECOND, 5 * SECOND, 10 * SECOND, MINUTE, 6 * MINUTE, 15 * MINUTE, HOUR, 25 * HOUR);

const of = <Name extends Action['do']>(
  name: Name,
  fields: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<Action> => fc.record({ do: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<Action>;

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: of('start') },
  { weight: 12, arbitrary: of('answer', { back, outcome }) },
  { weight: 12, arbitrary: of('callback', { back, id, word: fc.option(word, { freq: 10 }) }) },
  {
    weight: 18,
    arbitrary: of('look', { says: fc.oneof({ weight: 4, arbitrary: word }, silence), checks: fc.nat(5) }),
  },
  { weight: 12, arbitrary: of('wait', { ms }) },
  { weight: 6, arbitrary: of('clock') },
  { weight: 9, arbitrary: of('resubmit') },
  { weight: 5, arbitrary: of('resume') },
  { weight: 3, arbitrary: of('lease end') },
  { weight: 3, arbitrary: of('policy resubmit') },
  { weight: 1, arbitrary: of('recover') },
  { weight: 1, arbitrary: of('callback of a lost attempt', { id, word: fc.option(word, { freq: 10 }) }) },
  { weight: 1, arbitrary: of('cancel') },
  { weight: 1, arbitrary: of('erase') },
);

export const randomHistory: fc.Arbitrary<RandomHistory> = fc.record({
  // 0: the result is words.
  expectedFiles: fc.constantFrom(null, 0, 1, 2),
  unconfirmedPolicy: fc.constantFrom('hold' as const, 'resubmit' as const),
  // The default size stops at about ten, where little has happened.
  actions: fc.array(action, { minLength: 1, maxLength: 50, size: 'max' }),
});
