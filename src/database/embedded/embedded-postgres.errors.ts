import { GenledgerError } from '../../shared/errors.js';

/** The embedded server cannot be had on this machine, or did not start. The message says why and what to do. */
export class EmbeddedPostgresError extends GenledgerError {
  constructor(message: string, cause?: unknown) {
    super(
      'embedded_postgres_failed',
      'unavailable',
      `${message} Instead, DATABASE_URL may name a PostgreSQL of your own.`,
      { cause },
    );
  }
}
