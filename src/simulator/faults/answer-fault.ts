/*
 * How one answer of the provider goes wrong. The same words serve submit, status, detail, balance and result files:
 *
 *   STATUS[/SHAPE][:RETRY]   an error: 100s as in HTTP, its body as SHAPE says, Retry-After as RETRY says
 *   drop · reset             the connection is closed (FIN) or reset (RST) without an answer
 *   hang                     no answer until the caller gives up
 *   garbage · truncated      200 with broken JSON; 200 that ends in the middle of its body
 *   empty                    200 without a body
 *   redirect                 307 to the same place
 *   slow[:MS]                the right answer, MS later (default 1000)
 *   trickle[:MS]             the right answer, a byte every MS (default 20)
 *
 * SHAPE   envelope (default) {code, error:{message, type}} · detail {detail:"…"} · detail-list {detail:[{loc, msg, type}]} ·
 *         message {message:"…"} · html · empty · in-200 (the envelope inside HTTP 200) · in-200-text (and `code` is text)
 * RETRY   seconds, or `date` followed by seconds for the HTTP date form, e.g. 429:30, 503:date30
 *
 * For submit, `+created` or `+nothing` at the end says whether the task is created (and will be charged) all the same. Without
 * it, answers that say "no" (4xx other than 408, 5xx, redirect) create nothing; the others do: their caller cannot know.
 */

export type ErrorShape = (typeof ERROR_SHAPES)[number];
const ERROR_SHAPES = [
  'envelope',
  'detail',
  'detail-list',
  'message',
  'html',
  'empty',
  'in-200',
  'in-200-text',
] as const;

const BROKEN = ['drop', 'reset', 'hang', 'garbage', 'truncated', 'empty', 'redirect'] as const;

export type AnswerFault = { /** Submit only: is a task created? */ readonly creates: boolean } & (
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly shape: ErrorShape;
      readonly retryAfter: { readonly seconds: number; readonly asDate: boolean } | null;
    }
  | { readonly kind: (typeof BROKEN)[number] }
  | { readonly kind: 'slow' | 'trickle'; readonly ms: number }
);

const CREATION = /^(.*?)(?:\+(created|nothing))?$/s;
const ERROR = /^(\d{3})(?:\/([a-z0-9-]+))?(?::(date)?(\d+))?$/;
const PACED = /^(slow|trickle)(?::(\d+))?$/;

/** Reads the words above; null when they are something else. */
export const parseAnswerFault = (text: string): AnswerFault | null => {
  const [, words = '', creation] = CREATION.exec(text) ?? [];
  const creates = (byDefault: boolean) => (creation ? creation === 'created' : byDefault);

  const broken = BROKEN.find((kind) => kind === words);
  if (broken) return { kind: broken, creates: creates(broken !== 'redirect') };

  const paced = PACED.exec(words);
  if (paced) {
    const kind = paced[1] as 'slow' | 'trickle';
    return { kind, ms: Number(paced[2] ?? (kind === 'slow' ? 1_000 : 20)), creates: creates(true) };
  }

  const error = ERROR.exec(words);
  if (!error) return null;
  const status = Number(error[1]);
  const shape = ERROR_SHAPES.find((known) => known === (error[2] ?? 'envelope'));
  if (!shape || status < 200 || status > 599) return null;
  // A success with a success body is no fault; with a page or nothing it is one.
  if (status < 300 && shape !== 'html' && shape !== 'empty') return null;
  const retryAfter =
    error[4] === undefined ? null : { seconds: Number(error[4]), asDate: error[3] === 'date' };
  return { kind: 'error', status, shape, retryAfter, creates: creates(status < 300) };
};
