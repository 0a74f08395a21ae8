import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type EventStoreObserver } from './event-store.observer.js';
import { type EventStoreLimits } from './postgres-event-store.js';

/** Where the log lies is said to the DatabaseModule; here is said what the store does with it. */
export interface EventStoreModuleOptions extends EventStoreLimits {
  /**
   * SQL functions of the schema that write read models in the transaction of the append, in this order; see
   * append_events in migration 1. Default: none.
   */
  readonly inlineProjections?: readonly string[];
  /** Signs the head of the log at a fixed pace, see docs/audit.md. Default: no seals. */
  readonly seals?: {
    /** Ed25519 private key, PKCS 8 PEM. */
    readonly key: string;
    /** Time between two seals, milliseconds. */
    readonly intervalMs: number;
  } | null;
  /** Metrics. Default: nobody is told. */
  readonly observer?: EventStoreObserver;
}

export const {
  ConfigurableModuleClass: ConfigurableEventStoreModule,
  MODULE_OPTIONS_TOKEN: EVENT_STORE_OPTIONS,
} = new ConfigurableModuleBuilder<EventStoreModuleOptions>({ moduleName: 'EventStore' })
  .setClassMethodName('forRoot')
  .build();
