import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { grantRole, MIGRATIONS_FOLDER, RoleRefusedError } from '../../../src/database/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
const role = `run_${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query(`create role ${role}`);
});
afterAll(async () => {
  await database?.pool.query(`drop owned by ${role}; drop role ${role}`);
  await database?.drop();
});

const column = async (sql: string, values: unknown[] = []): Promise<string[]> =>
  (
    await database.pool.query<{ name: string }>(`select name from (${sql}) found order by name`, values)
  ).rows.map(({ name }) => name);

describe('grantRole', () => {
  it('gives the same rights when it is done again, and takes away others', async () => {
    const rights = () =>
      column(
        `select table_name || ' ' || privilege_type as name from information_schema.role_table_grants where grantee = $1`,
        [role],
      );
    await grantRole(database, 'run', role);
    const granted = await rights();
    await database.pool.query(`grant delete on event to ${role}; grant insert on log_commit to ${role}`);
    await grantRole(database, 'run', role);
    expect(await rights()).toEqual(granted);
    expect(granted.filter((right) => /^(event|log_commit|stream) /.test(right))).toEqual([
      'event SELECT',
      'log_commit SELECT',
      'stream SELECT',
    ]);
  });

  it('refuses a role that grants cannot limit, and one that is not there', async () => {
    for (const name of ['nobody_here', (await column('select current_user as name'))[0]!]) {
      await expect(grantRole(database, 'audit', name)).rejects.toThrow(RoleRefusedError);
    }
    const owner = `owner_${randomBytes(4).toString('hex')}`;
    await database.pool.query(`create role ${owner}; alter table task_timer owner to ${owner}`);
    await expect(grantRole(database, 'run', owner)).rejects.toThrow('owns tables');
    await database.pool.query(
      `reassign owned by ${owner} to current_user; drop owned by ${owner}; drop role ${owner}`,
    );
  });

  it('takes a name that has to be quoted as a name', async () => {
    await expect(grantRole(database, 'run', 'x"; drop table event; --')).rejects.toThrow(RoleRefusedError);
  });
});

it('every table of the schema is named in what the server may', async () => {
  const file = await readFile(`${MIGRATIONS_FOLDER}/roles/run.sql`, 'utf8');
  const tables = await column(
    `select relname as name from pg_class
      where relnamespace = 'genledger'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  );
  expect(tables.filter((table) => !new RegExp(`"schema"\\.${table}\\b`).test(file))).toEqual([]);
});

it('no function looks for objects of others before ours', async () => {
  expect(
    await column(
      `select proname as name from pg_proc
        where pronamespace = 'genledger'::regnamespace and (prosecdef or proname like 'project%')
          and not coalesce('search_path=genledger, pg_temp' = any (proconfig), false)`,
    ),
  ).toEqual([]);
});

it('no function with the rights of its owner is open to everybody', async () => {
  expect(await column(`select proname as name from pg_proc where prosecdef`)).toEqual(['append_events']);
  expect(
    await column(
      `select proname as name from pg_proc where prosecdef
          and (proacl is null or exists (select from aclexplode(proacl) where grantee = 0))`,
    ),
  ).toEqual([]);
});
