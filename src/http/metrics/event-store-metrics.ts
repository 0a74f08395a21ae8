import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type BatchReport, type EventStoreObserver } from '../../event-store/index.js';

/** Appends of this process. */
@Injectable()
export class EventStoreMetrics implements EventStoreObserver {
  private readonly events: Counter;
  private readonly sizes: Histogram;
  private readonly durations: Histogram;
  private readonly conflicts: Counter;
  private readonly duplicates: Counter;
  private readonly queued: Gauge;
  private readonly refusals: Counter<'why'>;
  private readonly ambiguous: Counter;
  private readonly lostConnections: Counter<'purpose'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.events = new Counter({
      name: 'genledger_appended_events_total',
      help: 'Events this process wrote to the log.',
      registers,
    });
    this.sizes = new Histogram({
      name: 'genledger_append_batch_commands',
      help: 'Commands that were written together.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
      registers,
    });
    this.durations = new Histogram({
      name: 'genledger_append_duration_seconds',
      help: 'From sending a batch to the answer of the database, waiting for the lock of the log included.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.conflicts = new Counter({
      name: 'genledger_append_conflicts_total',
      help: 'Commands that somebody else was ahead of; most are decided anew and written.',
      registers,
    });
    this.duplicates = new Counter({
      name: 'genledger_append_duplicates_total',
      help: 'Commands whose events were found in the log already.',
      registers,
    });
    this.queued = new Gauge({
      name: 'genledger_append_queue_commands',
      help: 'Commands that waited for a later batch when the last one was answered.',
      registers,
    });
    this.refusals = new Counter({
      name: 'genledger_append_refusals_total',
      help: 'Commands that were not written: content (the database refused it) or queue_full.',
      labelNames: ['why'],
      registers,
    });
    this.ambiguous = new Counter({
      name: 'genledger_append_ambiguous_total',
      help: 'Commands sent again because the connection broke before their batch was answered.',
      registers,
    });
    this.lostConnections = new Counter({
      name: 'genledger_log_connections_lost_total',
      help: 'Connections for appends or notifications that broke or could not be made.',
      labelNames: ['purpose'],
      registers,
    });
  }

  batchAnswered({ commands, events, conflicts, duplicates, durationMs, queued }: BatchReport): void {
    this.events.inc(events);
    this.sizes.observe(commands);
    this.durations.observe(durationMs / 1_000);
    this.conflicts.inc(conflicts);
    this.duplicates.inc(duplicates);
    this.queued.set(queued);
  }

  requestRefused(): void {
    this.refusals.inc({ why: 'content' });
  }

  requestRejected(): void {
    this.refusals.inc({ why: 'queue_full' });
  }

  commitAmbiguous(commands: number): void {
    this.ambiguous.inc(commands);
  }

  connectionLost(purpose: 'append' | 'listen'): void {
    this.lostConnections.inc({ purpose });
  }
}
