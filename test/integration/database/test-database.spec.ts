import pg from 'pg';
import { assertTestDatabase, createTestDatabase } from '../../support/postgres.js';

describe('databases for specs', () => {
  it('are migrated, set to the schema, and read bigint as a number', async () => {
    const database = await createTestDatabase();
    const { rows } = await database.pool.query<{ schema: string; migrations: number }>(
      'select current_schema() as schema, (select count(*) from migration) as migrations',
    );
    expect(rows[0]).toEqual({ schema: 'genledger', migrations: expect.any(Number) as number });
    await database.drop();
  });

  it('are separate from one another', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await one.pool.query('create table mine ()');
    const { rows } = await other.pool.query("select to_regclass('mine') as mine");
    expect(rows).toEqual([{ mine: null }]);
    await Promise.all([one.drop(), other.drop()]);
  });

  it('complain when a connection is left open, and go all the same', async () => {
    const database = await createTestDatabase({ migrated: false });
    const forgotten = new pg.Client({ connectionString: database.url, application_name: 'forgotten' });
    const lost = new Promise((resolve) => forgotten.on('error', resolve));
    await forgotten.connect();
    await expect(database.drop()).rejects.toThrow(/Still connected.*forgotten/);
    await lost;
  });

  it('are told from others by name', () => {
    expect(() => assertTestDatabase('genledger_test_1_2')).not.toThrow();
    expect(() => assertTestDatabase('genledger')).toThrow('not a test database');
  });
});
