import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createKey } from './create-key.js';
import { Installation, LEASE_MS, type Program } from './installation.js';
import { planOf } from './plan.js';
import { growthOf, JUDGED_FROM_MS, type Growth, type Sample } from './soak-verdict.js';

export interface SoakOptions {
  readonly minutes: number;
  /** Lives of tasks that begin each second; null: half of what the machine does. */
  readonly rate: number | null;
}

export interface SoakReport {
  readonly options: SoakOptions;
  readonly figures: Readonly<Record<string, number | string>>;
  readonly samples: readonly Sample[];
  readonly growth: readonly Growth[];
  readonly findings: readonly string[];
}

const SAMPLE_EVERY_MS = 5_000;
const WARM_UP_MS = 10_000;
const WARM_UP_CALLERS = 256;
/** More lives than this at once are not begun: they count as left out, so that a slow moment does not become a flood. */
const MOST_AT_ONCE = 1_000;
const ENDS_WITHIN_MS = 120_000;
const ANSWERED_WITHIN_MS = 40_000;
const ENDED = new Set(['succeeded', 'failed', 'cancelled', 'expired']);

/**
 * A server with its worker under a steady load for a long time, and whether anything grows. A life of a task is: submit it,
 * read it, for half of them wait for its end by long polls, and now and then a list, its events or the feed. The provider
 * calls back for each. Nothing is broken on purpose.
 */
export const runSoak = async (
  options: SoakOptions,
  program: Program,
  say: (line: string) => void,
): Promise<SoakReport> => {
  const plan = planOf({ tasks: 0, minutes: 0, seed: 1, replicas: 1 }, LEASE_MS);
  const installation = await Installation.start(plan, program);
  try {
    const key = await createKey(installation, 'soak', 'tasks:write,tasks:read,audit:read');
    return await new Soak(installation, key, options, say).run();
  } finally {
    await installation.close();
  }
};

class Soak {
  private readonly accepted: string[] = [];
  private readonly answers = new Map<string, number>();
  private readonly findings: string[] = [];
  private readonly samples: Sample[] = [];
  private atOnce = 0;
  private begun = 0;
  private leftOut = 0;
  private lived = 0;

  constructor(
    private readonly installation: Installation,
    private readonly key: string,
    private readonly options: SoakOptions,
    private readonly say: (line: string) => void,
  ) {}

  async run(): Promise<SoakReport> {
    const database = new pg.Client({ connectionString: this.installation.database.url });
    await database.connect();
    await database.query(`set search_path to ${pg.escapeIdentifier(this.installation.database.schema)}`);
    try {
      const most = await this.warmUp();
      const rate = this.options.rate ?? Math.max(1, Math.round(most / 2));
      this.say(`${most.toFixed(1)} lives a second at most, ${rate} from now on`);
      const lengthMs = this.options.minutes * 60_000;
      await this.load(rate, lengthMs, database);
      await this.endAll(database);
      const lost = await this.lost(database);
      this.findings.push(...lost.map((id) => `${id} was accepted and is not there`));
      return this.report(most, rate, lengthMs);
    } finally {
      await database.end();
    }
  }

  /** Lives per second of so many callers, each beginning the next life when one is over. */
  private async warmUp(): Promise<number> {
    const until = performance.now() + WARM_UP_MS;
    const before = this.lived;
    const call = async (): Promise<void> => {
      while (performance.now() < until) await this.live(this.begun++, true);
    };
    await Promise.all(Array.from({ length: WARM_UP_CALLERS }, call));
    return ((this.lived - before) * 1_000) / (performance.now() - until + WARM_UP_MS);
  }

  private async load(rate: number, lengthMs: number, database: pg.Client): Promise<void> {
    const startedAt = performance.now();
    const running = new Set<Promise<void>>();
    let sampledAt = -Infinity;
    for (let n = 0; ; n++) {
      const atMs = (n * 1_000) / rate;
      if (atMs > lengthMs) break;
      const now = performance.now() - startedAt;
      if (now < atMs) await pause(atMs - now);
      if (now - sampledAt >= SAMPLE_EVERY_MS) {
        sampledAt = now;
        await this.sample(now, database);
      }
      if (this.atOnce >= MOST_AT_ONCE) {
        this.leftOut += 1;
        continue;
      }
      const life = this.live(this.begun++, n % 2 === 0).finally(() => running.delete(life));
      running.add(life);
    }
    await this.sample(performance.now() - startedAt, database);
    await Promise.all(running);
  }

  private async live(number: number, isAwaited: boolean): Promise<void> {
    this.atOnce += 1;
    try {
      const priority = (['low', 'normal', 'high'] as const)[number % 3];
      const body = { model: 'gpt-image-2', input: { prompt: `A picture, number ${number}` }, priority };
      const submitted = await this.call<{ id: string }>('POST', '/v1/image/tasks', body, `soak-${number}`);
      if (submitted === null) return;
      this.accepted.push(submitted.id);
      await this.call('GET', `/v1/tasks/${submitted.id}`);
      if (number % 10 === 0) await this.call('GET', '/v1/tasks?limit=20');
      if (number % 10 === 1) await this.call('GET', `/v1/events?limit=50`);
      for (let status = ''; isAwaited && !ENDED.has(status);) {
        const task = await this.call<{ status: string }>('GET', `/v1/tasks/${submitted.id}?wait=30`);
        if (task === null) return;
        status = task.status;
      }
      if (number % 10 === 2) await this.call('GET', `/v1/tasks/${submitted.id}/events`);
      this.lived += 1;
    } finally {
      this.atOnce -= 1;
    }
  }

