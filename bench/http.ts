import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { callbackToken } from '../src/callbacks/callback-token.js';
import { startEmbeddedPostgres } from '../src/database/index.js';
import { load, type LoadOptions, type LoadResult } from './support/load.js';
import { cpuMicroseconds, serverCpuMicroseconds, freePort, start } from './support/processes.js';
import { startProfile } from './support/profiler.js';
import { SEED_ENCRYPTION_KEY, seedSubmittedTasks } from './support/seed.js';

/*
 * Submit, callback intake and task reads under load, against a bare Fastify server that makes one INSERT (or SELECT) per
 * request. Both sides use the same PostgreSQL (fsync on), the same load generator, the same numbers of connections, in the
 * same run; the order of the sides alternates from round to round. Our worker is on.
 *
 * Usage: npm run bench:http -- [--seconds 10] [--rounds 2] [--connections 64,256] [--only submit] [--profile] [--json]
 */
const option = (name: string, fallback: number): number => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : Number(process.argv[index + 1]);
};
const SECONDS = option('seconds', 10);
const ROUNDS = option('rounds', 2);
/** Few, and as many as a batch likes best: what is written together shares its costs. */
const CONNECTIONS = list('connections', [64, 256]);
/** Each side, before it is measured: the compiler of the language, caches and pools need their time. */
const WARM_UP_SECONDS = 5;
const isJson = process.argv.includes('--json');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const SECRET = 'bench-secret-bench-secret-bench-secret';
const PROMPT = 'A red bicycle leaning against a white wall, soft daylight, long shadows, wide angle';

const folder = await mkdtemp(join(tmpdir(), 'genledger-bench-'));
const database = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
const [port, barePort, simulatorPort] = [await freePort(), await freePort(), await freePort()];
const loader = ['--import', './test/support/typescript.mjs'];

// A provider as far away as a real one: it answers a submit after half a second and a status read after a fifth.
const simulator = await start([...loader, 'bench/servers/provider.ts', String(simulatorPort)], 'ready');
const profilerPort = process.argv.includes('--profile') ? await freePort() : null;
const inspect = profilerPort === null ? [] : [`--inspect=127.0.0.1:${profilerPort}`];
const ours = await start([...inspect, 'dist/main.js'], 'Genledger is ready', {
  PORT: String(port),
  DATABASE_URL: database.url,
  APIDOT_API_KEY: 'sk-bench',
  APIDOT_BASE_URL: `http://127.0.0.1:${simulatorPort}`,
  PUBLIC_URL: `http://127.0.0.1:${port}`,
  CALLBACK_SECRET: SECRET,
  ENCRYPTION_KEY: SEED_ENCRYPTION_KEY,
  RATE_LIMIT_PER_MINUTE: '1000000000',
  MAX_OPEN_TASKS: '10000000',
  LOG_LEVEL: 'info',
  LOG_FORMAT: 'json',
  DATA_DIR: join(folder, 'server'),
});
const bare = await start([...loader, 'bench/servers/bare.ts', database.url, String(barePort)], 'ready');

const pool = new pg.Pool({ connectionString: database.url, max: 2, options: '-c search_path=genledger' });
const logId = (await pool.query<{ id: string }>('select id from log_identity')).rows[0]!.id;

const seconds = CONNECTIONS.length * (ROUNDS * SECONDS + WARM_UP_SECONDS);
const seeded = await seedSubmittedTasks(database.url, seconds * 5_000, (done) =>
  say(`seeded ${done} submitted tasks`),
);
const { key } = seeded;
// What the seeding left behind is cleared away first, or it would be while somebody is measured.
await pool.query('vacuum (analyze)');
await pool.query('checkpoint');

const oursAt = `http://127.0.0.1:${port}`;
const bareAt = `http://127.0.0.1:${barePort}`;
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
const json = { 'content-type': 'application/json' };
let next = 0;

const submitBody = (): string =>
  JSON.stringify({ model: 'gpt-image-2', input: { prompt: `${PROMPT} ${next++}` } });
const callbackBody = (providerId: string): string =>
  JSON.stringify({
    code: 200,
    data: {
      task_id: providerId,
      status: 'finished',
      files: [{ file_url: `https://files.example/${providerId}.png`, file_type: 'image' }],
      created_time: '2026-04-19T21:19:42',
      progress: 100,
      error_message: null,
    },
  });

let nextCallback = 0;
const callback = (): ReturnType<LoadOptions['next']> => {
  const task = seeded.tasks[nextCallback++ % seeded.tasks.length]!;
  const token = callbackToken(SECRET, { logId, taskId: task.id, attempt: 1 });
  return {
    method: 'POST',
    path: `/v1/callbacks/apidot/${task.id}/1/${token}`,
    body: callbackBody(task.providerId),
    headers: json,
  };
};

