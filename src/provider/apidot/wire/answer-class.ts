/** What a number says, as an HTTP status or as the `code` of a body. */
export type AnswerClass =
  | 'success'
  | 'redirect'
  | 'rejected'
  | 'auth'
  | 'credits'
  | 'forbidden'
  | 'not_found'
  | 'timeout'
  | 'rate_limited'
  | 'server_error'
  | 'unlisted';

const NAMED = new Map<number, AnswerClass>([
  [401, 'auth'],
  [402, 'credits'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [408, 'timeout'],
  [429, 'rate_limited'],
]);

export const classOfHttp = (status: number): AnswerClass => {
  if (status >= 200 && status < 300) return 'success';
  if (status >= 300 && status < 400) return 'redirect';
  return classOfError(status);
};

/** Success is 0 or 200 and nothing else: other numbers below 400 are documented nowhere. */
export const classOfCode = (code: number): AnswerClass =>
  code === 0 || code === 200 ? 'success' : classOfError(code);

const classOfError = (number: number): AnswerClass => {
  const named = NAMED.get(number);
  if (named !== undefined) return named;
  if (!Number.isInteger(number)) return 'unlisted';
  if (number >= 400 && number < 500) return 'rejected';
  if (number >= 500 && number < 600) return 'server_error';
  return 'unlisted';
};
