import { ConfigurableModuleBuilder, Global, Module } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../database/index.js';
import { CallbackUrls } from '../tasks/index.js';
import { CallbackIntake } from './callback-intake.js';
import { CALLBACKS_OPTIONS, type CallbacksOptions, LOG_ID } from './callbacks.options.js';
import { SignedCallbackUrls } from './signed-callback-urls.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<CallbacksOptions>({
  optionsInjectionToken: CALLBACKS_OPTIONS,
})
  .setClassMethodName('forRoot')
  .build();

/**
 * What the provider calls back: the URLs it is given and the evidence of what it sends.
 *
 * Global, because the core asks the application around it for CallbackUrls. Needs the DatabaseModule.
 */
@Global()
@Module({
  providers: [
    { provide: LOG_ID, inject: [PG_POOL], useFactory: readLogId },
    { provide: CallbackUrls, useClass: SignedCallbackUrls },
    CallbackIntake,
  ],
  exports: [CallbackUrls, CallbackIntake],
})
export class CallbacksModule extends ConfigurableModuleClass {}

async function readLogId(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('select id from log_identity');
  return rows[0]!.id;
}
