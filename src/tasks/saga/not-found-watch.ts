import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Alerts } from '../alerts/alerts.js';
import { type Attempt } from '../domain/task.state.js';
import { type StatusReading } from '../ports.js';

const IN_A_ROW = 3;
/** A task that was accepted just now may not be known everywhere at the provider. */
const SETTLING_MS = 60_000;

/**
 * Tells somebody, once per attempt and process, when the provider goes on not to know a task that it has accepted. The
 * task stays open: this is no verdict.
 */
@Injectable()
export class NotFoundWatch {
  private readonly rows = new LRUCache<string, number>({ max: 10_000 });

  constructor(private readonly alerts: Alerts) {}

  saw(taskId: string, { number, acceptedAt }: Attempt, reading: StatusReading, now: Date): void {
    const key = `${taskId} ${number}`;
    if (reading.kind === 'read' || reading.class !== 'not_found') {
      // A question that was not asked, or not answered, says nothing about it.
      if (reading.kind === 'read') this.rows.delete(key);
      return;
    }
    const isYoung = acceptedAt === null || now.getTime() - acceptedAt.getTime() < SETTLING_MS;
    const before = this.rows.get(key) ?? 0;
    const row = isYoung ? Math.min(before + 1, IN_A_ROW - 1) : before + 1;
    this.rows.set(key, row);
    if (row === IN_A_ROW) this.alerts.raise('status_not_found', { task: taskId, attempt: number });
  }
}
