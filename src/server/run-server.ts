import { readConfig, type Environment } from '../config/index.js';
import { GenledgerError } from '../shared/errors.js';
import { startServer, type RunningServer } from './start-server.js';

/**
 * The server as a process: starts, prints, and stops on a signal. The first SIGINT or SIGTERM lets work under way finish,
 * a second one ends the process at once. Answers the exit code.
 */
export const runServer = async (environment: Environment, isTerminal: boolean): Promise<number> => {
  const signalled = nextSignal();
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
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  await server.stop();
  return 0;
};

const nextSignal = (): Promise<void> =>
  new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });

/** Ours are sentences already; anything else deserves its stack. */
const explain = (error: unknown): string =>
  error instanceof GenledgerError
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
