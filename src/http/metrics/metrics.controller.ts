import { Controller, Get, Header } from '@nestjs/common';
import { Registry } from 'prom-client';
import { MetricsRoute } from '../access/route-access.js';

@Controller('metrics')
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @MetricsRoute()
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  collect(): Promise<string> {
    return this.registry.metrics();
  }
}
