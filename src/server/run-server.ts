import { setTimeout as pause } from 'node:timers/promises';
import { readConfig, type Environment } from '../config/index.js';
import { GenledgerError } from '../shared/errors.js';
import { startServer, type RunningServer } from './start-server.js';

/** A start that waits (for a migration elsewhere, say) is given up so long after a signal: nothing is served yet. */
const START_PATIENCE_MS = 10_000;
/** Connections are closed and the last lines written after the work under way has ended, or was given up. */
const CLOSING_MS = 8_000;

/**
 * The server as a process: starts, prints, and stops on a signal. The first SIGINT or SIGTERM lets work under way finish,
 * for `SHUTDOWN_TIMEOUT_MS` and some seconds at the most; a second one ends the process at once. Answers the exit code.
 */
export const runServer = async (environment: Environment, isTerminal: boolean): Promise<number> => {
  // Nobody has to read what is printed.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const signalled = firstSignal();
  let server: RunningServer | null;
  let stopWithinMs: number;
  try {
    const config = readConfig(environment);
    stopWithinMs = config.http.shutdownTimeoutMs + CLOSING_MS;
    server = await Promise.race([
      startServer(config, config.log.format ?? (isTerminal ? 'pretty' : 'json')),
      signalled.then(() => pause(START_PATIENCE_MS, null, { ref: false })),
    ]);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  }
  if (!server) {
    process.stderr.write('Ended by a signal before the start was done.\n');
    return 1;
  }
  process.stdout.write(`${server.banner}\n`);
  await signalled;
  const isStopped = await Promise.race([
    server.stop().then(() => true),
    pause(stopWithinMs, false, { ref: false }),
  ]);
  if (isStopped) return 0;
  process.stderr.write(`What was under way did not end within ${stopWithinMs} ms, so it was left.\n`);
  return 1;
};

/** Resolves at the first signal; a second one ends the process. Never without a listener, else the system would end us. */
const firstSignal = (): Promise<void> =>
  new Promise((resolve) => {
    let isAsked = false;
    const listen = (signal: NodeJS.Signals, exitCode: number): void =>
      void process.on(signal, () => {
        if (isAsked) process.exit(exitCode);
        isAsked = true;
        resolve();
      });
    listen('SIGINT', 130);
    listen('SIGTERM', 143);
  });

/** Ours are sentences already; anything else deserves its stack. */
const explain = (error: unknown): string =>
  error instanceof GenledgerError
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
