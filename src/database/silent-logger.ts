import { type Logger } from 'typeorm';

/**
 * Says nothing. TypeORM's own logger writes to standard output, which belongs to the JSON of the command line, and
 * queries hold personal data. Every failure it would report is thrown to the caller as well.
 */
export class SilentLogger implements Logger {
  logQuery(): void {}
  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
