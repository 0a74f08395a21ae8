import { Injectable } from '@nestjs/common';
import { TimerStore } from './timer-store.js';

/** Rows moved by one statement. */
const AT_ONCE = 10_000;
/** So many tasks of a paused model are looked at again this often; more of them less often. */
const AGAIN_MS = 30_000;

/**
 * Keeps the tasks of a paused model from standing in the way: they are due, and there may be more of them than a tick can
 * claim one by one. All of the model that are due are put off together.
 */
@Injectable()
export class PausedModels {
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly timers: TimerStore) {}

  /** Called for a claim of a paused model. Calls at the same time share the work. */
  stepAside(model: string): Promise<void> {
    const moving = this.underWay.get(model) ?? this.move(model).finally(() => this.underWay.delete(model));
    this.underWay.set(model, moving);
    return moving;
  }

  private async move(model: string): Promise<void> {
    for (let round = 1; ; round++) {
      const moved = await this.timers.putOffModel(model, AT_ONCE, AGAIN_MS * round);
      if (moved < AT_ONCE) return;
    }
  }
}
