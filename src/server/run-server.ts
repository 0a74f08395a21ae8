import { readConfig, type Environment } from '../config/index.js';
import { GenledgerError } from '../shared/errors.js';
import { startServer, type RunningServer } from './start-server.js';

/**
 * The server as a process: starts, prints, and stops on a signal. The first SIGINT or SIGTERM lets work under way finish,
 * a second one ends the process at once. Answers the exit code.
 */
export const runServer = async (environment: Environment, isTerminal: boolean): Promise<number> => {
  const signalled = firstSignal();
  let server: RunningServer;
  try {
    const config = readConfig(environment);
    server = await startServer(config, config.log.format ?? (isTerminal ? 'pretty' : 'json'));
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  }
  process.stdout.write(`${server.banner}\n`);
  await signalled;
  await server.stop();
  return 0;
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
