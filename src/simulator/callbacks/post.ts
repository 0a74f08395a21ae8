import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type CallbackMessage } from './callback-message.js';

/** At most so many callbacks are under way to one receiver; the others wait their turn. */
const MOST_CONNECTIONS = 64;

export interface PostResult {
  readonly status: number | null;
  readonly error: string | null;
}

/** Posts callbacks over connections it keeps open. Redirects are not followed. */
export class CallbackPost {
  private readonly http = new HttpAgent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  private readonly https = new HttpsAgent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });

  private isClosed = false;

  constructor(private readonly timeoutMs: number) {}

  /** Never rejects: whatever happens is in the result. The time limit covers everything up to the end of the answer. */
  send(url: string, { headers, body }: CallbackMessage): Promise<PostResult> {
    if (this.isClosed) return Promise.resolve({ status: null, error: 'the simulator is closed' });
    const target = parseUrl(url);
    if (target?.protocol !== 'http:' && target?.protocol !== 'https:') {
      return Promise.resolve({ status: null, error: 'not an http(s) URL' });
    }
    const isPlain = target.protocol === 'http:';
    return new Promise((resolve) => {
      const failed = (error: Error): void => {
        clearTimeout(limit);
        resolve({ status: null, error: error.message });
      };
      const request = (isPlain ? httpRequest : httpsRequest)(
        target,
        {
          method: 'POST',
          agent: isPlain ? this.http : this.https,
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          response.on('error', failed);
          response.on('end', () => {
            clearTimeout(limit);
            resolve({ status: response.statusCode ?? null, error: null });
          });
          response.resume();
        },
      );
      const limit = setTimeout(
        () => request.destroy(new Error(`no answer within ${this.timeoutMs} ms`)),
        this.timeoutMs,
      );
      request.on('error', failed);
      request.end(body);
    });
  }

  close(): void {
    this.isClosed = true;
    this.http.destroy();
    this.https.destroy();
  }
}

/** Null for what is no URL. Not `URL.canParse`: on Node 20 it errs after some thousand calls. */
const parseUrl = (text: string): URL | null => {
  try {
    return new URL(text);
  } catch {
    return null;
  }
};
