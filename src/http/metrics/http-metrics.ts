import { Injectable } from '@nestjs/common';
import { type FastifyInstance } from 'fastify';
import { Histogram, Registry } from 'prom-client';
import { CallbackMetrics } from './callback-metrics.js';

/** Durations of requests by route. The route is its pattern, so no id or token becomes a label. */
@Injectable()
export class HttpMetrics {
  private readonly durations: Histogram<'method' | 'route' | 'status'>;

  constructor(
    registry: Registry,
    private readonly callbacks: CallbackMetrics,
  ) {
    this.durations = new Histogram({
      name: 'genledger_http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers: [registry],
    });
  }

  watch(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
      const { statusCode } = reply;
      this.durations.observe(
        { method: request.method, route, status: statusCode },
        reply.elapsedTime / 1_000,
      );
      if (request.routeOptions.config?.access?.kind === 'callback') {
        if (statusCode === 404 || statusCode === 429) this.callbacks.refused('wrong_token');
        if (statusCode === 413) this.callbacks.refused('too_large');
      }
      done();
    });
  }
}
