import { pino, type DestinationStream, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import sonicBoom from 'sonic-boom';

export interface LogOptions {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly format: 'pretty' | 'json';
  /** For programs whose standard output belongs to their results. */
  readonly toStandardError?: boolean;
}

/** How long a line may wait for others; whatever ends the process writes what waits. */
const FLUSH_MS = 200;
const BUNCH_CHARACTERS = 65_536;
/** What is kept for a reader that does not read; what comes after it is lost. */
const MOST_BYTES = 64 * 1024 * 1024;
/** How long the end of the process waits for a reader that does not read. */
const LAST_WORDS_MS = 2_000;

/**
 * Lines as JSON to standard output go in bunches: handing one to the thread that writes costs as much as a request. They are
 * collected here and not by the destination, which measures all that waits again for each line. Nobody has to read them: when
 * the reader has gone, or the disk is full, lines are lost and the work goes on.
 */
const inBunches = (): DestinationStream & { flushSync(): void } => {
  let givesUpAt = Infinity;
  const destination = new sonicBoom.SonicBoom({
    fd: 1,
    sync: false,
    minLength: BUNCH_CHARACTERS,
    maxWrite: BUNCH_CHARACTERS + 1,
    maxLength: MOST_BYTES,
    retryEAGAIN: () => performance.now() < givesUpAt,
  });
  let isOpen = true;
  const failed = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') isOpen = false;
  };
  destination.on('error', failed);
  let waiting = '';
  const handOver = (write: () => void): void => {
    if (isOpen && waiting !== '') destination.write(waiting);
    waiting = '';
    if (isOpen) write();
  };
  const flush = (): void => handOver(() => destination.flush());
  const flushSync = (): void => {
    try {
      handOver(() => destination.flushSync());
    } catch (error) {
      failed(error as NodeJS.ErrnoException);
    }
  };
  setInterval(flush, FLUSH_MS).unref();
  process.once('exit', () => {
    givesUpAt = performance.now() + LAST_WORDS_MS;
    flushSync();
  });
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
