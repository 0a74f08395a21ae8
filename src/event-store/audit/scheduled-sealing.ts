import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { LAST_WRITE_MS, withDeadline } from '../../shared/with-deadline.js';
import { HistoryForkedError } from '../event-store.errors.js';
import { type LogSealer } from './log-sealer.js';

/**
 * Seals the log at a fixed pace for as long as the application runs. An idle log is not sealed again; when the database
 * does not answer, the next turn covers what this one could not.
 */
export class ScheduledSealing implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Seals');
  private timer: NodeJS.Timeout | null = null;
  private sealing: Promise<void> = Promise.resolve();

  constructor(
    private readonly sealer: LogSealer,
    private readonly intervalMs: number,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sealing = this.sealing.then(() => this.turn());
    }, this.intervalMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await withDeadline(this.sealing, LAST_WRITE_MS);
  }

  private async turn(): Promise<void> {
    try {
      const seal = await this.sealer.seal();
      if (seal) this.log.debug({ msg: 'log sealed', number: seal.number, position: seal.position });
    } catch (error) {
      if (error instanceof HistoryForkedError)
        this.log.error({ msg: 'the log is not the one that was sealed', error });
      else this.log.warn({ msg: 'the log could not be sealed', error });
    }
  }
}
