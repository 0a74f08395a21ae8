import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Alerts, OrphanReport, Submissions } from '../../tasks/index.js';

/** Counting reads a row per orphan; scrapes in between get the last count. */
const COUNT_AGAIN_MS = 1_000;
const STOPS: readonly NonNullable<Submissions['stopped']>[] = [
  'restore_suspected',
  'paused_by_operator',
  'paused_by_setting',
];

/** Whether anything is sent, what was paid for nobody, and what somebody should look at. */
@Injectable()
export class SubmissionMetrics {
  private countedAt = -Infinity;

  constructor(registry: Registry, submissions: Submissions, orphans: OrphanReport, alerts: Alerts) {
    new Gauge({
      name: 'genledger_submissions_stopped',
      help: '1 while nothing is sent for this reason.',
      labelNames: ['reason'],
      registers: [registry],
      collect() {
        for (const reason of STOPS) this.set({ reason }, submissions.stopped === reason ? 1 : 0);
      },
    });
    const count = (gauge: Gauge<'reason'>): Promise<void> => this.countOrphans(gauge, orphans);
    new Gauge({
      name: 'genledger_orphans',
      help: 'Provider tasks that were paid, or may have been, and were delivered to nobody (genledger report orphans).',
      labelNames: ['reason'],
      registers: [registry],
      collect() {
        return count(this);
      },
    });
    new Counter({
      name: 'genledger_alerts_total',
      help: 'What somebody should look at, by name; the log says which task.',
      labelNames: ['alert'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [alert, raised] of alerts.counts) this.inc({ alert }, raised);
      },
    });
  }

  /** A database that is away must not take the other metrics with it. */
  private async countOrphans(gauge: Gauge<'reason'>, orphans: OrphanReport): Promise<void> {
    if (performance.now() - this.countedAt < COUNT_AGAIN_MS) return;
    const counts = await orphans.counts().catch(() => null);
    if (counts === null) return;
    this.countedAt = performance.now();
    gauge.reset();
    for (const [reason, number] of counts) gauge.set({ reason }, number);
  }
}
