import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DATA_SOURCE } from '../database/index.js';
import { systemClock } from '../shared/clock.js';
import { ACCESS_CLOCK } from './access.tokens.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { KeyService } from './key-service.js';
import { KeyUsage } from './key-usage.js';

/** API keys, their owners and scopes. Needs the DatabaseModule. */
@Module({
  imports: [TypeOrmModule.forFeature([ApiKeyEntity], DATA_SOURCE)],
  providers: [{ provide: ACCESS_CLOCK, useValue: systemClock }, KeyUsage, KeyService],
  exports: [KeyService],
})
export class AccessModule {}
