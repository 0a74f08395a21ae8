import { pino, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';

export interface LogOptions {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly format: 'pretty' | 'json';
}

/** Writes to standard output, synchronously when pretty, so that nothing is lost when the process ends. */
export const createLogger = ({ level, format }: LogOptions): Logger =>
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
    : pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
