import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { checkedSchema, connect, type ConnectionOptions } from './connection.js';
import { RoleRefusedError } from './database.errors.js';
import { MIGRATIONS_FOLDER } from './migrations/migration-files.js';

/** `run`: what the server needs. `audit`: reading for auditors. What they may lies in `migrations/roles`. */
export type RoleKind = 'run' | 'audit';

/**
 * Gives a role exactly the rights of its kind on our schema, and takes away any other it was given there. Whole or not at
 * all; a server that runs under the role notices nothing. Connect as the owner of the schema.
 *
 * @throws RoleRefusedError there is no such role, or grants could not limit it
 */
export const grantRole = async (options: ConnectionOptions, kind: RoleKind, role: string): Promise<void> => {
  const schema = checkedSchema(options.schema);
  const file = await readFile(join(MIGRATIONS_FOLDER, 'roles', `${kind}.sql`), 'utf8');
  const grants = file
    .replaceAll(':"schema"', pg.escapeIdentifier(schema))
    .replaceAll(':"role"', pg.escapeIdentifier(role));
  const client = await connect(options);
  try {
    await refuseUnlimited(client, schema, role);
    await client.query(`begin; ${grants}; commit`);
  } finally {
    await client.end();
  }
};

/** Rights of a superuser, and of whoever owns the tables, cannot be taken away. */
const refuseUnlimited = async (client: pg.Client, schema: string, role: string): Promise<void> => {
  const { rows } = await client.query<{ rolsuper: boolean; owns: boolean }>(
    `select r.rolsuper, exists (
              select from pg_class c
               where c.relnamespace = $2::regnamespace and pg_has_role(r.oid, c.relowner, 'member')) as owns
       from pg_roles r where r.rolname = $1`,
    [role, schema],
  );
  const [found] = rows;
  if (found === undefined) throw new RoleRefusedError(role, 'does not exist; create it first');
  if (found.rolsuper) throw new RoleRefusedError(role, 'is a superuser, whom grants do not limit');
  if (found.owns) throw new RoleRefusedError(role, 'owns tables of the schema, so grants do not limit it');
};
