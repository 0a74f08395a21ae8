// Use the log.
export * from './event-store.js';
export * from './event-store.errors.js';

// Set it up.
export { EventStoreModule } from './event-store.module.js';
export { EVENT_STORE_OPTIONS, type EventStoreModuleOptions } from './event-store.module-definition.js';
export {
  PostgresEventStore,
  type EventStoreLimits,
  type PostgresEventStoreOptions,
} from './postgres-event-store.js';
export { type AppendTransaction } from './append-in-transaction.js';
export {
  InMemoryEventStore,
  type InMemoryEventStoreOptions,
  type ProjectedAppend,
} from './in-memory-event-store.js';

// Follow it.
export * from './subscriptions/index.js';

// Make its read models again.
export * from './projections/index.js';

// Read what earlier versions wrote.
export { EventSchemas, type Upcaster, type Upcasters } from './upcasting/event-schemas.js';
export * from './upcasting/upcasting.errors.js';

// Watch it.
export { type BatchReport, type EventStoreObserver } from './event-store.observer.js';

// Move what is old into files.
export * from './archive/index.js';

// Prove it.
export * from './audit/index.js';
export {
  batchDigest,
  chainLink,
  eventHash,
  GENESIS_CHAIN,
  type HashedContent,
  type PlacedHash,
} from './event-hash.js';
