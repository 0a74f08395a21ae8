import { pino, type DestinationStream, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';

export interface LogOptions {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly format: 'pretty' | 'json';
  /** For programs whose standard output belongs to their results. */
  readonly toStandardError?: boolean;
}

/** How long a line may wait for others; whatever ends the process writes what waits. */
const FLUSH_MS = 200;
const BUNCH_BYTES = 65_536;

/** Lines as JSON to standard output go in bunches: handing one to the thread that writes costs as much as a request. */
const inBunches = (): DestinationStream => {
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: BUNCH_BYTES,
    maxWrite: 2 * BUNCH_BYTES,
  });
  setInterval(() => destination.flush(), FLUSH_MS).unref();
  return destination;
};

/** Where to, and in which form, a process writes its log. */
export const createLogger = ({ level, format, toStandardError = false }: LogOptions): Logger =>
  format === 'pretty'
    ? pino(
        { level, base: null },
        PinoPretty({
          colorize: true,
          sync: true,
          translateTime: 'SYS:HH:MM:ss',
          ignore: 'context',
          messageFormat: '{context} {msg}',
        }),
      )
    : pino(
        { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
        toStandardError ? pino.destination({ dest: 2, sync: true }) : inBunches(),
      );
