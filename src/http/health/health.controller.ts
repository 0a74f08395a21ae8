import { Controller, Get, Inject, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Public } from '../access/route-access.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http.options.js';
import { ReadinessCheck } from './readiness.js';

@Controller('health')
export class HealthController {
  constructor(
    private readonly readiness: ReadinessCheck,
    @Inject(HTTP_OPTIONS) private readonly options: HttpOptions,
  ) {}

  /** The process runs. Says nothing about the database: restarting us would not help it. */
  @Get('live')
  @Public()
  live(): object {
    return { status: 'ok', version: this.options.version };
  }

  /** 503 takes this process out of the load balancer until it is ready again. */
  @Get('ready')
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const { isReady, checks, degraded } = await this.readiness.check();
    void reply.code(isReady ? 200 : 503);
    const status = !isReady ? 'unavailable' : degraded.length > 0 ? 'degraded' : 'ok';
    return { status, checks, ...(degraded.length > 0 && { degraded }) };
  }
}
