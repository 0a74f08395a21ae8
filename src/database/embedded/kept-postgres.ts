import { access } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type EmbeddedDatabase,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded-postgres.js';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';

/** What happens to a database that is kept running; each is worth a line of the log. */
export interface KeeperReports {
  ended(logFile: string): void;
  startedAgain(): void;
  /** It is tried again. */
  failed(error: unknown): void;
}

const LOOK_EVERY_MS = 1_000;
const RETRY_MS = 5_000;

/**
 * The embedded PostgreSQL for a process that lives long: started again when it has died (killed, out of memory), or was
 * stopped by somebody else, until it is given back with `stop`. Pools that were open find it at the same address; `info` stays that of the first
 * start.
 *
 * @throws EmbeddedPostgresError from the first start alone
 */
export const keepEmbeddedPostgres = async (
  options: EmbeddedPostgresOptions,
  reports: KeeperReports,
): Promise<EmbeddedDatabase> => {
  const first = await startEmbeddedPostgres(options);
  const stopped = new AbortController();
  const { signal } = stopped;
  let current = first;

  const startAgain = async (): Promise<void> => {
    await current.stop();
    // Without its data a start would make an empty one in silence.
    await access(first.info.home);
    // The pools that are open know this port alone.
    current = await startEmbeddedPostgres({ ...options, port: first.info.port });
    if (current.info.port === first.info.port) return;
    await current.stop();
    throw new EmbeddedPostgresError(
      `Another program has started PostgreSQL on port ${current.info.port}; this one knows port ${first.info.port} alone: start it again.`,
    );
  };
  const watch = async (): Promise<void> => {
    let isDown = false;
    while (await passed(isDown ? RETRY_MS : LOOK_EVERY_MS, signal)) {
      if (!isDown && (await current.isRunning().catch(() => false))) continue;
      if (!isDown) reports.ended(current.info.logFile);
      isDown = true;
      try {
        await startAgain();
        isDown = false;
        reports.startedAgain();
      } catch (error) {
        reports.failed(error);
      }
    }
  };
  const watching = watch();
  return {
    ...first,
    isRunning: () => current.isRunning(),
    stop: async () => {
      stopped.abort();
      await watching;
      return current.stop();
    },
  };
};

/** False when the wait was ended by the signal. */
const passed = async (ms: number, signal: AbortSignal): Promise<boolean> => {
  try {
    await pause(ms, undefined, { signal, ref: false });
    return true;
  } catch {
    return false;
  }
};
