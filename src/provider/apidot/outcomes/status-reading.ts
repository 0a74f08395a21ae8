import { type StatusReading } from '../../../tasks/index.js';
import { type Answer, type Exchange } from '../http/exchange.js';
import { readRetryAfter } from '../http/retry-after.js';
import { type AnswerClass, classOfCode, classOfHttp } from '../wire/answer-class.js';
import { codeOf, isProviderShaped, parseBody } from '../wire/provider-body.js';
import { type JsonObject } from '../../../shared/json.js';
import { readReport } from '../wire/report.js';

type Unread = Extract<StatusReading, { kind: 'unread' }>['class'];

/** How each class of answer is called when it is not a report. */
const UNREAD: Record<Exclude<AnswerClass, 'success'>, Unread> = {
  redirect: 'unreadable',
  rejected: 'refused',
  auth: 'auth',
  credits: 'credits',
  forbidden: 'forbidden',
  not_found: 'not_found',
  timeout: 'timeout',
  rate_limited: 'rate_limited',
  server_error: 'server_error',
  unlisted: 'unreadable',
};

/** Classes that mean something only when the provider itself says so, not a gateway's page in front of it. */
const PROVIDERS_OWN: ReadonlySet<AnswerClass> = new Set([
  'auth',
  'credits',
  'forbidden',
  'not_found',
  'rejected',
]);

/** What a status or detail call says about the task that was asked for. */
export const readStatus = (exchange: Exchange, askedId: string, now: Date): StatusReading => {
  if (exchange.kind === 'answer') return readAnswer(exchange, askedId, now);
  return {
    kind: 'unread',
    class: exchange.cause === 'timeout' ? 'timeout' : 'transport',
    httpStatus: exchange.httpStatus,
    retryAfterMs: null,
  };
};

const readAnswer = (answer: Answer, askedId: string, now: Date): StatusReading => {
  const unread = (reason: Unread): StatusReading => ({
    kind: 'unread',
    class: reason,
    httpStatus: answer.httpStatus,
    retryAfterMs: readRetryAfter(answer.headers, now),
  });
  const body = parseBody(answer.body);

  const http = classOfHttp(answer.httpStatus);
  if (http !== 'success') {
    const believed = !PROVIDERS_OWN.has(http) || saidByProvider(body, answer.httpStatus);
    return unread(believed ? UNREAD[http] : 'unreadable');
  }
  if (body === null) return unread('unreadable');

  const code = codeOf(body);
  const said = code === 'none' ? 'success' : code === 'odd' ? 'unlisted' : classOfCode(code);
  if (said !== 'success') return unread(UNREAD[said]);

  const reading = readReport(body, askedId);
  if (reading.kind === 'report') return { kind: 'read', report: reading.report };
  return unread(reading.kind === 'id_mismatch' ? 'id_mismatch' : 'unreadable');
};

const saidByProvider = (body: JsonObject | null, httpStatus: number): boolean =>
  body !== null && (isProviderShaped(body) || codeOf(body) === httpStatus);
