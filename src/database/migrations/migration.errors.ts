import { GenledgerError } from '../../shared/errors.js';

/** A newer program has changed the schema; this one would misread it. */
export class SchemaTooNewError extends GenledgerError {
  constructor(schema: string, unknown: readonly string[]) {
    super(
      'schema_too_new',
      'conflict',
      `Schema "${schema}" has migrations that this version does not know: ${unknown.join(', ')}. ` +
        'Start the version that made them, or a newer one.',
      { details: { schema, unknown } },
    );
  }
}

/** Migrations are missing and this process was told not to run them. */
export class SchemaOutdatedError extends GenledgerError {
  constructor(schema: string, pending: readonly string[]) {
    super(
      'schema_outdated',
      'conflict',
      `Schema "${schema}" lacks migrations: ${pending.join(', ')}. Run \`genledger migrate\`.`,
      { details: { schema, pending } },
    );
  }
}

/** A migration file is not the one that was applied: the schema is no longer what the files say. */
export class MigrationChangedError extends GenledgerError {
  constructor(schema: string, changed: readonly string[]) {
    super(
      'migration_changed',
      'conflict',
      `Migrations applied to schema "${schema}" were edited afterwards: ${changed.join(', ')}. ` +
        'Bring the original files back and write the change as a new migration.',
      { details: { schema, changed } },
    );
  }
}

/** The migrations folder does not hold what it should. */
export class MigrationFilesError extends GenledgerError {
  constructor(folder: string, problem: string) {
    super('migration_files_invalid', 'bug', `${folder}: ${problem}`, { details: { folder } });
  }
}
