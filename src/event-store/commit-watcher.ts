import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type CommitListeners } from './commit-listeners.js';
import { type EventStoreObserver, observe } from './event-store.observer.js';
import { type LogReader } from './log-reader.js';

export interface CommitWatcherOptions {
  readonly connection: pg.ClientConfig;
  readonly schema: string;
  /** Our own name in notifications. */
  readonly origin: string;
  /** Pause between two looks at the head while notifications cannot be heard. Milliseconds. */
  readonly pollMs: number;
}

/** Beyond this many new positions nobody reads which streams grew. */
const MAX_POSITIONS = 1_000;
/** How often the head is read although notifications can be heard: finds a connection that died silently. */
const HEARTBEAT_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;

/**
 * Hears of commits by other processes, as long as somebody listens.
 *
 * - idle: nobody listens; no connection
 * - listening: LISTEN on an own connection; a notification of another origin is reported
 * - polling: the connection is lost; each `pollMs` the head is read from the pool, and LISTEN tried again
 *
 * Whenever it starts to hear, it reads the head, so nothing between two connections is missed. The first head after idle
 * is reported with unknown streams, because commits between `onCommit` and LISTEN cannot be told from older ones.
 */
export class CommitWatcher {
  private stopping: AbortController | null = null;
  private running: Promise<void> = Promise.resolve();
  /** Everything up to here was reported; null until the first head is known. */
  private reported: number | null = null;
  private newest = 0;
  private reporting = false;

  constructor(
    private readonly options: CommitWatcherOptions,
    private readonly reader: LogReader,
    private readonly listeners: CommitListeners,
    private readonly observer: EventStoreObserver,
  ) {}

  start(): void {
    if (this.stopping !== null) return;
    this.stopping = new AbortController();
    this.reported = null;
    const { signal } = this.stopping;
    this.running = this.running.then(() => this.watch(signal));
  }

  async stop(): Promise<void> {
    this.stopping?.abort();
    this.stopping = null;
    await this.running;
  }

  /** Our own batch, which was reported directly: no need to read it again. */
  ownCommit(lastPosition: number, events: number): void {
    if (this.reported !== null && lastPosition - events <= this.reported) {
      this.reported = Math.max(this.reported, lastPosition);
    }
  }

  private async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.listen(signal);
      } catch (error) {
        if (!signal.aborted) observe(() => this.observer.connectionLost?.('listen', error));
      }
      await pause(this.options.pollMs, signal);
      if (!signal.aborted) await this.reader.head().then((head) => this.headIs(head.position), ignore);
    }
  }

  /** Returns when told to stop; rejects when the connection is lost. */
  private async listen(signal: AbortSignal): Promise<void> {
    const client = new pg.Client({
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      keepAlive: true,
      ...this.options.connection,
      application_name: 'genledger listen',
      query_timeout: ANSWER_WITHIN_MS,
    });
    const lost = new Promise<never>((_, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('The connection for notifications was closed.')));
    });
    lost.catch(ignore);
    try {
      await client.connect();
      client.on('notification', ({ payload = '' }) => {
        const [origin, position] = payload.split(':');
        if (origin !== this.options.origin) this.headIs(Number(position));
      });
      const schema = pg.escapeIdentifier(this.options.schema);
      const { rows } = await client.query<{ channel: string }>(`select ${schema}.log_channel() as channel`);
      await client.query(`listen ${pg.escapeIdentifier(rows[0]!.channel)}`);
      while (!signal.aborted) {
        const head = await client.query<{ position: string }>(
          `select coalesce(max(last_position), 0) as position from ${schema}.log_commit`,
        );
        this.headIs(Number(head.rows[0]!.position));
        await Promise.race([lost, pause(HEARTBEAT_MS, signal)]);
      }
    } finally {
      await client.end().catch(ignore);
    }
  }

  private headIs(position: number): void {
    if (this.reported === null) {
      this.reported = position;
      this.newest = position;
      if (position > 0) this.listeners.ring({ position, streamIds: null });
      return;
    }
    this.newest = Math.max(this.newest, position);
    if (!this.reporting) void this.report();
  }

  /** Notifications that arrive while the streams are read are answered together by the next turn of the loop. */
  private async report(): Promise<void> {
    this.reporting = true;
    while (this.reported !== null && this.newest > this.reported) {
      const after = this.reported;
      const position = this.newest;
      const known = position - after <= MAX_POSITIONS;
      const streamIds = known ? await this.reader.grownStreams(after, position).catch(() => null) : null;
      this.reported = Math.max(this.reported ?? 0, position);
      this.listeners.ring({ position, streamIds });
    }
    this.reporting = false;
  }
}

const ignore = (): void => undefined;

/** Ends early, without an error, when told to stop. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).then(ignore, ignore);
