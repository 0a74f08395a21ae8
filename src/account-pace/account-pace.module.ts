import { Module } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../database/index.js';
import { SharedPace } from '../provider/apidot/index.js';
import { PostgresSharedPace } from './postgres-shared-pace.js';

/**
 * What processes share about the provider account, in PostgreSQL: import it where the provider's options are made and
 * inject `SharedPace` there. Needs the DatabaseModule.
 *
 * @example ApidotModule.forRootAsync({ imports: [AccountPaceModule], inject: [SharedPace], useFactory: (sharedPace) => … })
 */
@Module({
  providers: [
    { provide: SharedPace, inject: [PG_POOL], useFactory: (pool: Pool) => new PostgresSharedPace(pool) },
  ],
  exports: [SharedPace],
})
export class AccountPaceModule {}
