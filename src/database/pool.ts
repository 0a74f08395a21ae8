import { Logger } from '@nestjs/common';
import pg from 'pg';
import { clientConfig, type ConnectionOptions } from './connection.js';
import { WatchedClient } from './watched-client.js';

export interface PoolOptions extends ConnectionOptions {
  /** Most connections at a time. Default: 10. */
  readonly poolSize?: number;
}

/** How long a closing pool waits for connections that are still out. */
const CLOSE_WITHIN_MS = 5_000;

/** Options for a `pg.Pool` whose connections do not wait for ever. */
export const poolConfig = (options: PoolOptions): pg.PoolConfig => ({
  ...clientConfig(options),
  max: options.poolSize ?? 10,
  Client: WatchedClient,
});

/** A pool that outlives a restart of the server: lost connections are logged and replaced at the next query. */
export const createPool = (options: PoolOptions): pg.Pool => {
  const pool = new pg.Pool(poolConfig(options));
  pool.on('error', reportLostConnection);
  // The pool listens to idle connections only. One that is lost while somebody holds it between two queries would
  // otherwise end the process; its next query fails and tells.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

/** For the `error` event of a pool: an idle connection is gone. Without a listener the process would end. */
export const reportLostConnection = (error: Error): void =>
  new Logger('Database').warn(`An idle connection was lost: ${error.message}`);

/**
 * Closes the pool; once, whoever asks, never throwing. Queries under way finish, but a connection that somebody forgot to
 * give back does not hold the shutdown up.
 */
export const closePool = async (pool: pg.Pool): Promise<void> => {
  if (pool.ending) return;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_WITHIN_MS)));
  await Promise.race([pool.end().catch(() => undefined), patience]);
  clearTimeout(timer);
};
