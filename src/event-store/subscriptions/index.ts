// Declare one.
export { type Subscription, type SubscriptionStart } from './subscription.js';
export * from './subscription.errors.js';

// Run them.
export { SubscriptionsModule, type SubscriptionsModuleOptions } from './subscriptions.module.js';
export { type SubscriptionsLimits, Subscriptions, type SubscriptionsOptions } from './subscriptions.js';
export { type Backoff } from './backoff.js';

// Watch and operate them.
export * from './subscriptions.observer.js';
export {
  type ParkedStatus,
  type ShardStatus,
  SubscriptionOperator,
  type SubscriptionStatus,
} from './subscription-operator.js';
export { streamShard } from './stream-shard.js';