  /** Null when the answer was not the wanted one, which is a finding. */
  private async call<T>(method: string, path: string, body?: object, name?: string): Promise<T | null> {
    const what = `${method} ${path.replace(/[0-9a-f-]{36}/, 'ID')}`;
    try {
      const response = await fetch(this.installation.url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.key}`,
          ...(body && { 'content-type': 'application/json' }),
          ...(name && { 'idempotency-key': name }),
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
      });
      const text = await response.text();
      this.count(`${response.status}`);
      if (response.ok) return JSON.parse(text) as T;
      this.findings.push(`${what}: ${response.status} ${text.slice(0, 300)}`);
    } catch (error) {
      this.count('none');
      this.findings.push(`${what}: ${String(error)}`);
    }
    return null;
  }

  private count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }

  private async sample(atMs: number, database: pg.Client): Promise<void> {
    const metrics = await fetch(`${this.installation.urlOf(0)}/metrics`).then((answer) => answer.text());
    const metric = (name: string): number =>
      Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? NaN);
    const { rows } = await database.query<{ connections: number; timers: number; bytes: number }>(
      `select (select count(*)::int from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()) as connections,
              (select count(*)::int from task_timer) as timers,
              pg_total_relation_size('task_timer')::float8 as bytes`,
    );
    const { connections, timers, bytes } = rows[0]!;
    const sample: Sample = {
      atMs: Math.round(atMs),
      residentMiB: residentMiB(this.installation.replicas[0]!.pid),
      heapMiB: mebibytes(metric('nodejs_heap_size_used_bytes')),
      loopDelayMs: Math.round(metric('nodejs_eventloop_lag_p99_seconds') * 1_000),
      connections,
      timers,
      timerTableMiB: mebibytes(bytes),
      lives: this.lived,
    };
    this.samples.push(sample);
    this.say(
      `  ${Math.round(atMs / 1_000)} s: ${sample.residentMiB} MiB, heap ${sample.heapMiB} MiB, loop ${sample.loopDelayMs} ms, ` +
        `${connections} connections, ${timers} timers in ${sample.timerTableMiB} MiB, ${this.lived} lives`,
    );
  }

  private async endAll(database: pg.Client): Promise<void> {
    const deadline = performance.now() + ENDS_WITHIN_MS;
    for (;;) {
      const { rows } = await database.query<{ id: string; status: string }>(
        'select id, status from task where status <> all ($1) limit 10',
        [[...ENDED]],
      );
      if (rows.length === 0) return;
      if (performance.now() > deadline) {
        this.findings.push(...rows.map(({ id, status }) => `${id} is still ${status}`));
        return;
      }
      await pause(500);
    }
  }

  private async lost(database: pg.Client): Promise<string[]> {
    const { rows } = await database.query<{ id: string }>(
      `select id::text from unnest($1::uuid[]) as wanted (id)
        where not exists (select from task where task.id = wanted.id)
           or not exists (select from event where stream_id = wanted.id and version = 1)`,
      [this.accepted],
    );
    return rows.map(({ id }) => id);
  }

  private report(most: number, rate: number, lengthMs: number): SoakReport {
    const growth = [
      growthOf('resident', this.samples, ({ residentMiB }) => residentMiB),
      growthOf('heap', this.samples, ({ heapMiB }) => heapMiB),
    ];
    const isJudged = lengthMs >= JUDGED_FROM_MS;
    const grown = growth.filter(({ isFlat }) => isJudged && !isFlat);
    const count = (of: (answer: string) => boolean): number =>
      [...this.answers].reduce((sum, [answer, times]) => sum + (of(answer) ? times : 0), 0);
    return {
      options: this.options,
      figures: {
        'lives a second at most': Math.round(most * 10) / 10,
        'lives a second wanted': rate,
        'lives, whole': this.lived,
        'lives left out, too many at once': this.leftOut,
        'answers to clients': [...this.answers].map(([answer, times]) => `${answer}: ${times}`).join(', '),
        'answers 5xx': count((answer) => answer.startsWith('5')),
        'no answer': count((answer) => answer === 'none'),
        'tasks accepted': this.accepted.length,
        memory: isJudged ? 'judged' : 'not judged: the run is shorter than 5 minutes',
      },
      samples: this.samples,
      growth,
      findings: [
        ...this.findings,
        ...grown.map(
          ({ name, grewMiB, meanMiB }) => `${name} memory grew by ${grewMiB} MiB, mean ${meanMiB} MiB`,
        ),
      ],
    };
  }
}

const mebibytes = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;

/** Linux only, else 0. */
const residentMiB = (pid: number): number => {
  if (process.platform !== 'linux') return 0;
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib ?? 0) / 1_024);
};
