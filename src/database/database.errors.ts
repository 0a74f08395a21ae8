import { GenledgerError } from '../shared/errors.js';

/** DATA_DIR, or a file in it, cannot be read or written. */
export class DataDirectoryError extends GenledgerError {
  constructor(path: string, cause: unknown) {
    super(
      'data_directory_unusable',
      'unavailable',
      `${path} cannot be used: ${reason(cause)}. Make it readable and writable for the user who starts the server, ` +
        'or set DATA_DIR to another folder.',
      { details: { path }, cause },
    );
  }
}

/** The server did not answer, or refused us. The message names host and database, never the password. */
export class DatabaseUnreachableError extends GenledgerError {
  constructor(place: string, cause: unknown) {
    super(
      'database_unreachable',
      'unavailable',
      `PostgreSQL at ${place} cannot be reached: ${reason(cause)}. Check DATABASE_URL and that the server runs.`,
      { details: { place }, cause },
    );
  }
}

/** An older PostgreSQL than the SQL of this project needs. */
export class DatabaseTooOldError extends GenledgerError {
  constructor(version: string, wanted: number) {
    super(
      'database_too_old',
      'invalid',
      `The database is PostgreSQL ${version}; PostgreSQL ${wanted} or newer is needed.`,
      {
        details: { version, wanted },
      },
    );
  }
}

/** A role that cannot be given the rights of a server or an auditor. */
export class RoleRefusedError extends GenledgerError {
  constructor(role: string, reason: string) {
    super('role_refused', 'invalid', `Role "${role}" ${reason}.`, { details: { role } });
  }
}

/** A schema name that we would have to quote everywhere. */
export class SchemaNameError extends GenledgerError {
  constructor(schema: string) {
    super(
      'schema_name_invalid',
      'invalid',
      `"${schema}" cannot be the name of the schema: use 1 to 63 lower-case letters, digits and _, not beginning with ` +
        'a digit or pg_.',
      { details: { schema } },
    );
  }
}

const reason = (cause: unknown): string => {
  const { message = '', errors = [] } = cause as { message?: string; errors?: unknown[] };
  // A host with several addresses fails with one error per address and no message of its own.
  return message === '' && errors.length > 0 ? errors.map(reason).join('; ') : message || String(cause);
};
