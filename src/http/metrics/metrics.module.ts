import { Module } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { EventStoreMetrics } from './event-store-metrics.js';
import { ProviderMetrics } from './provider-metrics.js';
import { SubscriptionMetrics } from './subscription-metrics.js';

/**
 * The registry of metrics, and the observers of rooms that know nothing of metrics: hand them over as `observer` where
 * those rooms are set up.
 *
 * Inject the `Registry` of prom-client to add metrics.
 */
@Module({
  providers: [
    { provide: Registry, useFactory: processMetrics },
    EventStoreMetrics,
    ProviderMetrics,
    SubscriptionMetrics,
  ],
  exports: [Registry, EventStoreMetrics, ProviderMetrics, SubscriptionMetrics],
})
export class MetricsModule {}

function processMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
