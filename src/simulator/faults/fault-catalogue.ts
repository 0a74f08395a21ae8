import { parseAnswerFault } from './answer-fault.js';

/** One thing that can be switched on. The catalogue is the documentation: `GET /_simulator/faults` and the README show it. */
export interface FaultDefinition {
  /** How its value is written; null when it takes none. Square brackets mean that it may be left out. */
  readonly value: string | null;
  /**
   * When the switch is looked at, which is what a probability and a count (`xN`) count:
   * `submit` each submit, `creation` each task created, `read` each call of that kind, `answer` each body that speaks of
   * a task (submit answer, status, detail, callback), `callback` each delivery of a verdict, `file` each download.
   */
  readonly when: 'submit' | 'creation' | 'read' | 'answer' | 'callback' | 'file';
  readonly does: string;
  /** Is this value well written? An absent value is the empty text. */
  readonly accepts: (value: string) => boolean;
}

const none = (value: string): boolean => value === '';
const any = (): boolean => true;
const answer = (value: string): boolean => parseAnswerFault(value) !== null;
const count = (value: string): boolean => /^\d{1,9}$/.test(value);
const optionalCount = (value: string): boolean => none(value) || count(value);
const oneOf =
  (...words: readonly string[]) =>
  (value: string) =>
    words.includes(value);
const words = (value: string): boolean => /^[^+\s]+(\+[^+\s]+)*$/.test(value);

const ANSWER = 'ANSWER';

/**
 * Every fault. Switch them on
 * - globally: `--fault NAME[=VALUE][@PROBABILITY|xN]`, `setFaults([...])` or `PUT /_simulator/faults`;
 * - for one request: `[[sim:NAME[=VALUE][@PROBABILITY|xN]]]` anywhere in the text of its input, several separated by `;`.
 * A directive of the request wins over a global switch of the same name. ANSWER is spelled out in `answer-fault.ts`.
 */
