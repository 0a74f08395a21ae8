import { Injectable, Logger } from '@nestjs/common';
import { TimerStore, type Touch } from './timer-store.js';

/**
 * Collects claims that go back without an event and writes them together: one statement at a time, everything that
 * arrived meanwhile in the next. A lost one is harmless: the claim's lease brings the task back.
 */
@Injectable()
export class TouchQueue {
  private readonly log = new Logger('TouchQueue');
  private queued: Touch[] = [];
  private writing: Promise<void> | null = null;

  constructor(private readonly timers: TimerStore) {}

  add(touch: Touch): void {
    this.queued.push(touch);
    this.writing ??= this.write();
  }

  /** Resolves when everything added so far was written or lost. */
  async settled(): Promise<void> {
    while (this.writing) await this.writing;
  }

  private async write(): Promise<void> {
    // Let the other looks of this turn join.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.queued.length > 0) {
      const batch = this.queued;
      this.queued = [];
      try {
        await this.timers.touch(batch);
      } catch (error) {
        this.log.warn({
          msg: 'timers not written, their leases bring them back',
          count: batch.length,
          error: String(error),
        });
      }
    }
    this.writing = null;
  }
}
