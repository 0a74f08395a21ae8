import { type JsonObject } from '../../../shared/json.js';
import { type SubmitOutcome } from '../../../tasks/index.js';
import { type Answer, type Exchange, type NoAnswer } from '../http/exchange.js';
import { readRetryAfter } from '../http/retry-after.js';
import { type AnswerClass, classOfCode, classOfHttp } from '../wire/answer-class.js';
import { type BodyCode, codeOf, isProviderShaped, messageOf, parseBody } from '../wire/provider-body.js';
import { readTaskId } from '../wire/provider-task-id.js';

/**
 * What came of a submit call.
 *
 * The order of the questions is the rule: an id always wins (a task exists, whatever else is said); then everything
 * that leaves doubt is `unknown`, because an outcome taken for "not created" may be sent, and paid, again; only then
 * the refusals, which need both the HTTP status and the body's code (where there is one) not to speak against them.
 */
export const readSubmitOutcome = (exchange: Exchange, now: Date): SubmitOutcome =>
  exchange.kind === 'answer' ? readAnswer(exchange, now) : readNoAnswer(exchange);

const readNoAnswer = ({ stage, cause, httpStatus, errorCode }: NoAnswer): SubmitOutcome => {
  if (stage === 'not_allowed')
    return { kind: 'deferred', reason: 'not_sent', retryAfterMs: null, message: null };
  if (stage === 'not_sent') {
    return { kind: 'deferred', reason: 'unreachable', retryAfterMs: null, message: errorCode };
  }
  return {
    kind: 'unknown',
    reason: cause === 'timeout' ? 'timeout' : 'connection_lost',
    httpStatus,
    message: errorCode,
  };
};

const readAnswer = (answer: Answer, now: Date): SubmitOutcome => {
  const { httpStatus } = answer;
  const body = parseBody(answer.body);
  const message = body === null ? null : messageOf(body);
  const unknown = (reason: string): SubmitOutcome => ({ kind: 'unknown', reason, httpStatus, message });

  const id = body === null ? null : readTaskId(body);
  if (id?.kind === 'unusable') return unknown('unusable_task_id');
  if (id?.kind === 'usable') {
    return { kind: 'accepted', providerTaskId: id.id, note: oddityOf(httpStatus, codeOf(body!)) };
  }

  const http = classOfHttp(httpStatus);
  if (http === 'redirect') return unknown('redirect');
  if (http === 'timeout' || http === 'server_error') return unknown('server_error');
  if (http === 'unlisted') return unknown('unexpected_answer');

  const code = body === null ? 'none' : codeOf(body);
  const said = typeof code === 'number' ? classOfCode(code) : 'unlisted';
  if (said === 'timeout' || said === 'server_error') return unknown('server_error');

  if (http === 'success') {
    if (body === null) return unknown('unreadable_answer');
    if (code === 'none' || said === 'success') return unknown('no_task_id');
    if (said === 'unlisted') return unknown('unexpected_answer');
  } else {
    // Refused by its status, done by its code: nobody knows which of the two is right.
    if (said === 'success') return unknown('unexpected_answer');
  }

  if (http === 'rate_limited' || said === 'rate_limited') {
    return {
      kind: 'deferred',
      reason: 'rate_limited',
      retryAfterMs: readRetryAfter(answer.headers, now),
      message,
    };
  }
  if (http !== 'success' && !isShaped(body)) return { kind: 'held', reason: 'unrecognised_refusal', message };
  // The body is closer to the cause than the status, which a gateway may have put on it.
  const reason = HELD.get(said) ?? HELD.get(http);
  if (reason !== undefined) return { kind: 'held', reason, message };
  return { kind: 'rejected', httpStatus, code: typeof code === 'number' ? code : null, message };
};

const HELD = new Map<AnswerClass, 'provider_auth' | 'insufficient_credits' | 'model_forbidden'>([
  ['auth', 'provider_auth'],
  ['credits', 'insufficient_credits'],
  ['forbidden', 'model_forbidden'],
]);

const isShaped = (body: JsonObject | null): boolean => body !== null && isProviderShaped(body);

/** What was strange about an answer that carries an id; null when nothing was. */
const oddityOf = (httpStatus: number, code: BodyCode): string | null => {
  const oddities = [];
  if (classOfHttp(httpStatus) !== 'success') oddities.push(`HTTP ${httpStatus}`);
  if (code === 'none') oddities.push('no code');
  else if (code === 'odd') oddities.push('code is no number');
  else if (classOfCode(code) !== 'success') oddities.push(`code ${code}`);
  return oddities.length === 0 ? null : oddities.join(', ');
};
