import { Injectable } from '@nestjs/common';
import { Gauge, Histogram, Registry } from 'prom-client';
import { EventStore } from '../../event-store/index.js';
import { DetectionLag, TaskCensus } from '../../tasks/index.js';
import { recent } from './recent.js';

/** Open tasks are many; scrapes in between get the last count. */
const COUNT_AGAIN_MS = 10_000;
const LOOK_AGAIN_MS = 1_000;

/** What is open and due in the whole installation, and how late ends of tasks are found by this process. */
@Injectable()
export class TaskMetrics {
  constructor(registry: Registry, store: EventStore, census: TaskCensus, detection: DetectionLag) {
    const registers = [registry];
    const head = recent(LOOK_AGAIN_MS, () => store.head());
    new Gauge({
      name: 'genledger_log_head_position',
      help: 'Position of the newest event of the log.',
      registers,
      async collect() {
        const known = await head();
        if (known) this.set(known.position);
      },
    });
    const open = recent(COUNT_AGAIN_MS, () => census.open());
    new Gauge({
      name: 'genledger_tasks_open',
      help: 'Tasks that have not ended, by status; counted up to 200,000.',
      labelNames: ['status'],
      registers,
      async collect() {
        for (const [status, number] of (await open()) ?? []) this.set({ status }, number);
      },
    });
    const due = recent(LOOK_AGAIN_MS, () => census.due());
    new Gauge({
      name: 'genledger_timers_due',
      help: 'Pieces of work that are due and that nobody has taken yet, by lane; counted up to 10,000.',
      labelNames: ['lane'],
      registers,
      async collect() {
        for (const { lane, due: number } of (await due()) ?? []) this.set({ lane }, number);
      },
    });
    new Gauge({
      name: 'genledger_timers_oldest_due_seconds',
      help: 'How long the oldest of them has been due.',
      labelNames: ['lane'],
      registers,
      async collect() {
        for (const { lane, oldestMs } of (await due()) ?? []) this.set({ lane }, oldestMs / 1_000);
      },
    });
    const lags = new Histogram({
      name: 'genledger_detection_lag_seconds',
      help: 'Longest time that the end of a task can have lain at the provider: since its callback, or since the look before.',
      labelNames: ['by'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600, 3_600],
      registers,
    });
    detection.listen(({ by, lagMs }) => lags.observe({ by }, lagMs / 1_000));
  }
}
