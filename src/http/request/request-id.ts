import { type IncomingHttpHeaders } from 'node:http';
import { uuidv7 } from '../../shared/ids.js';

/** Fits a log line, a header and a column; anything else is replaced. */
const SANE = /^[A-Za-z0-9._:@/+=-]{1,128}$/;

/** W3C trace context: version, trace id, span id, flags. A trace id of zeros means none. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/**
 * How this request is named in answers, logs and events: the caller's X-Request-Id when it is a sane token, else the trace id
 * of its traceparent, else a new one.
 */
export const requestIdOf = (headers: IncomingHttpHeaders): string => {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && SANE.test(given)) return given;
  const trace = headers.traceparent;
  return (typeof trace === 'string' && TRACEPARENT.exec(trace)?.[1]) || uuidv7();
};
