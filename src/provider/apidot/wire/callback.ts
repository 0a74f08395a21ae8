import { type CallbackReading } from '../../../tasks/index.js';
import { parseBody } from './provider-body.js';
import { readReport } from './report.js';

/** Reads what was posted to a callback URL, in either of the two shapes the provider is known to send. Never throws. */
export const readCallback = (bytes: Buffer): CallbackReading => {
  const body = parseBody(bytes);
  const reading = body === null ? null : readReport(body, null);
  return reading?.kind === 'report' ? reading : { kind: 'malformed' };
};
