import pg from 'pg';
import { type Clients } from './clients.js';
import { type Installation } from './installation.js';

const LOOK_EVERY_MS = 1_000;
/** Strikes and recoveries take seconds; a busy machine stretches them. */
const LONG_MS = 60_000;
const TOO_LONG_MS = 600_000;
const ANSWER_WITHIN_MS = 5_000;

/** Nobody was answered for so long that the run cannot go on. */
export class SilenceError extends Error {}

/**
 * Watches whether clients get answers at all. When there was none for a minute although some are asking, it writes down once what
 * replicas and database are doing; after ten it gives the run up.
 */
export class SilenceWatch {
  /** What was found in each long silence. */
  readonly reports: string[] = [];
  longestMs = 0;
  private silentSince = performance.now();
  private isReported = false;
  private readonly counts: () => { answered: number; unanswered: number };
  private last: { answered: number; unanswered: number };

  constructor(
    clients: Pick<Clients, 'answers'>,
    private readonly installation: Installation,
    private readonly say: (line: string) => void,
  ) {
    this.counts = () => {
      let [answered, unanswered] = [0, 0];
      for (const [answer, count] of clients.answers)
        if (answer.startsWith('none')) unanswered += count;
        else answered += count;
      return { answered, unanswered };
    };
    this.last = this.counts();
  }

  /** Rejects when the silence lasts too long; never resolves. @throws SilenceError */
  async watch(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      const timer = setInterval(() => {
        const silentMs = this.look();
        if (silentMs > LONG_MS && !this.isReported) {
          this.isReported = true;
          void this.report(silentMs);
        }
        if (silentMs > TOO_LONG_MS)
          reject(
            new SilenceError(`no client was answered for ${TOO_LONG_MS} ms:\n${this.reports.join('\n')}`),
          );
      }, LOOK_EVERY_MS);
      signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    });
  }

  /** How long nobody has been answered. Time in which nobody asked is no silence. */
  private look(): number {
    const now = this.counts();
    if (now.answered !== this.last.answered) {
      this.silentSince = performance.now();
      this.isReported = false;
      this.last = now;
    }
    const silentMs = now.unanswered === this.last.unanswered ? 0 : performance.now() - this.silentSince;
    this.longestMs = Math.max(this.longestMs, silentMs);
    return silentMs;
  }

  private async report(silentMs: number): Promise<void> {
    const replicas = this.installation.replicas.map(async (replica, n) => {
      const health = await fetch(`${this.installation.urlOf(n)}/health/ready`, {
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      }).then((answer) => answer.text(), String);
      return `replica ${n}: ${replica.condition}\n  its health: ${health}`;
    });
    const lines = await Promise.all([...replicas, this.database()]);
    const report = [`nobody was answered for ${Math.round(silentMs / 1_000)} s`, ...lines].join('\n');
    this.reports.push(report);
    this.say(report);
  }

  private async database(): Promise<string> {
    const client = new pg.Client({
      connectionString: this.installation.database.url,
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query(
        `select application_name, state, wait_event_type, wait_event, clock_timestamp() - state_change as since,
                pg_blocking_pids(pid) as behind, left(query, 100) as query
           from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
      return `the database:\n${rows.map((row) => `  ${JSON.stringify(row)}`).join('\n')}`;
    } catch (error) {
      return `the database: ${String(error)}`;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
