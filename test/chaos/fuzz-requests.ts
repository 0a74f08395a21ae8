import { gzipSync } from 'node:zlib';
import { type Random } from './random.js';

/*
 * Requests that nobody should send, as bytes: no client library would write them.
 */

export interface FuzzRequest {
  /** Sent one after the other, with a pause between them. */
  readonly parts: readonly Buffer[];
  readonly pauseMs: number;
  /** False: the announced body never comes whole, so an answer need not come either. */
  readonly isWhole: boolean;
  /** To tell a person which one it was. */
  readonly summary: string;
}

/** One operation of the OpenAPI document. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly queryNames: readonly string[];
}

interface OpenApiDocument {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { parameters?: readonly { name?: string; in?: string }[] }>>>
  >;
}

export const routesOf = ({ paths }: OpenApiDocument): Route[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [] }]) => ({
      method: method.toUpperCase(),
      path,
      queryNames: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name!),
    })),
  );

export interface Known {
  readonly key: string;
  readonly host: string;
  /** Of tasks that exist. */
  readonly taskIds: readonly string[];
}

export class RequestMaker {
  constructor(
    private readonly random: Random,
    private readonly routes: readonly Route[],
    private readonly known: Known,
  ) {}

  /** @param requestId is sent along, and stored with every event that the request leads to */
  next(requestId: string): FuzzRequest {
    const route = this.pick(this.routes);
    const method = this.chance(0.95)
      ? route.method
      : this.pick(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'BREW']);
    const target = this.path(route) + this.query(route);
    const body = method === 'GET' && this.chance(0.9) ? null : this.body(route);
    const headers = [
      `Host: ${this.known.host}`,
      'Connection: close',
      `X-Request-Id: ${requestId}`,
      ...this.headers(body),
    ];
    return {
      ...this.framed(method, target, headers, body),
      summary: `${method} ${target.slice(0, 200)} [${headers.slice(3).join(' | ').slice(0, 200)}], body of ${body?.length ?? 0}`,
    };
  }

  private framed(
    method: string,
    target: string,
    headers: string[],
    body: Buffer | null,
  ): Omit<FuzzRequest, 'summary'> {
    const head = (more: string[]): Buffer =>
      Buffer.from(`${method} ${target} HTTP/1.1\r\n${[...headers, ...more].join('\r\n')}\r\n\r\n`, 'latin1');
    if (body === null) return { parts: [head([])], pauseMs: 0, isWhole: true };
    const length = [`Content-Length: ${body.length}`];
    const half = Math.floor(body.length / 2);
    switch (
      this.pick([
        'whole',
        'whole',
        'whole',
        'whole',
        'slow',
        'chunked',
        'bytes',
        'short',
        'bad chunk',
      ] as const)
    ) {
      case 'slow':
        return {
          parts: [head(length), body.subarray(0, half), body.subarray(half)],
          pauseMs: 30,
          isWhole: true,
        };
      case 'chunked':
        return {
          parts: [
            head(['Transfer-Encoding: chunked']),
            chunk(body.subarray(0, half)),
            chunk(body.subarray(half)),
            LAST_CHUNK,
          ],
          pauseMs: this.chance(0.2) ? 20 : 0,
          isWhole: true,
        };
      case 'bytes':
        return {
          parts: [
            head(length),
            ...[...body.subarray(0, 12)].map((byte) => Buffer.of(byte)),
            body.subarray(12),
          ],
          pauseMs: 1,
          isWhole: true,
        };
      case 'short':
        return { parts: [head([`Content-Length: ${body.length + 100}`]), body], pauseMs: 0, isWhole: false };
      case 'bad chunk':
        return {
          parts: [head(['Transfer-Encoding: chunked']), Buffer.from('zz\r\n'), body],
          pauseMs: 0,
          isWhole: false,
        };
      default:
        return { parts: [Buffer.concat([head(length), body])], pauseMs: 0, isWhole: true };
    }
  }

  private path({ path }: Route): string {
    return path.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (name === 'domain' && this.chance(0.8)) return this.pick(['image', 'video', 'music', '3d']);
      if (name === 'attempt' && this.chance(0.7)) return '1';
      if ((name === 'id' || name === 'task_id') && this.chance(0.6)) return this.pick(this.known.taskIds);
      return this.pick(SEGMENTS);
    });
  }

  private query({ queryNames }: Route): string {
    if (this.chance(0.5)) return '';
    const names =
      this.chance(0.8) && queryNames.length > 0 ? queryNames : ['unknown', '__proto__', 'wait[]', '%'];
    const count = 1 + Math.floor(this.random() * 3);
    const pairs = Array.from({ length: count }, () => `${this.pick(names)}=${this.pick(QUERY_VALUES)}`);
    return `?${pairs.join('&')}`;
  }

  private headers(body: Buffer | null): string[] {
    const headers: string[] = [];
    headers.push(this.chance(0.85) ? `Authorization: Bearer ${this.known.key}` : this.pick(AUTHORIZATIONS));
    if (body !== null)
      headers.push(this.chance(0.85) ? 'Content-Type: application/json' : this.pick(CONTENT_TYPES));
    if (this.chance(0.2)) headers.push(`Idempotency-Key: ${this.pick(IDEMPOTENCY_KEYS)}`);
    if (this.chance(0.1)) headers.push(this.pick(ODD_HEADERS));
    return headers.filter((header) => header !== '');
  }

  private body(route: Route): Buffer {
    if (this.chance(0.1)) return this.pick(RAW_BODIES);
    const value = route.path.endsWith('/tasks')
      ? this.submit()
      : this.chance(0.5)
        ? OPERATION
        : this.value(0);
    return Buffer.from(this.text(value));
  }

  /** Nearly right: what is nearly right comes furthest. */
  private submit(): unknown {
    const body: Record<string, unknown> = { model: 'gpt-image-2', input: { prompt: 'A fox', size: '1:1' } };
    const wounds = Math.floor(this.random() * 3);
    for (let n = 0; n < wounds; n++) {
      const target = this.chance(0.5) ? body : body.input;
      const field = this.pick([
        'model',
        'input',
        'prompt',
        'size',
        'metadata',
        'notify_url',
        'n',
        '__proto__',
        'constructor',
        '',
      ]);
      if (typeof target === 'object' && target !== null)
        (target as Record<string, unknown>)[field] = this.value(0);
    }
    return body;
  }

  private value(depth: number): unknown {
    if (depth < 3 && this.chance(0.3)) {
      const items = Array.from({ length: Math.floor(this.random() * 4) }, () => this.value(depth + 1));
      return this.chance(0.5) ? items : Object.fromEntries(items.map((item) => [this.pick(STRINGS), item]));
    }
    return this.pick(SCALARS);
  }

  /** As JSON, now and then with something in it that is none. */
  private text(value: unknown): string {
    const text = JSON.stringify(value) ?? 'null';
    if (this.chance(0.85)) return text;
    const at = Math.floor(this.random() * text.length);
    return (
      text.slice(0, at) +
      this.pick(['', '\\u0000', '\\ud800', '1e999', '\u0001', ']', '"', ',', '{', '-']) +
      text.slice(at + 1)
    );
  }

  private pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)]!;
  }

  private chance(probability: number): boolean {
    return this.random() < probability;
  }
}

