import { type LoggerService } from '@nestjs/common';
import { type Logger } from 'pino';

/** Contexts in which Nest itself reports each module and route: news only to somebody who looks for a fault. */
const FRAMEWORK: ReadonlySet<unknown> = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/**
 * Nest's logger on pino: one JSON line per entry, or pretty text on a terminal.
 *
 * Rooms log objects with a `msg` and ids; what is personal never reaches a logger in the first place.
 */
export class PinoLogger implements LoggerService {
  /** One per context, which it writes without looking at it again. */
  private readonly ofContext = new Map<string, Logger>();

  constructor(private readonly pino: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(rest.some((context) => FRAMEWORK.has(context)) ? 'debug' : 'info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    // Nest hands the context over as the last argument; before it may stand a stack.
    const context = rest.at(-1);
    const pino = typeof context === 'string' ? this.loggerOf(context) : this.pino;
    if (message instanceof Error) {
      pino[level]({ err: message }, message.message);
    } else if (typeof message === 'object' && message !== null) {
      pino[level](message);
    } else {
      const stack = rest.length > 1 && typeof rest[0] === 'string' ? { stack: rest[0] } : {};
      pino[level](stack, String(message));
    }
  }

  private loggerOf(context: string): Logger {
    const known = this.ofContext.get(context);
    if (known) return known;
    const logger = this.pino.child({ context });
    this.ofContext.set(context, logger);
    return logger;
  }
}
