import { type Dispatcher } from 'undici';
import { AnswerReceiver, type Reception } from './answer-receiver.js';
import { StartGate } from './start-gate.js';
import { unpacked } from './unpacked.js';

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the call of `exchange` to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly dispatcher: Dispatcher;
  /** Asked once, when the connection stands and before the first byte; false: nothing is sent. */
  readonly mayStart: () => boolean;
}

/** A complete answer. */
export interface Answer {
  readonly kind: 'answer';
  readonly httpStatus: number;
  readonly headers: AnswerHeaders;
  /** Null when it was longer than we read, or cannot be unpacked. */
  readonly body: Buffer | null;
}

export interface AnswerHeaders {
  /** @param name in lower case */
  get(name: string): string | null;
}

/** No answer, or only a part of one. */
export interface NoAnswer {
  readonly kind: 'no_answer';
  /** `not_allowed` and `not_sent`: no byte of the request was written. `sent`: bytes may have left. */
  readonly stage: 'not_allowed' | 'not_sent' | 'sent';
  readonly cause: 'timeout' | 'connection';
  /** When the head of the answer arrived and the rest did not. */
  readonly httpStatus: number | null;
  /** The system's or undici's word for it (`ECONNREFUSED`), never a message: those quote addresses. */
  readonly errorCode: string | null;
}

export type Exchange = Answer | NoAnswer;

/** A deadline that is noticed this late was missed by a process that stood still. */
const FROZEN_MS = 500;
/** An answer that came meanwhile lies unread in the socket: time to read it, before the call is given up. */
const THAW_MS = 500;

/**
 * One HTTP request and its answer. Never throws, never retries, never follows a redirect, knows no proxy.
 *
 * `timeoutMs` bounds everything together, so a server that trickles bytes cannot hold the call open. A process that was
 * frozen meanwhile still takes the answer that has arrived.
 */
export const exchange = async (call: HttpCall): Promise<Exchange> => {
  const gate = new StartGate(call.mayStart);
  const receiver = new AnswerReceiver(gate);
  const dueAt = performance.now() + call.timeoutMs;
  let timer = setTimeout(() => {
    const isLate = performance.now() - dueAt > FROZEN_MS;
    if (isLate) timer = setTimeout(() => receiver.giveUp(), THAW_MS);
    else receiver.giveUp();
  }, call.timeoutMs);
  const { origin, pathname, search } = new URL(call.url);
  const { method, headers, body, dispatcher } = call;
  dispatcher.dispatch({ origin, path: `${pathname}${search}`, method, headers, body }, receiver);
  const reception = await receiver.reception;
  clearTimeout(timer);
  return reception.kind === 'whole' ? answerOf(reception) : noAnswerOf(reception, gate);
};

const answerOf = async ({ status, headers, bytes }: Reception & { kind: 'whole' }): Promise<Answer> => {
  const first = (name: string): string | null => [headers[name]].flat()[0] ?? null;
  return {
    kind: 'answer',
    httpStatus: status,
    headers: { get: first },
    body: bytes && (await unpacked(bytes, first('content-encoding'))),
  };
};

const noAnswerOf = ({ status, error }: Reception & { kind: 'broken' }, { state }: StartGate): NoAnswer => {
  const timedOut = error === null;
  return {
    kind: 'no_answer',
    stage: state === 'started' ? 'sent' : state === 'refused' ? 'not_allowed' : 'not_sent',
    cause: timedOut || isConnectTimeout(error) ? 'timeout' : 'connection',
    httpStatus: status,
    errorCode: timedOut ? null : errorCodeOf(error),
  };
};

const isConnectTimeout = (error: unknown): boolean => {
  const code = errorCodeOf(error);
  return code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT';
};

const errorCodeOf = (error: unknown): string | null => {
  let current = error;
  // Causes may be wrapped; a few steps cost nothing, and a circle of causes ends.
  for (let depth = 0; depth < 4 && typeof current === 'object' && current !== null; depth++) {
    const { code, cause } = current as { code?: unknown; cause?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code)) return code;
    current = cause;
  }
  return null;
};