const chunk = (bytes: Buffer): Buffer =>
  bytes.length === 0
    ? bytes
    : Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

const SEGMENTS = [
  '00000000-0000-0000-0000-000000000000',
  'not-an-id',
  '%00',
  '%ff%fe',
  '..%2f..%2fetc%2fpasswd',
  '%',
  '-1',
  '1e9',
  'null',
  '%F0%9F%A6%8A',
  "'%20or%20''='",
  'x'.repeat(300),
  'x'.repeat(9_000),
  '',
];
const QUERY_VALUES = [
  '0',
  '1',
  '-1',
  '1.5',
  '1e3',
  '99999999999999999999',
  'NaN',
  '',
  '%00',
  '%ff',
  '%',
  '%F0%9F%A6%8A',
  'true',
  'x'.repeat(3_000),
  '2026-01-01T00:00:00Z',
  '0000-00-00',
  '9999999-01-01T00:00:00Z',
  'succeeded',
  'a%2Cb',
  '[]',
  '%7B%7D',
  '+',
  'null',
];
const AUTHORIZATIONS = [
  '',
  'Authorization: Bearer',
  'Authorization: Bearer wrong',
  'Authorization: Basic Zm9vOmJhcg==',
  `Authorization: Bearer gl_${'x'.repeat(43)}`,
  `Authorization: Bearer ${'y'.repeat(5_000)}`,
  'Authorization: \xff\xfe',
  'Authorization: Bearer a b c',
  'Authorization:',
];
const CONTENT_TYPES = [
  '',
  'Content-Type: text/plain',
  'Content-Type: application/json; charset=utf-16',
  'Content-Type: application/xml',
  'Content-Type: ;;;',
  'Content-Type: multipart/form-data; boundary=x',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Type: application/json;',
  'Content-Type: application/json\xff',
];
const IDEMPOTENCY_KEYS = [
  'same',
  'x'.repeat(255),
  'x'.repeat(256),
  '',
  'with space',
  '\xe4\xf6',
  '\x7f',
  '"quoted"',
];
const ODD_HEADERS = [
  'Expect: 100-continue',
  'Expect: nonsense',
  'Content-Encoding: gzip',
  'Accept-Encoding: \xff',
  `X-Long: ${'x'.repeat(6_000)}`,
  'Range: bytes=0-',
  'If-None-Match: *',
  'X-Forwarded-For: 1.2.3.4, ::1, \xff',
  'Cookie: a=b; ;;=',
  'Accept: \xff/\xff',
  'Traceparent: 00-0-0-0',
  'Upgrade: websocket',
  'X-HTTP-Method-Override: DELETE',
  'Origin: null',
  'Last-Event-ID: \xff',
];
const STRINGS = [
  '',
  'prompt',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  '\ud800',
  '🦊',
  'x'.repeat(500),
  '1',
  '/',
  '~',
  '$ref',
];
const SCALARS: readonly unknown[] = [
  ...STRINGS,
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.1,
  1e308,
  -1e308,
  5e-324,
  2 ** 53,
  123456789012345680000,
  'x'.repeat(20_001),
  'http://127.0.0.1/',
  'https://example.com/\u0000',
  'javascript:alert(1)',
  'data:,',
  [],
  {},
  [[[[]]]],
  { a: { b: { c: {} } } },
];
const OPERATION = {
  accept_duplicate_risk: true,
  reason: 'fuzz',
  owner: 'x',
  scopes: ['tasks:read'],
  name: 'x',
};

