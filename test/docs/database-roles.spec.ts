import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import pg from 'pg';
import { KeyService } from '../../src/access/index.js';
import { readConfig } from '../../src/config/index.js';
import { createPool } from '../../src/database/index.js';
import { PostgresEventStore } from '../../src/event-store/index.js';
import { startServer } from '../../src/server/start-server.js';
import { uuidv7 } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { blocksOf, readPage, sectionOf } from './pages.js';

/*
 * The grants that the README recommends: enough for a task from its intent to its files, too little to change the log.
 */

const role = `genledger_app_${randomBytes(4).toString('hex')}`;
let database: TestDatabase;
let asApp: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const [grants] = blocksOf(sectionOf(readPage('README.md'), '### Database roles'), 'sql');
  await database.pool.query(grants!.replaceAll('genledger_app', role).replace('choose one', 'secret'));
  const url = new URL(database.url);
  [url.username, url.password] = [role, 'secret'];
  asApp = url.href;
});

afterAll(async () => {
  await database?.pool.query(`drop owned by ${role}; drop role ${role}`);
  await database?.drop();
});

it('the server carries a task to its files under the recommended role', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'database-roles-'));
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: asApp,
    MIGRATE_AT_START: 'false',
    DATA_DIR: folder,
    ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
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
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

describe('the log under the recommended role', () => {
  const statements = [
    'update genledger.event set owner = owner',
    'delete from genledger.event',
    'truncate genledger.event',
    'delete from genledger.log_commit',
    'delete from genledger.stream',
    'alter table genledger.event disable trigger all',
  ];

  it.each(statements)('refuses: %s', async (statement) => {
    const client = new pg.Client({ connectionString: asApp });
    await client.connect();
    try {
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  });

  it('takes events', async () => {
    const pool = createPool({ url: asApp, schema: 'genledger' });
    const store = new PostgresEventStore({
      schema: 'genledger',
      connection: { connectionString: asApp },
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
