import { Agent, buildConnector, Client, type Dispatcher } from 'undici';

/**
 * Longest time for name lookup, TCP and TLS together. A submit must start within 5 s of the record that announces it,
 * so a longer wait could only end in permission refused.
 */
const CONNECT_TIMEOUT_MS = 5_000;

/** How long an idle connection for reads is kept; shorter than the idle limits of common load balancers (60 s and up). */
const IDLE_MS = 20_000;

/** The deadline of a call covers its whole length; undici's own timers would only blur which one fired. */
const NO_TIMERS = { headersTimeout: 0, bodyTimeout: 0 } as const;

/**
 * Connections to the provider: kept alive for reads, fresh for each paid call.
 *
 * A kept connection may have been closed by the other side without our knowing; writing to it ends in a reset after
 * the request left, and nobody can tell whether it was read. For a read that means asking again, for a paid call it
 * would mean an outcome nobody knows. TLS sessions are shared by all of them: resuming one saves a round trip and has
 * nothing to do with old sockets.
 */
export class Connections {
  private readonly connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS });
  private readonly kept: Agent;

  constructor(private readonly origin: string) {
    this.kept = new Agent({ ...NO_TIMERS, connect: this.connect, keepAliveTimeout: IDLE_MS, pipelining: 1 });
  }

  /** For calls that may be repeated. */
  get shared(): Dispatcher {
    return this.kept;
  }

  /** Runs one call on a connection of its own, which is gone afterwards. */
  async fresh<T>(use: (dispatcher: Dispatcher) => Promise<T>): Promise<T> {
    // Without pipelining undici says "connection: close" and never writes a second request.
    const client = new Client(this.origin, { ...NO_TIMERS, connect: this.connect, pipelining: 0 });
    try {
      return await use(client);
    } finally {
      await client.destroy();
    }
  }

  /** Lets reads under way finish (their deadline bounds them), then closes what was kept. */
  async close(): Promise<void> {
    if (!this.kept.closed && !this.kept.destroyed) await this.kept.close();
  }
}
