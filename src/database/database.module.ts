import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import pg from 'pg';
import { checkVersion, connect } from './connection.js';
import {
  ConfigurableDatabaseModule,
  DATABASE_OPTIONS,
  type DatabaseModuleOptions,
} from './database.module-definition.js';
import { migrate } from './migrations/migrate.js';
import { readMigrationFiles } from './migrations/migration-files.js';
import { refuseUnlessCurrent, schemaState } from './migrations/schema-state.js';
import { closePool, createPool, poolConfig, reportLostConnection } from './pool.js';
import { SilentLogger } from './silent-logger.js';

/** Injection token of the `pg.Pool` for hot paths; unqualified names mean our schema, bigint is a number. */
export const PG_POOL = Symbol('PgPool');

/**
 * Name of our TypeORM data source: `@InjectRepository(Entity, DATA_SOURCE)`, `TypeOrmModule.forFeature([…], DATA_SOURCE)`.
 * Not the default one, which belongs to the application that we may be part of.
 */
export const DATA_SOURCE = 'genledger';

/** Resolves when the schema is what this program expects; everything that connects waits for it. */
const SCHEMA_READY = Symbol('SchemaReady');

/** Holds the options, so that TypeORM's module can ask for them as well as ours. */
@Global()
@Module({
  providers: [
    {
      provide: SCHEMA_READY,
      inject: [DATABASE_OPTIONS],
      useFactory: async (options: DatabaseModuleOptions): Promise<true> => {
        if (options.migrate ?? true) await migrate(options);
        else await checkSchema(options);
        return true;
      },
    },
  ],
  exports: [DATABASE_OPTIONS, SCHEMA_READY],
})
class DatabaseOptionsModule extends ConfigurableDatabaseModule {}

/**
 * The database, for the whole application: a TypeORM data source (`DATA_SOURCE`), a pool (`PG_POOL`) and the options for
 * connections of one's own (`DATABASE_OPTIONS`, see `connect`).
 *
 * Both close in the last shutdown hook, `onApplicationShutdown`. Whoever uses them ends its work in
 * `beforeApplicationShutdown` at the latest.
 *
 * @example DatabaseModule.forRoot({ url: 'postgresql://…', schema: 'genledger' })
 */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  static forRoot(options: Parameters<typeof DatabaseOptionsModule.forRoot>[0]): DynamicModule {
    return this.around(DatabaseOptionsModule.forRoot(options));
  }

  static forRootAsync(options: Parameters<typeof DatabaseOptionsModule.forRootAsync>[0]): DynamicModule {
    return this.around(DatabaseOptionsModule.forRootAsync(options));
  }

  private static around(options: DynamicModule): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        options,
        TypeOrmModule.forRootAsync({
          name: DATA_SOURCE,
          imports: [options],
          inject: [DATABASE_OPTIONS, SCHEMA_READY],
          useFactory: typeOrmOptions,
        }),
      ],
      providers: [{ provide: PG_POOL, inject: [DATABASE_OPTIONS, SCHEMA_READY], useFactory: createPool }],
      exports: [PG_POOL, TypeOrmModule, options],
    };
  }

  constructor(@Inject(PG_POOL) private readonly pool: pg.Pool) {}

  async onApplicationShutdown(): Promise<void> {
    await closePool(this.pool);
  }
}

const typeOrmOptions = (options: DatabaseModuleOptions): TypeOrmModuleOptions => ({
  type: 'postgres',
  url: options.url,
  schema: options.schema,
  autoLoadEntities: true,
  // The schema is made by migrations alone.
  synchronize: false,
  installExtensions: false,
  logger: new SilentLogger(),
  poolErrorHandler: reportLostConnection,
  // We have just been connected: trying again for half a minute would only hide the reason.
  retryAttempts: 1,
  retryDelay: 0,
  extra: poolConfig(options),
});

const checkSchema = async (options: DatabaseModuleOptions): Promise<void> => {
  const client = await connect(options);
  try {
    await checkVersion(client);
    refuseUnlessCurrent(
      options.schema,
      await schemaState(client, options.schema, await readMigrationFiles()),
    );
  } finally {
    await client.end();
  }
};
