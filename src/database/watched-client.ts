import { type Socket } from 'node:net';
import pg from 'pg';

/** How much longer than the database we wait for an answer before we call the connection broken. */
const GRACE_MS = 2_000;

/**
 * A client for pools that hangs up when an answer is due and nothing has arrived for longer than the database itself lets a
 * statement run: a network that swallows packets tells nobody, and whoever waited would wait as long as it does.
 *
 * All that is under way on the connection fails then, and the pool replaces it. The limit of the driver (`query_timeout`)
 * would end the query alone: the connection would go back to the pool, and the next query would wait behind the lost answer.
 * Without `statement_timeout` nothing is watched.
 */
export class WatchedClient extends pg.Client {
  private isAnswerDue = false;

  constructor(config: pg.ClientConfig = {}) {
    super(config);
    const statementTimeoutMs = Number(config.statement_timeout) || 0;
    if (statementTimeoutMs === 0) return;
    this.on('drain', () => (this.isAnswerDue = false));
    this.on('connect', () => this.watch(statementTimeoutMs + GRACE_MS));
  }

  override query = ((...request: Parameters<pg.Client['query']>): unknown => {
    this.isAnswerDue = true;
    return super.query(...request);
  }) as pg.Client['query'];

  /** What happens to a connection that was given up is no news: the database may be stopping as well. */
  override end = ((...how: Parameters<pg.Client['end']>): unknown => {
    this.removeAllListeners('error');
    this.on('error', () => undefined);
    return super.end(...how);
  }) as pg.Client['end'];

  private watch(silenceMs: number): void {
    const socket = this.connection.stream as Socket;
    socket.setTimeout(silenceMs, () => {
      if (this.isAnswerDue) socket.destroy(new Error(`The database did not answer within ${silenceMs} ms.`));
    });
  }
}
