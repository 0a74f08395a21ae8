import { type Dispatcher, fetch, type Headers } from 'undici';
import { readBounded } from './bounded-body.js';
import { StartGate } from './start-gate.js';

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
  readonly headers: Headers;
  /** Null when it was longer than we read. */
  readonly body: Buffer | null;
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
  const deadline = new AbortController();
  let timedOut = false;
  const giveUp = (): void => {
    timedOut = true;
    deadline.abort();
  };
  const dueAt = performance.now() + call.timeoutMs;
  let timer = setTimeout(() => {
    const isLate = performance.now() - dueAt > FROZEN_MS;
    if (isLate) timer = setTimeout(giveUp, THAW_MS);
    else giveUp();
  }, call.timeoutMs);
  let httpStatus: number | null = null;
  try {
    const response = await fetch(call.url, {
      method: call.method,
      headers: call.headers,
      body: call.body,
      redirect: 'manual',
      dispatcher: gate.over(call.dispatcher),
      signal: deadline.signal,
    });
    httpStatus = response.status;
    const body = await readBounded(response.body);
    return { kind: 'answer', httpStatus, headers: response.headers, body };
  } catch (error) {
    return {
      kind: 'no_answer',
      stage: gate.state === 'started' ? 'sent' : gate.state === 'refused' ? 'not_allowed' : 'not_sent',
      cause: timedOut || isConnectTimeout(error) ? 'timeout' : 'connection',
      httpStatus,
      errorCode: timedOut ? null : errorCodeOf(error),
    };
  } finally {
    clearTimeout(timer);
  }
};

const isConnectTimeout = (error: unknown): boolean => {
  const code = errorCodeOf(error);
  return code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT';
};

const errorCodeOf = (error: unknown): string | null => {
  let current = error;
  // fetch wraps the cause once; a few steps more cost nothing, and a circle of causes ends.
  for (let depth = 0; depth < 4 && typeof current === 'object' && current !== null; depth++) {
    const { code, cause } = current as { code?: unknown; cause?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code)) return code;
    current = cause;
  }
  return null;
};
