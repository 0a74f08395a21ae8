import { pino, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';

export interface LogOptions {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly format: 'pretty' | 'json';
  /** For programs whose standard output belongs to their results. */
  readonly toStandardError?: boolean;
}

/** Writes to standard output, synchronously when pretty, so that nothing is lost when the process ends. */
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
        pino.destination({ dest: toStandardError ? 2 : 1, sync: true }),
      );
