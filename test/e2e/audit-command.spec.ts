import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../src/cli/command-line.js';
import { type PostgresEventStore } from '../../src/event-store/index.js';
import { someAppend, someEvent } from '../../src/event-store/testing/index.js';
import { writeLog } from '../integration/audit/audited-log.js';
import { rechain, withoutTriggers } from '../integration/audit/forger.js';
import { openStore } from '../integration/event-store/open-store.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

/*
 * The command line of auditors, as a process of its own.
 */

const LOADER = new URL('../support/typescript.mjs', import.meta.url).href;
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const PRIVATE_PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const PUBLIC_PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();

let database: TestDatabase;
let store: PostgresEventStore;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
  await writeLog(store);
  folder = await mkdtemp(join(tmpdir(), 'audit-command-'));
});
afterEach(async () => {
  await store.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const audit = (args: readonly string[], onStart?: (pid: number) => void): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', LOADER, CLI, 'audit', ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, DATABASE_URL: database.url, SEAL_KEY: PRIVATE_PEM },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
    onStart?.(child.pid!);
  });

const json = ({ out }: Ended): Record<string, unknown> => JSON.parse(out) as Record<string, unknown>;

/** In this process: for what only the exit code tells. */
const exitCode = (...args: readonly string[]): Promise<number> =>
  runCommandLine(['audit', ...args], { DATABASE_URL: database.url, SEAL_KEY: PRIVATE_PEM });

it('seals, exports, checks; and finds what was rewritten after the export', async () => {
  const sealed = await audit(['seal', '--json']);
  expect(sealed).toMatchObject({ code: 0, err: '' });
  expect(json(sealed)).toMatchObject({ sealed: { number: 1, position: 12 } });
  expect(await exitCode('seal')).toBe(0);

  const file = join(folder, 'evidence.json');
  expect(await exitCode('export', '--out', file)).toBe(0);
  expect(await exitCode('export', '--out', file)).toBe(1);
  const { out: printed } = await audit(['export']);
  const withoutTime = (text: string): string => text.replace(/"exported_at":"[^"]*"/, '');
  expect(withoutTime(await readFile(file, 'utf8'))).toBe(withoutTime(printed));

  await writeFile(join(folder, 'public.pem'), PUBLIC_PEM);
  const evidence = ['--file', 'evidence.json', '--key', 'public.pem'];
  const good = await audit(['verify', ...evidence]);
  expect(good).toMatchObject({ code: 0, err: '' });
  expect(good.out).toContain('OK: hashes, chain, versions, streams and seals agree.');

  await withoutTriggers(database, `update event set data = '{}' where position = 6`, 'delete from log_seal');
  await rechain(database);
  expect(await exitCode('verify')).toBe(0);
  const bad = await audit(['verify', ...evidence, '--json']);
  expect(bad.code).toBe(1);
  expect(json(bad)).toMatchObject({ ok: false, first_bad: { position: 1, fault: 'export' } });
}, 60_000);

it('says that a result could not be written, and does not end as if it had been', async () => {
  const command = [process.execPath, '--import', LOADER, CLI, 'audit', 'verify'];
  const child = spawn('/bin/sh', ['-c', '"$@" >/dev/full', 'sh', ...command], {
    cwd: folder,
    env: { PATH: process.env.PATH, DATABASE_URL: database.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(err).toMatch(/^The output could not be written: .*\n$/);
});

it('names the first bad position for people', async () => {
  await withoutTriggers(database, `update event set data = '{}' where position = 6`);
  const { code, out } = await audit(['verify', '--from', '4', '--to', '9']);
  expect(code).toBe(1);
  expect(out).toContain('BAD from position 6 (event_hash): The content of SomethingHappened');
});

it('does not call good what is not there; going on behind the end is no fault', async () => {
  for (const args of [
    ['--to', '13'],
    ['--from', '14'],
    ['--from', '2', '--to', '99'],
  ])
    expect(await exitCode('verify', ...args)).toBe(1);
  for (const args of [
    ['--to', '12'],
    ['--from', '13'],
  ])
    expect(await exitCode('verify', ...args)).toBe(0);
  const cut = await audit(['verify', '--from', '99999']);
  expect(cut.err).toContain('The log ends at position 12, there is no 99999.');
}, 60_000);

it.each([
  [['verify', '--from', '0'], 2],
  [['verify', '--threads', 'many'], 2],
  [['verify', '--from', '5', '--to', '3'], 2],
  [['verify', '--what'], 2],
  [['nothing'], 2],
  [['verify', '--file', 'missing.json'], 1],
  [['verify', '--key', 'missing.pem'], 1],
  // Without SEAL_KEY.
  [['seal'], 1],
])('%j ends with %d', async (args, code) => {
  expect(await runCommandLine(['audit', ...args], { DATABASE_URL: database.url })).toBe(code);
});

describe('a long log', () => {
  beforeEach(async () => {
    for (let n = 0; n < 11; n += 1) {
      const some = (): Promise<unknown> =>
        store.append(someAppend({ events: Array.from({ length: 20 }, () => someEvent()) }));
      await Promise.all(Array.from({ length: 500 }, some));
    }
  }, 60_000);

  it('is checked in threads, and after Ctrl-C goes on where it was stopped', async () => {
    await withoutTriggers(database, `update event set data = '{"n":1}' where position = 109999`);
    const whole = await audit(['verify', '--threads', '2', '--json']);
    expect(whole.code).toBe(1);
    expect(json(whole)).toMatchObject({ first_bad: { position: 109_999, fault: 'event_hash' } });

    const stopped = await audit(
      ['verify', '--threads', '2', '--to', '105000', '--json'],
      (pid) => void interruptWhenReading(pid),
    );
    expect(stopped.code).toBe(1);
    const { checked_to: checkedTo, to, findings, go_on: goOn } = json(stopped);
    expect(findings).toEqual([]);
    expect(checkedTo).toBeLessThan(to as number);
    expect(goOn).toBe(`genledger audit verify --from ${Number(checkedTo) + 1} --to ${String(to)}`);
    const rest = await audit([...(goOn as string).split(' ').slice(2), '--json']);
    expect(json(rest)).toMatchObject({ ok: true, from: Number(checkedTo) + 1, to });
  }, 60_000);
});

/** Presses Ctrl-C as soon as the process reads events. */
const interruptWhenReading = async (pid: number): Promise<void> => {
  for (;;) {
    const { rowCount } = await database.pool.query(
      `select from pg_stat_activity where application_name = 'genledger' and query like '%sealed, hash%' and pid <> pg_backend_pid()`,
    );
    if (rowCount! > 0) break;
  }
  process.kill(pid, 'SIGINT');
};
