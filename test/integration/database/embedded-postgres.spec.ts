import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import pg from 'pg';
import {
  startEmbeddedPostgres,
  type EmbeddedDatabase,
  type EmbeddedPostgresOptions,
} from '../../../src/database/index.js';
import { gone, isRunning, runScript, type Script } from '../../support/processes.js';

type Started = Pick<EmbeddedDatabase, 'url' | 'info'>;

const root = process.getuid?.() === 0;
const onlyAsRoot = root ? it : it.skip;

let folder: string;
let processes: Script[];
let databases: EmbeddedDatabase[];

beforeEach(async () => {
  folder = await mkdtemp(join(process.env.GENLEDGER_TEST_FOLDER!, 'embedded-'));
  await chmod(folder, 0o711);
  processes = [];
  databases = [];
});

afterEach(async () => {
  for (const { child, ended } of processes) {
    child.kill('SIGKILL');
    await ended;
  }
  for (const database of databases) {
    await database.stop();
    await gone(database.info.pid);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

const options = (more: Partial<EmbeddedPostgresOptions> = {}): EmbeddedPostgresOptions => ({
  dataDir: join(folder, 'data'),
  stagingRoot: join(folder, 'staging'),
  durable: false,
  ...more,
});

const start = async (more?: Partial<EmbeddedPostgresOptions>): Promise<EmbeddedDatabase> => {
  const database = await startEmbeddedPostgres(options(more));
  databases.push(database);
  return database;
};

/** Another process that uses the server, until it is killed or told to stop. */
const otherProcess = async (
  more?: Partial<EmbeddedPostgresOptions>,
  as: { uid?: number; gid?: number } = {},
): Promise<Script & Started> => {
  const script = runScript(
    new URL('./embedded-postgres.process.ts', import.meta.url),
    [JSON.stringify(options(more))],
    as,
  );
  processes.push(script);
  const said = await script.next<Started & { error?: string }>();
  if (said.error !== undefined) throw new Error(said.error);
  return { ...script, ...said };
};

const query = async <T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
};

const remember = (url: string) => query(url, 'create table note as select 42 as answer');
const recall = (url: string) => query(url, 'select answer from note');
const log = ({ info }: Started): Promise<string> => readFile(info.logFile, 'utf8');

describe('one process', () => {
  it('finds its data, port and password again after a stop', async () => {
    const first = await start();
    await remember(first.url);
    expect(await first.stop()).toEqual({ stopped: true });
    expect(isRunning(first.info.pid)).toBe(false);

    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await recall(second.url)).toEqual([{ answer: 42 }]);
  });

  it('gets a server that keeps to itself: loopback, password, private files', async () => {
    const { url, info } = await start();
    expect(await query(url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select')).rejects.toThrow('password authentication failed');
    const modes = await Promise.all(
      [info.home, join(info.home, 'data'), info.logFile, join(folder, 'data', 'postgres-password')].map(
        async (path) => ((await stat(path)).mode & 0o777).toString(8),
      ),
    );
    expect(modes).toEqual(['700', '700', '600', '600']);
  });

  it('leaves only data and log behind', async () => {
    const database = await start();
    await database.stop();
    expect(await readdir(database.info.home)).toEqual(['data', 'server.log']);
  });

  it('may call stop twice', async () => {
    const database = await start();
    await database.stop();
    expect(await database.stop()).toEqual({ stopped: true });
  });

  it('waits for the disk unless told otherwise', async () => {
    const { url } = await start({ durable: true });
    expect(await query(url, 'show fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('moves to another port when somebody took its own meanwhile', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(first.info.port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const second = await start();
      expect(second.info.port).not.toBe(first.info.port);
    } finally {
      squatter.close();
    }
  });
});

describe('several processes', () => {
  it('share one server, which ends with the last of them in whatever order they go', async () => {
    const first = await otherProcess();
    const second = await start();
    expect(second.info).toEqual({ ...first.info, startedHere: false });

    first.say('stop');
    expect(await first.next()).toEqual({ stopped: false });
    await first.ended;
    await remember(second.url);

    expect(await second.stop()).toEqual({ stopped: true });
    expect(isRunning(second.info.pid)).toBe(false);
    expect(await readdir(second.info.home)).toEqual(['data', 'server.log']);
  });

  it('may all start at once on an empty folder', async () => {
    const started = await Promise.all([otherProcess(), otherProcess(), start()]);
    expect(new Set(started.map(({ info }) => info.pid)).size).toBe(1);
    expect(started.filter(({ info }) => info.startedHere)).toHaveLength(1);
  });

  it('may start while the last one is stopping', async () => {
    const first = await otherProcess();
    await remember(first.url);
    first.say('stop');
    const second = await start();
    expect(await recall(second.url)).toEqual([{ answer: 42 }]);
  });
});

describe('a killed process', () => {
  it('takes the server with it, in order, and loses nothing that was committed', async () => {
    const killed = await otherProcess();
    await remember(killed.url);
    killed.child.kill('SIGKILL');
    await gone(killed.info.pid);
    expect(await log(killed)).toContain('received fast shutdown request');

    const next = await start();
    expect(await recall(next.url)).toEqual([{ answer: 42 }]);
    expect(await log(killed)).not.toContain('not properly shut down');
  });

  it('leaves the server to those who still use it', async () => {
    const killed = await otherProcess();
    const survivor = await start();
    killed.child.kill('SIGKILL');
    await killed.ended;
    await remember(survivor.url);
    expect(await recall(survivor.url)).toEqual([{ answer: 42 }]);
  });

  it('leaves no mess when its keeper is killed as well', async () => {
    const killed = await otherProcess();
    await remember(killed.url);
    const keeper = await keeperOf(killed);
    process.kill(-keeper, 'SIGSTOP'); // so that none of them notices the death of the others
    for (const member of groupOf(keeper)) if (member !== killed.info.pid) process.kill(member, 'SIGKILL');
    killed.child.kill('SIGKILL');
    process.kill(killed.info.pid, 'SIGCONT');
    await killed.ended;
    expect(isRunning(killed.info.pid)).toBe(true);

    const next = await start();
    expect(next.info.pid).not.toBe(killed.info.pid);
    expect(isRunning(killed.info.pid)).toBe(false);
    expect(await recall(next.url)).toEqual([{ answer: 42 }]);
  });

  it('does not reach the server with Ctrl-C, so that the process can finish its work first', async () => {
    const interrupted = await otherProcess();
    const survivor = await start();
    process.kill(-interrupted.child.pid!, 'SIGINT');
    await interrupted.ended;
    expect(await query(survivor.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await log(survivor)).not.toContain('shutdown request');
  });
});

describe('a killed server', () => {
  it('takes its keeper with it', async () => {
    const user = await otherProcess();
    const keeper = await keeperOf(user);
    process.kill(user.info.pid, 'SIGKILL');
    await gone(keeper);
  });
});

describe('what is found at start', () => {
  it('a pid file of a killed server whose pid another process has now', async () => {
    const first = await start();
    await remember(first.url);
    const file = join(first.info.home, 'data', 'postmaster.pid');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await first.stop();
    await writeFile(file, [String(process.pid), ...lines.slice(1)].join('\n'));
    if (root) await chown(file, ...(await ownerOf(first.info.home)));
    expect(await recall((await start()).url)).toEqual([{ answer: 42 }]);
  });

  it('data of another major version is refused and left alone', async () => {
    const first = await start();
    await first.stop();
    const file = join(first.info.home, 'data', 'PG_VERSION');
    await writeFile(file, '17\n');
    await expect(start()).rejects.toThrow(/written by PostgreSQL 17, and 18 is installed/);
    expect(await readFile(file, 'utf8')).toBe('17\n');
  });

  it('settings it cannot run with are reported in the words of the server', async () => {
    const first = await start();
    await first.stop();
    await writeFile(join(first.info.home, 'data', 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(start()).rejects.toThrow(/ends at start: .*no_such_setting/);
  });
});

describe('users and folders', () => {
  onlyAsRoot('root below a folder nobody else may enter: kept elsewhere, and found again', async () => {
    const closed = join(folder, 'home');
    await mkdir(closed, { mode: 0o700 });
    const dataDir = join(closed, 'clone', '.data');
    const first = await start({ dataDir });
    expect(dirname(first.info.home)).toBe(join(folder, 'staging'));
    await remember(first.url);
    await first.stop();

    const second = await start({ dataDir });
    expect(second.info.home).toBe(first.info.home);
    expect(await recall(second.url)).toEqual([{ answer: 42 }]);
    await second.stop();

    await rm(first.info.home, { recursive: true });
    await expect(start({ dataDir })).rejects.toThrow(/which is gone/);
  });

  onlyAsRoot('root does not trust a staging folder that others can write to', async () => {
    const closed = join(folder, 'home');
    await mkdir(closed, { mode: 0o700 });
    await mkdir(join(folder, 'staging'));
    await chmod(join(folder, 'staging'), 0o777);
    await expect(start({ dataDir: join(closed, '.data') })).rejects.toThrow('only root can write to');
  });

  onlyAsRoot('an ordinary user runs the server as themselves; root leaves it theirs', async () => {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody'])));
    const project = new URL('../../../', import.meta.url).pathname;
    try {
      execFileSync(
        '/bin/sh',
        ['-c', 'test -x "$1" && test -r "$2"', 'sh', process.execPath, `${project}package.json`],
        {
          uid,
          gid,
          cwd: '/',
        },
      );
    } catch {
      console.warn(`skipped: an ordinary user cannot read ${project}`);
      return;
    }
    const dataDir = join(folder, 'theirs');
    await mkdir(dataDir, { mode: 0o755 });
    await chown(dataDir, uid!, gid!);
    const theirs = await otherProcess({ dataDir }, { uid: uid!, gid: gid! });
    await remember(theirs.url);
    theirs.say('stop');
    await theirs.next();

    const roots = await start({ dataDir });
    expect(await recall(roots.url)).toEqual([{ answer: 42 }]);
    await roots.stop();

    const again = await otherProcess({ dataDir }, { uid: uid!, gid: gid! });
    expect(await recall(again.url)).toEqual([{ answer: 42 }]);
    expect(again.info.home).toBe(join(dataDir, 'postgres'));
  });
});

/** The shell that runs the server, and whose process group it leads. */
const keeperOf = async ({ info }: Started): Promise<number> =>
  Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${info.pid}/status`, 'utf8'))?.[1]);

const ownerOf = async (path: string): Promise<[number, number]> => {
  const { uid, gid } = await stat(path);
  return [uid, gid];
};

const groupOf = (group: number): number[] =>
  execFileSync('pgrep', ['-g', String(group)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);
