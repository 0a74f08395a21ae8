import pg from 'pg';

/** The connection broke, could not be made, or did not answer in time. */
export class ConnectionLostError extends Error {
  constructor(
    /** False when certainly nothing was executed. */
    readonly sent: boolean,
    override readonly cause: unknown,
  ) {
    super(sent ? 'The connection broke before the answer came.' : 'There is no connection to the database.');
    this.name = 'ConnectionLostError';
  }
}

export interface AppendConnectionOptions {
  readonly connection: pg.ClientConfig;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
}

/** How much longer than the database we wait for an answer before we call the connection broken. */
const GRACE_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Our own session, for appends alone: a named statement is planned once, and a session of ours can have the settings
 * that an append relies on. Connects when first needed and again after it was lost.
 */
export class AppendConnection {
  private client: pg.Client | null = null;

  constructor(
    private readonly options: AppendConnectionOptions,
    private readonly onLost: (error: unknown) => void,
  ) {}

  /**
   * Runs one statement; rows in array mode. Not to be called before the previous call has ended.
   *
   * @throws ConnectionLostError
   * @throws pg.DatabaseError the database refused it
   */
  async execute(name: string, text: string, values: unknown[]): Promise<unknown[]> {
    const client = (this.client ??= await this.connect());
    try {
      const { rows } = await client.query<unknown[]>({ name, text, values, rowMode: 'array' });
      return rows;
    } catch (error) {
      if (error instanceof pg.DatabaseError && !endsSession(error)) throw error;
      this.drop(client, error);
      throw new ConnectionLostError(!neverRan(error), error);
    }
  }

  async close(): Promise<void> {
    const client = this.client;
    this.client = null;
    await client?.end();
  }

  private async connect(): Promise<pg.Client> {
    const { connection, statementTimeoutMs, lockTimeoutMs } = this.options;
    const client = new pg.Client({
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      ...connection,
      application_name: 'genledger append',
      // A network that swallows packets tells nobody: without this the batch would hang for ever.
      query_timeout: statementTimeoutMs + GRACE_MS,
    });
    // Also told when idle. Without a listener the process would die of it.
    client.on('error', (error) => this.drop(client, error));
    try {
      await client.connect();
      // By statement and not in the startup packet, which connection poolers filter.
      await client.query(
        `select set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
                set_config('default_transaction_isolation', 'read committed', false),
                set_config('idle_session_timeout', '0', false),
                set_config('synchronous_commit',
                           case current_setting('synchronous_commit') when 'off' then 'on'
                                else current_setting('synchronous_commit') end, false)`,
        [`${statementTimeoutMs}ms`, `${lockTimeoutMs}ms`],
      );
      return client;
    } catch (error) {
      this.onLost(error);
      client.end().catch(() => undefined);
      throw new ConnectionLostError(false, error);
    }
  }

  private drop(client: pg.Client, error: unknown): void {
    if (this.client !== client) return;
    this.client = null;
    this.onLost(error);
    client.end().catch(() => undefined);
  }
}

/** Errors after which this session is of no use, though another one may be. */
const endsSession = (error: pg.DatabaseError): boolean =>
  /^(08|57P0)/.test(error.code ?? '') || error.severity === 'FATAL' || neverRan(error);

/**
 * Refused before anything ran: a standby after a failover (25006), a prepared statement that a migration or a pooler
 * took away (0A000, 26000).
 */
const neverRan = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && ['25006', '0A000', '26000'].includes(error.code ?? '');
