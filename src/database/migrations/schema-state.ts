import { type ClientBase, type Pool } from 'pg';
import { type MigrationFile } from './migration-files.js';
import { MigrationChangedError, SchemaOutdatedError, SchemaTooNewError } from './migration.errors.js';

/** TypeORM's list of applied migrations, and ours of what was in them; both in our schema. */
export const MIGRATION_TABLE = 'migration';
export const CHECKSUM_TABLE = 'migration_checksum';

/** How a schema stands against the migrations this program has. Up to date: all three are empty. */
export interface SchemaState {
  /** Files still to be applied. */
  readonly pending: readonly string[];
  /** Applied by a newer program; names, as we have no file. */
  readonly unknown: readonly string[];
  /** Files edited after they were applied. */
  readonly changed: readonly string[];
}

/** Reads only. A schema that does not exist has everything pending. */
export const schemaState = async (
  client: ClientBase | Pool,
  schema: string,
  files: readonly MigrationFile[],
): Promise<SchemaState> => {
  const applied = await readApplied(client, schema);
  return {
    pending: files.filter(({ name }) => !applied.has(name)).map(({ file }) => file),
    unknown: [...applied.keys()].filter((name) => files.every((file) => file.name !== name)),
    changed: files
      .filter(({ name, sha256 }) => applied.has(name) && applied.get(name) !== sha256)
      .map(({ file }) => file),
  };
};

/** @throws SchemaTooNewError, MigrationChangedError */
export const refuseForeignSchema = (schema: string, { unknown, changed }: SchemaState): void => {
  if (unknown.length > 0) throw new SchemaTooNewError(schema, unknown);
  if (changed.length > 0) throw new MigrationChangedError(schema, changed);
};

/** For a process that must not migrate. @throws SchemaTooNewError, MigrationChangedError, SchemaOutdatedError */
export const refuseUnlessCurrent = (schema: string, state: SchemaState): void => {
  refuseForeignSchema(schema, state);
  if (state.pending.length > 0) throw new SchemaOutdatedError(schema, state.pending);
};

/** Migration name to checksum. */
const readApplied = async (client: ClientBase | Pool, schema: string): Promise<Map<string, string>> => {
  const { rows: found } = await client.query<{ there: boolean }>(
    'select to_regclass($1) is not null and to_regclass($2) is not null as there',
    [`${schema}.${MIGRATION_TABLE}`, `${schema}.${CHECKSUM_TABLE}`],
  );
  if (found[0]?.there !== true) return new Map();
  const { rows } = await client.query<{ name: string; sha256: string | null }>(
    `select m.name, c.sha256 from "${schema}".${MIGRATION_TABLE} m left join "${schema}".${CHECKSUM_TABLE} c using (name) order by m.id`,
  );
  return new Map(rows.map(({ name, sha256 }) => [name, sha256 ?? '']));
};
