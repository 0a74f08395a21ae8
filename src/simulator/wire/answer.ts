import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type AnswerFault } from '../faults/answer-fault.js';
import { type DueQueue } from '../tasks/due-queue.js';
import { errorBody, type ProviderError, providerError } from './provider-error.js';

/** One answer, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string | Buffer;
}

export const jsonAnswer = (
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string | number>> = {},
): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export const errorAnswer = (error: ProviderError): Answer =>
  jsonAnswer(errorBody(error, error.status), error.status);

/** What the ledger says about an answer: its HTTP status, or the way in which it failed to come. */
export type Outcome = string;

const GARBAGE = '{"code":200,"data":{"task_id":"task-unif';
const PAGE =
  '<!doctype html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>';

/**
 * Answers, with the fault if there is one. `intended` is what a healthy provider would say.
 *
 * @returns what the caller gets, as far as the simulator knows when it returns
 */
export const respond = (
  request: IncomingMessage,
  response: ServerResponse,
  queue: DueQueue,
  intended: Answer,
  fault: AnswerFault | null,
): Outcome => {
  if (!fault) return send(response, intended);
  switch (fault.kind) {
    case 'error':
      return send(response, faultyAnswer(fault));
    case 'drop':
      response.socket?.destroy();
      return 'drop';
    case 'reset':
      response.socket?.resetAndDestroy();
      return 'reset';
    case 'hang':
      return 'hang';
    case 'garbage':
      return send(response, { ...intended, status: 200, body: GARBAGE }, 'garbage');
    case 'empty':
      return send(response, { ...intended, status: 200, body: '' }, 'empty');
    case 'redirect':
      return send(response, { status: 307, headers: { location: `${request.url}` }, body: '' });
    case 'truncated':
      return truncate(response, intended);
    case 'slow':
      queue.after(fault.ms, () => send(response, intended));
      return `${intended.status}`;
    case 'trickle':
      trickle(response, queue, intended, fault.ms);
      return `${intended.status}`;
  }
};

const head = (response: ServerResponse, { status, headers, body }: Answer): void => {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
};

const send = (response: ServerResponse, answer: Answer, outcome: Outcome = `${answer.status}`): Outcome => {
  if (response.destroyed) return 'caller gone';
  head(response, answer);
  response.end(answer.body);
  return outcome;
};

const truncate = (response: ServerResponse, answer: Answer): Outcome => {
  head(response, answer);
  const bytes = Buffer.from(answer.body);
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
  return 'truncated';
};

const trickle = (response: ServerResponse, queue: DueQueue, answer: Answer, everyMs: number): void => {
  head(response, answer);
  const bytes = Buffer.from(answer.body);
  const write = (index: number): void => {
    if (response.destroyed) return;
    if (index >= bytes.length) return void response.end();
    response.write(bytes.subarray(index, index + 1));
    queue.after(everyMs, () => write(index + 1));
  };
  write(0);
};

const faultyAnswer = ({ status, shape, retryAfter }: Extract<AnswerFault, { kind: 'error' }>): Answer => {
  const error = providerError(status);
  const headers: Record<string, string> = {};
  if (retryAfter) {
    headers['retry-after'] = retryAfter.asDate
      ? new Date(Date.now() + retryAfter.seconds * 1_000).toUTCString()
      : `${retryAfter.seconds}`;
  }
  switch (shape) {
    case 'envelope':
      return jsonAnswer(errorBody(error, status), status, headers);
    case 'detail':
      return jsonAnswer({ detail: error.message }, status, headers);
    case 'detail-list':
      return jsonAnswer(
        { detail: [{ loc: ['body', 'input', 'prompt'], msg: error.message, type: 'value_error' }] },
        status,
        headers,
      );
    case 'message':
      return jsonAnswer({ message: error.message }, status, headers);
    case 'html':
      return { status, headers: { 'content-type': 'text/html', ...headers }, body: PAGE };
    case 'empty':
      return { status, headers, body: '' };
    case 'in-200':
      return jsonAnswer(errorBody(error, status), 200, headers);
    case 'in-200-text':
      return jsonAnswer(errorBody(error, `${status}`), 200, headers);
  }
};
