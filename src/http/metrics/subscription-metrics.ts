import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import {
  type FailureReport,
  type PageReport,
  type ParkedReport,
  type SubscriptionsObserver,
} from '../../event-store/index.js';

/** Subscriptions, as far as this process works for them. */
@Injectable()
export class SubscriptionMetrics implements SubscriptionsObserver {
  private readonly events: Counter<'subscription'>;
  private readonly lagEvents: Gauge<'subscription' | 'shard'>;
  private readonly lagSeconds: Gauge<'subscription' | 'shard'>;
  private readonly failures: Counter<'subscription'>;
  private readonly parked: Counter<'subscription'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.events = new Counter({
      name: 'genledger_subscription_events_total',
      help: 'Events handed to a subscription.',
      labelNames: ['subscription'],
      registers,
    });
    this.lagEvents = new Gauge({
      name: 'genledger_subscription_lag_events',
      help: 'Positions between the checkpoint and the head of the log, at the last page of a shard.',
      labelNames: ['subscription', 'shard'],
      registers,
    });
    this.lagSeconds = new Gauge({
      name: 'genledger_subscription_lag_seconds',
      help: 'How long ago the first event behind the checkpoint was stored, at the last page of a shard.',
      labelNames: ['subscription', 'shard'],
      registers,
    });
    this.failures = new Counter({
      name: 'genledger_subscription_failures_total',
      help: 'Pages that were rolled back because their handler failed.',
      labelNames: ['subscription'],
      registers,
    });
    this.parked = new Counter({
      name: 'genledger_subscription_parked_total',
      help: 'Streams that were put aside because an event of theirs cannot be handled.',
      labelNames: ['subscription'],
      registers,
    });
  }

  pageHandled({ subscription, shard, events, lagEvents, lagMs }: PageReport): void {
    this.events.inc({ subscription }, events);
    this.lagEvents.set({ subscription, shard }, lagEvents);
    this.lagSeconds.set({ subscription, shard }, lagMs / 1_000);
  }

  handlerFailed({ subscription }: FailureReport): void {
    this.failures.inc({ subscription });
  }

  streamParked({ subscription }: ParkedReport): void {
    this.parked.inc({ subscription });
  }

  /** Another worker tells from now on how far it is. */
  shardLost({ subscription, shard }: { readonly subscription: string; readonly shard: number }): void {
    this.lagEvents.remove({ subscription, shard });
    this.lagSeconds.remove({ subscription, shard });
  }
}
