import { Body, Controller, Headers, HttpCode, Param, Post, Req } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { CallbackIntake } from '../../callbacks/index.js';
import { CallbackRoute } from '../access/route-access.js';
import { CallbackMetrics } from '../metrics/callback-metrics.js';
import { MalformedCallbackError } from '../problems/wire.errors.js';

/** Where the provider reports. The token was checked before the body was read; query parameters mean nothing. */
@Controller('v1/callbacks/apidot/:task_id/:attempt/:token')
export class CallbacksController {
  constructor(
    private readonly intake: CallbackIntake,
    private readonly metrics: CallbackMetrics,
  ) {}

  /** 200 means: it is in the log. What follows from it comes later. */
  @Post()
  @HttpCode(200)
  @CallbackRoute()
  async receive(
    @Param('task_id') taskId: string,
    @Param('attempt') attempt: string,
    @Param('token') token: string,
    @Headers() headers: Record<string, string>,
    @Body() body: Buffer,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const path = { taskId, attempt, token };
    const { verdict } = await this.intake.record(path, { body, headers, correlationId: request.id });
    this.metrics.recorded(verdict);
    if (verdict === 'malformed') throw new MalformedCallbackError();
    return { ok: true, duplicate: verdict === 'duplicate' };
  }
}