const RAW_BODIES: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from('{'),
  Buffer.from('{"model":"gpt-image-2","input":{"prompt":"a"},"model":"x"}'),
  Buffer.from('\ufeff{"model":"gpt-image-2","input":{"prompt":"a"}}'),
  Buffer.from('['.repeat(50_000)),
  Buffer.from('{"a":'.repeat(20_000)),
  Buffer.from(`{"model":"gpt-image-2","input":${'['.repeat(60)}${']'.repeat(60)}}`),
  Buffer.from('{"model":"gpt-image-2","input":{"prompt":1e999}}'),
  Buffer.from(`{"model":"gpt-image-2","input":{"prompt":"a","n":${'9'.repeat(5_000)}}}`),
  Buffer.from('{"model":"gpt-image-2","input":{"prompt":"a\\u0000b"}}'),
  Buffer.from('{"model":"gpt-image-2","input":{"prompt":"\\ud800"}}'),
  Buffer.concat([
    Buffer.from('{"model":"gpt-image-2","input":{"prompt":"'),
    Buffer.of(0xff, 0xfe, 0xc0, 0x80),
    Buffer.from('"}}'),
  ]),
  Buffer.from('NaN'),
  Buffer.from('"text"'),
  Buffer.from('nullnull'),
  Buffer.alloc(100_000, 0),
  Buffer.alloc(1_200_000, 0x20),
  gzipSync('{"model":"gpt-image-2","input":{"prompt":"a"}}'),
  Buffer.from(
    JSON.stringify({
      model: 'gpt-image-2',
      input: { prompt: 'a' },
      metadata: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, n])),
    }),
  ),
];
