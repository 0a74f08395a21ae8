import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type pg from 'pg';
import {
  closePool,
  createPool,
  type EmbeddedDatabase,
  keepEmbeddedPostgres,
} from '../../../src/database/index.js';
import { gone } from '../../support/processes.js';

/*
 * The embedded PostgreSQL of a server that lives on when it dies.
 */

let folder: string;
let database: EmbeddedDatabase;
let pool: pg.Pool;
/** What was reported, and whoever waits for the next word. */
let said: string[];
let heard: () => void;
let next: Promise<void>;

const say = (word: string): void => {
  said.push(word);
  const wake = heard;
  next = new Promise((resolve) => (heard = resolve));
  wake();
};
const until = async (word: string | RegExp): Promise<void> => {
  while (!said.some((one) => (typeof word === 'string' ? one === word : word.test(one)))) await next;
};
const pidOf = async (): Promise<number> => {
  const { rows } = await pool.query<{ path: string }>("select current_setting('data_directory') as path");
  const { rows: files } = await pool.query<{ text: string }>('select pg_read_file($1) as text', [
    join(rows[0]!.path, 'postmaster.pid'),
  ]);
  return Number(files[0]!.text.split('\n')[0]);
};

beforeEach(async () => {
  folder = await mkdtemp(join(process.env.GENLEDGER_TEST_FOLDER!, 'kept-'));
  await chmod(folder, 0o711);
  said = [];
  heard = () => undefined;
  next = new Promise((resolve) => (heard = resolve));
  database = await keepEmbeddedPostgres(
    { dataDir: join(folder, 'data'), stagingRoot: join(folder, 'staging') },
    {
      ended: () => say('ended'),
      startedAgain: () => say('started again'),
      failed: (error) => say((error as Error).message),
    },
  );
  pool = createPool({ url: database.url, schema: 'public' });
  pool.on('error', () => undefined);
});
afterEach(async () => {
  await closePool(pool);
  await database.stop();
  expect(await database.isRunning()).toBe(false);
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

it('that is killed is started again: what was committed is there, for the pools that were open', async () => {
  await pool.query('create table kept as select 7 as seven');
  const pid = await pidOf();
  process.kill(pid, 'SIGKILL');
  await until('started again');
  expect(said).toEqual(['ended', 'started again']);
  expect((await pool.query('select * from kept')).rows).toEqual([{ seven: 7 }]);
  expect(await pidOf()).not.toBe(pid);
}, 60_000);

it('is started again once its port is free, when another program has taken that meanwhile', async () => {
  const thief = createServer();
  const pid = await pidOf();
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  await new Promise<void>((resolve) => thief.listen(database.info.port, '127.0.0.1', resolve));
  await until(/ends at start: .*Address already in use/);
  thief.close();
  await until('started again');
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
}, 60_000);

it('is not made anew in silence when its data is gone', async () => {
  const pid = await pidOf();
  await closePool(pool);
  const away = `${database.info.home}-away`;
  await rename(database.info.home, away);
  process.kill(pid, 'SIGKILL');
  await until(/ENOENT/);
  await rename(away, database.info.home);
  await until('started again');
}, 60_000);

it('can be stopped while it is away', async () => {
  const pid = await pidOf();
  await closePool(pool);
  process.kill(pid, 'SIGKILL');
  await until('ended');
  await database.stop();
  expect(await database.isRunning()).toBe(false);
}, 60_000);
