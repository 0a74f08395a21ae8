import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createKey } from './create-key.js';
import { type FuzzRequest, RequestMaker, routesOf } from './fuzz-requests.js';
import { Installation, LEASE_MS, type Program } from './installation.js';
import { planOf } from './plan.js';
import { seededRandom } from './random.js';

export interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
}

export interface FuzzReport {
  readonly options: FuzzOptions;
  readonly figures: Readonly<Record<string, number | string>>;
  readonly findings: readonly string[];
}

const CONNECTIONS = 16;
const ANSWERED_WITHIN_MS = 15_000;
/** A request that never becomes whole is given up by us. */
const GIVEN_UP_AFTER_MS = 50;
/** So little that a server which keeps something of each request runs out of it and ends. */
const HEAP_MIB = 96;

/** Sends odd requests to every route of a server and looks at what it made of them. */
export const runFuzz = async (options: FuzzOptions, program: Program): Promise<FuzzReport> => {
  const plan = planOf({ tasks: 0, minutes: 0, seed: options.seed, replicas: 1 }, LEASE_MS);
  const installation = await Installation.start(plan, program, [`--max-old-space-size=${HEAP_MIB}`]);
  try {
    return await new Fuzzing(installation, options).run();
  } finally {
    await installation.close();
  }
};

class Fuzzing {
  private readonly findings: string[] = [];
  private readonly statuses = new Map<string, number>();
  /** Ids of requests that were refused: nothing may be stored because of them. */
  private readonly refused: string[] = [];
  private readonly memory: number[] = [];
  private sent = 0;

  private readonly url: string;

  constructor(
    private readonly installation: Installation,
    private readonly options: FuzzOptions,
  ) {
    this.url = installation.urlOf(0);
  }

  async run(): Promise<FuzzReport> {
    const { replicas, database } = this.installation;
    const url = this.url;
    const key = await createKey(this.installation, 'fuzz', 'tasks:write,tasks:read,audit:read,operate,admin');
    const taskIds = await Promise.all(Array.from({ length: 5 }, () => submit(url, key)));
    const routes = routesOf(
      (await (await fetch(`${url}/openapi.json`)).json()) as Parameters<typeof routesOf>[0],
    );
    const maker = new RequestMaker(seededRandom(this.options.seed), routes, {
      key,
      taskIds,
      host: new URL(url).host,
    });
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: CONNECTIONS }, () => this.sendUntilDone(maker)));
    const took = performance.now() - startedAt;
    // It still does what it is there for.
    await submit(url, key);
    this.findings.push(...(await storedByRefused(database, this.refused)));
    this.findings.push(...replicas.flatMap(({ deaths }) => deaths));
    return {
      options: this.options,
      figures: {
        requests: this.sent,
        routes: routes.length,
        'requests per second': Math.round((this.sent / took) * 1_000),
        answers: [...this.statuses]
          .sort()
          .map(([status, count]) => `${status}: ${count}`)
          .join(', '),
        'refused requests': this.refused.length,
        'memory on the way, MiB': this.memory.join(' '),
      },
      findings: this.findings,
    };
  }

  private async sendUntilDone(maker: RequestMaker): Promise<void> {
    while (this.sent < this.options.requests) {
      const number = (this.sent += 1);
      if (number % Math.ceil(this.options.requests / 8) === 0) this.measure();
      const requestId = `fuzz-${this.options.seed}-${number}`;
      await this.judge(maker.next(requestId), requestId);
    }
  }

  private async judge(request: FuzzRequest, requestId: string): Promise<void> {
    const sentAt = performance.now();
    const answer = await send(this.url, request);
    const ms = Math.round(performance.now() - sentAt);
    const status =
      answer === null || answer === CONTINUE ? 'none' : (FINAL_STATUS.exec(answer)?.[1] ?? 'unreadable');
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (/^4/.test(status)) this.refused.push(requestId);
    if (/^5/.test(status) || status === 'unreadable' || (status === 'none' && request.isWhole))
      this.findings.push(
        `${requestId} ${request.summary}: ${answer?.slice(0, 1_000) ?? `no answer within ${ms} ms`}`,
      );
  }

  private measure(): void {
    this.memory.push(residentMiB(this.installation.replicas[0]!.pid));
  }
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
/** After any of those. */
const RESET = 'HTTP/1.1 499 ';
const FINAL_STATUS = /(?:^|\r\n\r\n)HTTP\/1\.1 ([2-5]\d{2}) /;

/**
 * Null when no answer came in time, or none can be expected. `RESET` when the server had answered and closed while we were
 * still sending: what it said may be lost on the way, but for a `100 Continue` that came before it.
 */
const send = (url: string, { parts, pauseMs, isWhole }: FuzzRequest): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
    let answer = '';
    let [isSent, isReset] = [false, false];
    const end = (): void => {
      clearTimeout(patience);
      socket.destroy();
      const isLost = isReset && !isSent && (answer === '' || answer === CONTINUE);
      resolve(isLost ? RESET : answer === '' ? null : answer);
    };
    const patience = setTimeout(end, isWhole ? ANSWERED_WITHIN_MS : GIVEN_UP_AFTER_MS);
    socket.on('data', (bytes) => {
      if (answer.length < 2_000) answer += bytes.toString('latin1');
    });
    socket.on('close', end);
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      isReset = code === 'ECONNRESET' || code === 'EPIPE';
      end();
    });
    void (async () => {
      for (const part of parts) {
        if (socket.destroyed) return;
        socket.write(part);
        if (pauseMs > 0) await pause(pauseMs);
      }
      isSent = true;
    })();
  });

const submit = async (url: string, key: string): Promise<string> => {
  const response = await fetch(`${url}/v1/image/tasks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-image-2', input: { prompt: 'A fox' } }),
  });
  if (response.status !== 202) throw new Error(`An honest submit was answered ${response.status}.`);
  return ((await response.json()) as { id: string }).id;
};

const storedByRefused = async (
  database: { url: string; schema: string },
  requestIds: readonly string[],
): Promise<string[]> => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; type: string }>(
      `select correlation_id as id, type from ${pg.escapeIdentifier(database.schema)}.event where correlation_id = any ($1)`,
      [requestIds],
    );
    return rows
      .filter(({ type }) => type !== 'CallbackReceived')
      .map(({ id, type }) => `${id} was refused and stored ${type}`);
  } finally {
    await client.end();
  }
};

/** Linux only, else 0. */
const residentMiB = (pid: number): number => {
  if (process.platform !== 'linux') return 0;
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib ?? 0) / 1_024);
};
