// Set up.
export { HttpModule } from './http.module.js';
export { HTTP_OPTIONS, type HealthOptions, type HttpOptions } from './http.options.js';
export { HttpAdapter } from './request/http-adapter.js';
export { configureHttp } from './configure-http.js';

// Measure.
export { MetricsModule } from './metrics/metrics.module.js';
export { EventStoreMetrics } from './metrics/event-store-metrics.js';
export { ProviderMetrics } from './metrics/provider-metrics.js';
export { SubscriptionMetrics } from './metrics/subscription-metrics.js';

// Show what the API shows, elsewhere.
export { taskJson, type TaskJsonContext } from './tasks/task-json.js';
export { eventJson } from './feed/event-json.js';
