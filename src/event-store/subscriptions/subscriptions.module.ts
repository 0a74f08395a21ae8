import {
  type BeforeApplicationShutdown,
  ConfigurableModuleBuilder,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type Type,
} from '@nestjs/common';
import pg from 'pg';
import { clientConfig, DATABASE_OPTIONS, type DatabaseModuleOptions, PG_POOL } from '../../database/index.js';
import { PostgresEventStore } from '../postgres-event-store.js';
import { bothObservers, loggedSubscriptions } from './logged-subscriptions.js';
import { type Subscription } from './subscription.js';
import { type SubscriptionsLimits, Subscriptions } from './subscriptions.js';
import { type SubscriptionsObserver } from './subscriptions.observer.js';

export interface SubscriptionsModuleOptions extends SubscriptionsLimits {
  /** False: this process waits for subscriptions and asks about them, but does none of their work. Default true. */
  readonly isWorker?: boolean;
  /** Metrics, beside what is logged. Default: nobody is told. */
  readonly observer?: SubscriptionsObserver;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<SubscriptionsModuleOptions>({ moduleName: 'Subscriptions' })
    .setClassMethodName('forRoot')
    .setExtras({}, (definition) => ({ ...definition, global: true }))
    .build();

/**
 * Checkpointed subscriptions for the whole application: `forRoot` once, `forFeature` wherever one is declared; inject
 * `Subscriptions` to wait for them. Needs the DatabaseModule and the EventStoreModule.
 *
 * They start when the application has started, and stop in `beforeApplicationShutdown`: before the pool and the store
 * close, which is in the last hook.
 *
 * @example SubscriptionsModule.forFeature([TaskCounts])
 */
@Module({
  providers: [
    {
      provide: Subscriptions,
      inject: [MODULE_OPTIONS_TOKEN, PostgresEventStore, DATABASE_OPTIONS, PG_POOL],
      useFactory: (
        options: SubscriptionsModuleOptions,
        store: PostgresEventStore,
        database: DatabaseModuleOptions,
        pool: pg.Pool,
      ) =>
        new Subscriptions(store, {
          ...options,
          observer: bothObservers(loggedSubscriptions(), options.observer ?? {}),
          schema: database.schema,
          connection: clientConfig(database),
          pool,
        }),
    },
  ],
  exports: [Subscriptions],
})
export class SubscriptionsModule
  extends ConfigurableModuleClass
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  /**
   * Declares subscriptions: objects, or classes that Nest makes, with what they inject from `imports`. A class must be a
   * singleton.
   */
  static forFeature(
    subscriptions: readonly (Subscription | Type<Subscription>)[],
    imports: NonNullable<DynamicModule['imports']> = [],
  ): DynamicModule {
    const classes = subscriptions.filter((declared) => typeof declared === 'function');
    const objects = subscriptions.filter((declared) => typeof declared !== 'function');
    return {
      module: DeclaredSubscriptions,
      imports: [...imports],
      providers: [
        ...classes,
        {
          // A token of its own per call, so that Nest makes it for each.
          provide: Symbol('DeclaredSubscriptions'),
          inject: [Subscriptions, ...classes],
          useFactory: (known: Subscriptions, ...made: Subscription[]) =>
            [...objects, ...made].forEach((subscription) => known.add(subscription)),
        },
      ],
      exports: classes,
    };
  }

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: SubscriptionsModuleOptions,
    private readonly subscriptions: Subscriptions,
  ) {
    super();
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.options.isWorker ?? true) await this.subscriptions.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.subscriptions.stop();
  }
}

@Module({})
class DeclaredSubscriptions {}