const SUBJECTS: readonly {
  name: string;
  goal: number;
  ours: LoadOptions['next'];
  bare: LoadOptions['next'];
}[] = [
  {
    name: 'submit',
    goal: 1,
    ours: () => ({ method: 'POST', path: '/v1/image/tasks', body: submitBody(), headers }),
    bare: () => ({ method: 'POST', path: '/rows', body: submitBody(), headers: json }),
  },
  {
    name: 'callback intake',
    goal: 1.5,
    ours: callback,
    bare: () => ({
      method: 'POST',
      path: '/rows',
      body: callbackBody(`task-unified-${next++}`),
      headers: json,
    }),
  },
  {
    name: 'task read',
    goal: 0.5,
    ours: () => ({
      method: 'GET',
      path: `/v1/tasks/${seeded.tasks[next++ % seeded.tasks.length]!.id}`,
      headers,
    }),
    bare: () => ({ method: 'GET', path: `/rows/${1 + (next++ % 10_000)}`, headers: {} }),
  },
];

interface Line {
  readonly name: string;
  readonly connections: number;
  readonly goal: number;
  readonly ratio: number;
  readonly ours: LoadResult;
  readonly bare: LoadResult;
}
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
const lines: Line[] = [];
const subjects = SUBJECTS.filter(({ name }) => only === undefined || name.startsWith(only));
for (const { subject, connections } of subjects.flatMap((subject) =>
  CONNECTIONS.map((connections) => ({ subject, connections })),
)) {
  const title = `${subject.name}, ${connections} connections`;
  const sides = { ours: [] as LoadResult[], bare: [] as LoadResult[] };
  const run = async (side: 'ours' | 'bare', time: number): Promise<LoadResult> => {
    const url = side === 'ours' ? oursAt : bareAt;
    const { pid } = (side === 'ours' ? ours : bare).child;
    const spent = (): readonly number[] => [
      cpuMicroseconds(pid!),
      serverCpuMicroseconds(database.info.pid),
      cpuMicroseconds(process.pid),
    ];
    const before = spent();
    const result = await load({ url, seconds: time, connections, next: subject[side] });
    const [server, postgres, generator] = spent().map(
      (after, i) => (after - before[i]!) / (result.requestsPerSecond * time),
    );
    if (!isJson)
      say(
        `${title}, ${side}: us of processor time per request: server ${server!.toFixed(0)}, PostgreSQL ${postgres!.toFixed(0)}, load generator ${generator!.toFixed(0)}`,
      );
    if (result.errors > 0 || result.non2xx > 0)
      say(`${title}, ${side}: ${result.errors} errors, ${result.non2xx} refusals ${result.refusal ?? ''}`);
    return result;
  };
  for (const side of ['bare', 'ours'] as const) await run(side, WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? (['bare', 'ours'] as const) : (['ours', 'bare'] as const);
    for (const side of order) {
      const profile = side === 'ours' && profilerPort !== null ? await startProfile(profilerPort) : null;
      const result = await run(side, SECONDS);
      await profile?.stop(`${subject.name.replaceAll(' ', '-')}-${connections}-${round}.cpuprofile`);
      sides[side].push(result);
      say(
        `${title}, ${side}: ${Math.round(result.requestsPerSecond)}/s p50 ${result.p50} p97.5 ${result.p97} p99 ${result.p99} ms`,
      );
    }
  }
  const mean = (results: LoadResult[]): LoadResult => ({
    requestsPerSecond: average(results.map((r) => r.requestsPerSecond)),
    p50: average(results.map((r) => r.p50)),
    p97: average(results.map((r) => r.p97)),
    p99: average(results.map((r) => r.p99)),
    errors: average(results.map((r) => r.errors)),
    non2xx: average(results.map((r) => r.non2xx)),
    refusal: results.find((r) => r.refusal !== null)?.refusal ?? null,
  });
  const [o, b] = [mean(sides.ours), mean(sides.bare)];
  lines.push({
    name: subject.name,
    connections,
    goal: subject.goal,
    ratio: o.requestsPerSecond / b.requestsPerSecond,
    ours: o,
    bare: b,
  });
}

if (nextCallback > seeded.tasks.length)
  say(
    `${nextCallback} callbacks for ${seeded.tasks.length} tasks: the last ones met tasks that were known already`,
  );
await pool.end();
for (const side of [ours, bare, simulator]) await side.stop();
await database.stop();
await rm(folder, { recursive: true, force: true });

const machine = {
  cpus: cpus().length,
  model: cpus()[0]?.model,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};
if (isJson)
  process.stdout.write(
    `${JSON.stringify({ at: new Date().toISOString(), machine, seconds: SECONDS, rounds: ROUNDS, lines })}\n`,
  );
else {
  process.stdout.write(
    `\n| | connections | ours /s | bare /s | ratio | goal | p50 | p97.5 | p99 (ours, ms) | p50 | p97.5 | p99 (bare, ms) |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n`,
  );
  for (const { name, connections, goal, ratio, ours: o, bare: b } of lines) {
    const cells = [
      name,
      connections,
      Math.round(o.requestsPerSecond),
      Math.round(b.requestsPerSecond),
      ratio.toFixed(2),
      goal,
      o.p50,
      o.p97,
      o.p99,
      b.p50,
      b.p97,
      b.p99,
    ];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
}
process.exit();

/** `--name 1,2,3` */
function list(name: string, fallback: readonly number[]): readonly number[] {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : process.argv[index + 1]!.split(',').map(Number);
}

function average(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
