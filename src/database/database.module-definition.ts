import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type PoolOptions } from './pool.js';

export interface DatabaseModuleOptions extends PoolOptions {
  /** Bring the schema up to date before anything connects; false: refuse to start unless it is. Default: true. */
  readonly migrate?: boolean;
}

export const { ConfigurableModuleClass: ConfigurableDatabaseModule, MODULE_OPTIONS_TOKEN: DATABASE_OPTIONS } =
  new ConfigurableModuleBuilder<DatabaseModuleOptions>({ moduleName: 'Database' })
    .setClassMethodName('forRoot')
    .build();
