import { lookup as systemLookup } from 'node:dns';
import { Agent, type Dispatcher, errors, request } from 'undici';
import { urlFlaw } from '../shared/outer-url.js';
import { AddressRefusedError, guardedConnect, type Lookup } from './guarded-connect.js';

/** Longer URLs are refused by many servers on the way. */
const LONGEST_URL = 2_048;

/** Name lookup, TCP and TLS together. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Shorter than the idle limits of common servers, so that a connection is rarely closed under a request. */
const IDLE_MS = 4_000;

export interface OutgoingOptions {
  /** Also hosts of this machine and of the network around it (tests, closed networks). Never link-local or metadata addresses. */
  readonly allowInner: boolean;
  /** In place of the system's resolver. */
  readonly lookup?: Lookup;
}

export interface OutgoingRequest {
  /** From outside: checked here. */
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** For the whole exchange, milliseconds. */
  readonly timeoutMs: number;
  /** How much of the answer's body is read, bytes; the rest is left and its connection closed. */
  readonly maxBytes: number;
}

/** How it went. Only `answered` says that somebody received the request; `failed` leaves it open. */
export type OutgoingResult =
  | {
      readonly kind: 'answered';
      /** Also 3xx: a redirect is an answer, and is not followed. */
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      /** As it came: no Content-Encoding is undone. */
      readonly body: Buffer;
      /** There was more than `maxBytes`. */
      readonly isCut: boolean;
    }
  /** Certainly not sent, and never will be: the URL, or an address it leads to, is not allowed. */
  | { readonly kind: 'refused'; readonly reason: 'url' | 'private_host' }
  | { readonly kind: 'failed'; readonly reason: 'timeout' | 'dns' | 'connection' };

/**
 * Requests to URLs that came from outside (notifications, media), made so that nobody can point them at our own network.
 *
 *   URL: form, literal address ─► name lookup: every address ─► socket: the address reached ─► answer, cut at its limits
 *
 * The addresses are checked where the connection is made, so a name that changes its answer between check and use gains
 * nothing. Redirects are not followed. No proxy is used, whatever the environment says.
 */
export class OutgoingClient {
  private readonly agent: Agent;

  constructor(private readonly options: OutgoingOptions) {
    this.agent = new Agent({
      connect: guardedConnect({
        allowInner: options.allowInner,
        lookup: options.lookup ?? systemLookup,
        timeoutMs: CONNECT_TIMEOUT_MS,
      }),
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      // The deadline of a request covers its whole length.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 16_384,
    });
  }

  /** Never throws; what went wrong is in the result. */
  async send({ url, method, headers, body, timeoutMs, maxBytes }: OutgoingRequest): Promise<OutgoingResult> {
    const flaw =
      url.length > LONGEST_URL ? 'url' : urlFlaw(url, this.options.allowInner ? 'inner' : 'public');
    if (flaw) return { kind: 'refused', reason: flaw };
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await request(url, { dispatcher: this.agent, method, headers, body, signal });
      const read = await readUpTo(answer, maxBytes);
      return { kind: 'answered', status: answer.statusCode, headers: answer.headers, ...read };
    } catch (error) {
      if (error instanceof AddressRefusedError) return { kind: 'refused', reason: 'private_host' };
      return { kind: 'failed', reason: signal.aborted ? 'timeout' : reasonOf(error) };
    }
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

const readUpTo = async (
  { body }: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<{ body: Buffer; isCut: boolean }> => {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop early destroys the body, and with it the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) return { body: Buffer.concat(chunks, maxBytes), isCut: true };
  }
  return { body: Buffer.concat(chunks, length), isCut: false };
};

const reasonOf = (error: unknown): 'timeout' | 'dns' | 'connection' => {
  if (error instanceof errors.ConnectTimeoutError) return 'timeout';
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'getaddrinfo' ? 'dns' : 'connection';
};
