import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import pg from 'pg';
import { KeyService } from '../../src/access/index.js';
import { runCommandLine } from '../../src/cli/command-line.js';
import { readConfig } from '../../src/config/index.js';
import { createPool } from '../../src/database/index.js';
import { PostgresEventStore } from '../../src/event-store/index.js';
import { startServer } from '../../src/server/start-server.js';
import { uuidv7 } from '../../src/shared/ids.js';
import { until } from '../integration/event-store/open-store.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { blocksOf, readPage, sectionOf } from './pages.js';

/*
 * The roles that the README recommends: enough for a task from its intent to its files, too little to change the log.
 */

const SEAL_KEY = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const suffix = randomBytes(4).toString('hex');
let database: TestDatabase;
let asRun: string;
let asAudit: string;

/** Roles belong to the whole server: each run has its own. */
const ours = (text: string): string => text.replace(/genledger_(run|audit)/g, `$&_${suffix}`);

const urlOf = (role: string, password: string): string => {
  const url = new URL(database.url);
  [url.username, url.password] = [ours(role), password];
  return url.href;
};

beforeAll(async () => {
  database = await createTestDatabase();
  const section = sectionOf(readPage('README.md'), '### Database roles');
  const [roles] = blocksOf(section, 'sql');
  await database.pool.query(ours(roles!));
  const [, command] = /^npm run cli -- (.*)$/m.exec(section)!;
  expect(await runCommandLine(ours(command!).split(' '), { DATABASE_URL: database.url })).toBe(0);
  asRun = urlOf('genledger_run', 'choose one');
  asAudit = urlOf('genledger_audit', 'choose another');
});

afterAll(async () => {
  for (const role of ['genledger_run', 'genledger_audit'])
    await database?.pool.query(ours(`drop owned by ${role}; drop role ${role}`));
  await database?.drop();
});

/** What the database says to a statement of a role: null, or the code of its refusal. */
const refusal = async (url: string, statement: string): Promise<string | null> => {
  const client = new pg.Client({ connectionString: url, options: '-c search_path=genledger' });
  await client.connect();
  try {
    await client.query(statement);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.end();
  }
};

const DENIED = '42501';

it('the server carries a task to its files under the role of the server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'database-roles-'));
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: asRun,
    MIGRATE_AT_START: 'false',
    DATA_DIR: folder,
    ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
    SEAL_KEY: SEAL_KEY,
    SEAL_INTERVAL_MS: '50',
    LOG_LEVEL: 'fatal',
    SIMULATOR_SPEED: '2000',
  });
  const server = await startServer(config, 'json');
  try {
    const keys = server.app.get(KeyService, { strict: false });
    const { id, key } = await keys.create({ owner: 'reader', scopes: ['tasks:write', 'tasks:read'] });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'gpt-image-2', input: { prompt: 'A red bicycle' } });
    const submitted = await fetch(`${server.address}/v1/image/tasks`, { method: 'POST', headers, body });
    const task = (await submitted.json()) as { id: string };
    const ended = await fetch(`${server.address}/v1/tasks/${task.id}?wait=20`, { headers });
    expect(await ended.json()).toMatchObject({ status: 'succeeded' });
    expect(await keys.revoke(id)).toMatchObject({ revokedAt: expect.any(Date) as Date });
    const isSealed = async () => (await database.pool.query('select from log_seal')).rowCount! > 0;
    await until(isSealed, (sealed) => sealed);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

describe('the log under the role of the server', () => {
  it.each([
    'update event set owner = owner',
    'delete from event',
    'truncate event',
    `insert into event select * from event`,
    'insert into log_commit select * from log_commit',
    'delete from log_commit',
    'update stream set version = 1',
    'insert into stream select * from stream',
    'delete from stream',
    'update log_seal set position = 1',
    'delete from log_seal',
    'update log_identity set id = id',
    'update task set status = status',
    'insert into task_provider_id select * from task_provider_id',
    'alter table event disable trigger all',
    'set session_replication_role = replica',
    'create table mine ()',
    'create function mine() returns int language sql return 1',
    'delete from migration_checksum',
  ])('refuses: %s', async (statement) => {
    expect(await refusal(asRun, statement)).toBe(DENIED);
  });

  it('takes events', async () => {
    const pool = createPool({ url: asRun, schema: 'genledger' });
    const store = new PostgresEventStore({
      schema: 'genledger',
      connection: { connectionString: asRun },
      pool,
    });
    try {
      const event = { id: uuidv7(), type: 'Tried', schemaVersion: 1, data: {} };
      const request = {
        streamId: uuidv7(),
        expected: 'none' as const,
        events: [event],
        owner: 'spec',
        actor: 'cli',
      };
      const written = await store.append({ ...request, correlationId: null, causationId: null });
      expect(written).toMatchObject({ version: 1, duplicate: false });
    } finally {
      await store.close();
      await pool.end();
    }
  });
});

describe('the role of auditors', () => {
  it.each([
    'select * from event',
    'select * from log_commit',
    'select * from stream',
    'select * from log_seal',
    'select id, owner, status, version from task',
  ])('may: %s', async (statement) => {
    expect(await refusal(asAudit, statement)).toBeNull();
  });

  it.each([
    'select intent from task',
    'select * from api_key',
    'select * from task_key',
    'select * from task_provider_id',
    'insert into log_seal default values',
    'delete from event',
    `select append_events('', false, '{}', '{}', '{}', '{}', '', '', '', '', '', '{}', '{}', '', '{}', '', '', '{}', '{}', '')`,
  ])('may not: %s', async (statement) => {
    expect(await refusal(asAudit, statement)).toBe(DENIED);
  });

  it('can check and export the log, without any secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'auditor-'));
    try {
      for (const command of [
        ['verify', '--json'],
        ['export', '--out', join(folder, 'evidence.json'), '--json'],
      ])
        expect(await runCommandLine(['audit', ...command], { DATABASE_URL: asAudit })).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
