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
 * same run; the order of the sides alternates from round to round. Our worker is on. A third side, a server that groups its
 * INSERTs and does nothing else, shows what group commit alone can bring.
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
const [port, barePort, groupedPort, simulatorPort] = [
  await freePort(),
  await freePort(),
  await freePort(),
  await freePort(),
];
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
const grouped = await start(
  [...loader, 'bench/servers/grouped.ts', database.url, String(groupedPort)],
  'ready',
);

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

type Side = 'ours' | 'bare' | 'grouped';
const SERVERS: Readonly<Record<Side, { at: string; pid: number }>> = {
  ours: { at: `http://127.0.0.1:${port}`, pid: ours.child.pid! },
  bare: { at: `http://127.0.0.1:${barePort}`, pid: bare.child.pid! },
  grouped: { at: `http://127.0.0.1:${groupedPort}`, pid: grouped.child.pid! },
};
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

const bareSubmit: LoadOptions['next'] = () => ({
  method: 'POST',
  path: '/rows',
  body: submitBody(),
  headers: json,
});
const bareCallback: LoadOptions['next'] = () => ({
  method: 'POST',
  path: '/rows',
  body: callbackBody(`task-unified-${next++}`),
  headers: json,
});

const SUBJECTS: readonly {
  name: string;
  goal: number;
  requests: Partial<Record<Side, LoadOptions['next']>>;
}[] = [
  {
    name: 'submit',
    goal: 1,
    requests: {
      ours: () => ({ method: 'POST', path: '/v1/image/tasks', body: submitBody(), headers }),
      bare: bareSubmit,
      grouped: bareSubmit,
    },
  },
  {
    name: 'callback intake',
    goal: 1.5,
    requests: { ours: callback, bare: bareCallback, grouped: bareCallback },
  },
  {
    name: 'task read',
    goal: 0.5,
    requests: {
      ours: () => ({
        method: 'GET',
        path: `/v1/tasks/${seeded.tasks[next++ % seeded.tasks.length]!.id}`,
        headers,
      }),
      bare: () => ({ method: 'GET', path: `/rows/${1 + (next++ % 10_000)}`, headers: {} }),
    },
  },
];

/** Of one side under one load. */
interface Measured extends LoadResult {
  /** Microseconds of processor time per request: server, PostgreSQL, load generator. */
  readonly cpu: readonly number[];
}
interface Line {
  readonly name: string;
  readonly connections: number;
  readonly goal: number;
  readonly sides: Readonly<Partial<Record<Side, Measured>>>;
}
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
const lines: Line[] = [];
const subjects = SUBJECTS.filter(({ name }) => only === undefined || name.startsWith(only));
for (const { subject, connections } of subjects.flatMap((subject) =>
  CONNECTIONS.map((connections) => ({ subject, connections })),
)) {
  const title = `${subject.name}, ${connections} connections`;
  const sides = Object.keys(subject.requests) as Side[];
  const results = new Map<Side, Measured[]>(sides.map((side) => [side, []]));
  const run = async (side: Side, time: number): Promise<Measured> => {
    const { at, pid } = SERVERS[side];
    const spent = (): readonly number[] => [
      cpuMicroseconds(pid),
      serverCpuMicroseconds(database.info.pid),
      cpuMicroseconds(process.pid),
    ];
    const before = spent();
    const result = await load({ url: at, seconds: time, connections, next: subject.requests[side]! });
    const cpu = spent().map((after, i) => (after - before[i]!) / (result.requestsPerSecond * time));
    if (result.errors > 0 || result.non2xx > 0)
      say(`${title}, ${side}: ${result.errors} errors, ${result.non2xx} refusals ${result.refusal ?? ''}`);
    return { ...result, cpu };
  };
  for (const side of sides) await run(side, WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const profile = side === 'ours' && profilerPort !== null ? await startProfile(profilerPort) : null;
      const result = await run(side, SECONDS);
      await profile?.stop(`${subject.name.replaceAll(' ', '-')}-${connections}-${round}.cpuprofile`);
      results.get(side)!.push(result);
      const [server, postgres, generator] = result.cpu.map((us) => us.toFixed(0));
      say(
        `${title}, ${side}: ${Math.round(result.requestsPerSecond)}/s p50 ${result.p50} p97.5 ${result.p97} p99 ${result.p99} ms; ` +
          `us of processor time per request: server ${server}, PostgreSQL ${postgres}, load generator ${generator}`,
      );
    }
  }
  lines.push({
    name: subject.name,
    connections,
    goal: subject.goal,
    sides: Object.fromEntries([...results].map(([side, all]) => [side, mean(all)])),
  });
}

if (nextCallback > seeded.tasks.length)
  say(
    `${nextCallback} callbacks for ${seeded.tasks.length} tasks: the last ones met tasks that were known already`,
  );
await pool.end();
for (const side of [ours, bare, grouped, simulator]) await side.stop();
await database.stop();
// The data lies elsewhere where the server's user cannot reach the folder.
for (const path of [database.info.home, folder]) await rm(path, { recursive: true, force: true });

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
  const row = (cells: readonly (string | number)[]): void =>
    void process.stdout.write(`| ${cells.join(' | ')} |\n`);
  const head = (...titles: readonly string[]): void => {
    process.stdout.write('\n');
    row(titles);
    row(titles.map(() => '---'));
  };
  const rate = (side: Measured): number => Math.round(side.requestsPerSecond);
  head(
    '',
    'connections',
    'ours /s',
    'bare /s',
    'ratio',
    'goal',
    'grouped /s',
    'ratio',
    'ours, ms',
    'bare, ms',
  );
  for (const { name, connections, goal, sides } of lines) {
    const [o, b, g] = [sides.ours!, sides.bare!, sides.grouped];
    const toBare = (side: Measured): string => (side.requestsPerSecond / b.requestsPerSecond).toFixed(2);
    const times = ({ p50, p97, p99 }: Measured): string => `${p50} / ${p97} / ${p99}`;
    const ofGrouped = g ? [rate(g), toBare(g)] : ['', ''];
    row([name, connections, rate(o), rate(b), toBare(o), goal, ...ofGrouped, times(o), times(b)]);
  }
  head(
    'us of processor time per request',
    'connections',
    '',
    'server',
    'PostgreSQL',
    'load generator',
    'together',
  );
  for (const { name, connections, sides } of lines)
    for (const [side, { cpu }] of Object.entries(sides))
      row([
        name,
        connections,
        side,
        ...[...cpu, cpu.reduce((sum, us) => sum + us, 0)].map((us) => us.toFixed(0)),
      ]);
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

function mean(results: readonly Measured[]): Measured {
  return {
    requestsPerSecond: average(results.map((r) => r.requestsPerSecond)),
    p50: average(results.map((r) => r.p50)),
    p97: average(results.map((r) => r.p97)),
    p99: average(results.map((r) => r.p99)),
    errors: average(results.map((r) => r.errors)),
    non2xx: average(results.map((r) => r.non2xx)),
    refusal: results.find((r) => r.refusal !== null)?.refusal ?? null,
    cpu: results[0]!.cpu.map((_, i) => average(results.map((r) => r.cpu[i]!))),
  };
}