export const FAULTS = {
  submit: { value: ANSWER, when: 'submit', accepts: answer, does: 'how the submit answer goes wrong' },
  status: { value: ANSWER, when: 'read', accepts: answer, does: 'how the status answer goes wrong' },
  detail: { value: ANSWER, when: 'read', accepts: answer, does: 'how the music detail answer goes wrong' },
  balance: {
    value: ANSWER,
    when: 'read',
    accepts: answer,
    does: 'how the balance answer goes wrong (global only)',
  },
  file: {
    value: ANSWER,
    when: 'file',
    accepts: answer,
    does: 'how a download goes wrong; 404 is a result that is gone',
  },

  'submit-id': {
    value: 'none|empty|number|unusable|other',
    when: 'submit',
    accepts: oneOf('none', 'empty', 'number', 'unusable', 'other'),
    does: 'task_id of the submit answer: absent, "", a number, with a slash and a space in it, the id of the task created before',
  },
  'error-with-id': {
    value: null,
    when: 'submit',
    accepts: none,
    does: 'the task is created; the answer is HTTP 500 and still names it in data.task_id',
  },

  fail: { value: '[MESSAGE]', when: 'creation', accepts: any, does: 'the task fails with this message' },
  duration: {
    value: 'MS|never',
    when: 'creation',
    accepts: (value) => count(value) || value === 'never',
    does: 'how long the task takes, in provider time (divided by the speed); never: no verdict',
  },
  count: {
    value: 'N',
    when: 'creation',
    accepts: count,
    does: 'how many result files there are, whatever was asked; 0 is none',
  },
  'late-files': {
    value: '[N]',
    when: 'creation',
    accepts: optionalCount,
    does: 'the first N (1) reads that say finished carry no files',
  },
  flip: {
    value: '[N][:running]',
    when: 'creation',
    accepts: (value) => /^\d{0,9}(:running)?$/.test(value),
    does: 'after N (1) reads of the verdict the status says the opposite one, or running',
  },

  envelope: {
    value: 'none',
    when: 'answer',
    accepts: oneOf('none'),
    does: 'no {code, data} around the body',
  },
  code: {
    value: '0|text|none',
    when: 'answer',
    accepts: oneOf('0', 'text', 'none'),
    does: 'code is 0, "200", or absent',
  },
  files: {
    value: 'output|both',
    when: 'answer',
    accepts: oneOf('output', 'both'),
    does: 'files stand in data.output.files, or in both places',
  },
  omit: { value: 'FIELD[+FIELD…]', when: 'answer', accepts: words, does: 'these fields of data are absent' },
  null: { value: 'FIELD[+FIELD…]', when: 'answer', accepts: words, does: 'these fields of data are null' },
  credits: {
    value: 'text|fraction',
    when: 'answer',
    accepts: oneOf('text', 'fraction'),
    does: 'credits_amount is text, or has a fraction',
  },
  word: {
    value: 'WORD[+WORD…]',
    when: 'answer',
    accepts: words,
    does: 'other status words: pending, queued (not_started), processing (running), success (finished), cancelled, canceled (failed) replace the word of their phase; any other text replaces running',
  },
  'status-id': {
    value: 'other|none',
    when: 'read',
    accepts: oneOf('other', 'none'),
    does: 'the status body names another task, or none',
  },
  'detail-state': {
    value: 'finished|failed|running',
    when: 'read',
    accepts: oneOf('finished', 'failed', 'running'),
    does: 'music detail says this of an ended task, whatever status says',
  },

  'callback-never': { value: null, when: 'callback', accepts: none, does: 'no callback' },
  'callback-early': {
    value: null,
    when: 'creation',
    accepts: none,
    does: 'the task ends at once, and its callback is sent and answered before the submit answer',
  },
  'callback-delay': {
    value: 'MS',
    when: 'callback',
    accepts: count,
    does: 'the callback comes this much later (provider time)',
  },
  'callback-shape': {
    value: 'flat|wrapped',
    when: 'callback',
    accepts: oneOf('flat', 'wrapped'),
    does: 'form of the body',
  },
  'callback-signature': {
    value: 'on|off|wrong|stale',
    when: 'callback',
    accepts: oneOf('on', 'off', 'wrong', 'stale'),
    does: 'signature headers: right, absent, from another secret, ten minutes old',
  },
  'callback-repeat': {
    value: '[N]',
    when: 'callback',
    accepts: optionalCount,
    does: 'N (1) further copies at once',
  },
  'callback-replay': {
    value: 'MS',
    when: 'callback',
    accepts: count,
    does: 'once more, this much later (provider time)',
  },
  'callback-state': {
    value: 'finished|failed|running',
    when: 'callback',
    accepts: oneOf('finished', 'failed', 'running'),
    does: 'the callback says this, whatever the status endpoint says',
  },
  'callback-files': {
    value: 'false|none',
    when: 'callback',
    accepts: oneOf('false', 'none'),
    does: 'invented files, or none',
  },
  'callback-id': {
    value: 'other|none',
    when: 'callback',
    accepts: oneOf('other', 'none'),
    does: 'the callback names another task, or none',
  },
  'callback-malformed': {
    value: 'text|html|array|empty|no-status',
    when: 'callback',
    accepts: oneOf('text', 'html', 'array', 'empty', 'no-status'),
    does: 'the body is no JSON, a page, an array, nothing, or says no status',
  },
  'callback-forged': {
    value: 'finished|failed|running',
    when: 'creation',
    accepts: oneOf('finished', 'failed', 'running'),
    does: 'halfway to its end, a callback with this status and invented files comes in addition',
  },
} as const satisfies Readonly<Record<string, FaultDefinition>>;

export type FaultName = keyof typeof FAULTS;

export const isFaultName = (name: string): name is FaultName => Object.hasOwn(FAULTS, name);
