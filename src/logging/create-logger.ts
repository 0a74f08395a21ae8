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
const BUNCH_CHARACTERS = 65_536;

/**
 * Lines as JSON to standard output go in bunches: handing one to the thread that writes costs as much as a request. They are
 * collected here and not by the destination, which measures all that waits again for each line.
 */
const inBunches = (): DestinationStream & { flushSync(): void } => {
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: BUNCH_CHARACTERS,
    maxWrite: BUNCH_CHARACTERS + 1,
  });
  let isOpen = true;
  destination.once('close', () => (isOpen = false));
  let waiting = '';
  const handOver = (write: () => void): void => {
    if (!isOpen) return;
    if (waiting !== '') destination.write(waiting);
    waiting = '';
    write();
  };
  const flush = (): void => handOver(() => destination.flush());
  const flushSync = (): void => handOver(() => destination.flushSync());
  setInterval(flush, FLUSH_MS).unref();
  process.once('exit', flushSync);
  return {
    write: (line) => {
      waiting += line;
      if (waiting.length >= BUNCH_CHARACTERS) flush();
    },
    flushSync,
  };
};

/** The time of a line. Many are written in one millisecond: it is put into words once. */
const isoTime = (): string => {
  const now = Date.now();
  if (now !== millisecond) {
    millisecond = now;
    timeField = `,"time":"${new Date(now).toISOString()}"`;
  }
  return timeField;
};
let millisecond = -1;
let timeField = '';

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
        { level, base: null, timestamp: isoTime },
        toStandardError ? pino.destination({ dest: 2, sync: true }) : inBunches(),
      );
