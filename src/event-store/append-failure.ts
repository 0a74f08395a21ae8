import pg from 'pg';
import { ConnectionLostError } from './append-connection.js';

/**
 * What to do about a batch that failed:
 *
 * - `lost`     the connection: connect again and send the same batch
 * - `again`    the batch was rolled back for no fault of its own (deadlock, serialization): send it again
 * - `busy`     the batch was rolled back by a timeout: somebody holds the log's lock, or the database is too slow
 * - `unusable` the database cannot take any append just now (disk full, schema missing)
 * - `refused`  the content of some command: find it, the others can be written
 */
export type AppendFailure = 'lost' | 'again' | 'busy' | 'unusable' | 'refused';

export const appendFailure = (error: unknown): AppendFailure => {
  if (error instanceof ConnectionLostError) return 'lost';
  if (!(error instanceof pg.DatabaseError)) return 'refused';
  const code = error.code ?? '';
  if (code === '40001' || code === '40P01') return 'again';
  if (code === '55P03' || code === '57014') return 'busy';
  // Resources, system errors, undefined tables or functions and missing rights, missing schema.
  return /^(53|58|42|3F)/.test(code) ? 'unusable' : 'refused';
};
