import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { clientConfig, DATABASE_OPTIONS, type DatabaseModuleOptions, PG_POOL } from '../database/index.js';
import { LogSealer } from './audit/log-sealer.js';
import { ScheduledSealing } from './audit/scheduled-sealing.js';
import { SealSigner } from './audit/seal-signer.js';
import {
  ConfigurableEventStoreModule,
  EVENT_STORE_OPTIONS,
  type EventStoreModuleOptions,
} from './event-store.module-definition.js';
import { EventStore } from './event-store.js';
import { PostgresEventStore } from './postgres-event-store.js';

/**
 * The log, for the whole application: inject `EventStore`, or `PostgresEventStore` for `appendIn`. Needs the
 * DatabaseModule.
 *
 * It closes in the last shutdown hook, when the HTTP server has answered its last request and the workers have ended
 * theirs in earlier hooks; then it writes what is queued, within `closeWithinMs`.
 *
 * @example EventStoreModule.forRoot({ inlineProjections: ['project_task'] })
 */
@Global()
@Module({
  providers: [
    {
      provide: PostgresEventStore,
      inject: [EVENT_STORE_OPTIONS, DATABASE_OPTIONS, PG_POOL],
      useFactory: (options: EventStoreModuleOptions, database: DatabaseModuleOptions, pool: pg.Pool) =>
        new PostgresEventStore({
          ...options,
          schema: database.schema,
          connection: clientConfig(database),
          pool,
        }),
    },
    { provide: EventStore, useExisting: PostgresEventStore },
    {
      provide: ScheduledSealing,
      inject: [EVENT_STORE_OPTIONS, DATABASE_OPTIONS, PG_POOL],
      useFactory: ({ seals }: EventStoreModuleOptions, { schema }: DatabaseModuleOptions, pool: pg.Pool) =>
        seals &&
        new ScheduledSealing(new LogSealer(pool, schema, new SealSigner(seals.key)), seals.intervalMs),
    },
  ],
  exports: [EventStore, PostgresEventStore],
})
export class EventStoreModule extends ConfigurableEventStoreModule implements OnApplicationShutdown {
  constructor(private readonly store: PostgresEventStore) {
    super();
  }

  onApplicationShutdown(): Promise<void> {
    return this.store.close();
  }
}
