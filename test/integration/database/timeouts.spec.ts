import { connect } from '../../../src/database/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * No statement of a server runs for ever, and none waits for ever for a lock.
 */

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database?.drop();
});

it.each([
  ['statement_timeout', '57014', 'select pg_sleep(5)'],
  ['lock_timeout', '55P03', 'update api_key set name = name'],
])('%s ends a statement', async (_name, code, statement) => {
  const limits = { statementTimeoutMs: 3_000, lockTimeoutMs: 200 };
  const { url, schema, pool } = database;
  await pool.query(
    "insert into api_key values (gen_random_uuid(), '\\x00', 'o', '{}', null, now()) on conflict do nothing",
  );
  const holder = await pool.connect();
  const client = await connect({
    url,
    schema,
    ...limits,
    ...(code === '57014' && { statementTimeoutMs: 200 }),
  });
  try {
    await holder.query('begin');
    await holder.query('select from api_key for update');
    await expect(client.query(statement)).rejects.toMatchObject({ code });
  } finally {
    await holder.query('rollback');
    holder.release();
    await client.end();
  }
});

it('both are set on our own connections unless told otherwise', async () => {
  const client = await connect({ url: database.url, schema: database.schema });
  try {
    const shown = async (name: string): Promise<string> =>
      (await client.query<{ value: string }>('select current_setting($1) as value', [name])).rows[0]!.value;
    expect([await shown('statement_timeout'), await shown('lock_timeout')]).toEqual(['30s', '10s']);
    expect(await shown('idle_in_transaction_session_timeout')).toBe('1min');
  } finally {
    await client.end();
  }
});

it('a migration waits as long as it must', async () => {
  const client = await connect({ url: database.url, schema: database.schema, statementTimeoutMs: 0 });
  try {
    const { rows } = await client.query<{ value: string }>("select current_setting('lock_timeout') as value");
    expect(rows).toEqual([{ value: '0' }]);
  } finally {
    await client.end();
  }
});
