import { Injectable } from '@nestjs/common';
import { type Lane } from '../domain/plan-wake.js';

/** A doorbell inside the process: something in this lane is due now. Losing a ring only costs a tick of the schedule. */
@Injectable()
export class DueSignal {
  private readonly listeners = new Set<(lane: Lane) => void>();

  ring(lane: Lane): void {
    for (const listener of this.listeners) listener(lane);
  }

  listen(listener: (lane: Lane) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
